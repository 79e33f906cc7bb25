// Compiles C# as a metal project does, without a build: against the reference assemblies and nothing else.
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Ringfence.CoreLib.Tests;

/// <summary>C# compiled against the reference assemblies.</summary>
internal static class MetalCompilation
{
    public static CSharpCompilation Of(string source, string name = "Sample") => CSharpCompilation.Create(
        name,
        [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.CSharp14))],
        BuildOutput.Names.Select(BuildOutput.Reference).Append(BuildOutput.Cases).Select(path => MetadataReference.CreateFromFile(path)),
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>The identifiers of the errors that building the source gives, each once.</summary>
    public static IReadOnlyList<string> ErrorsOf(string source)
    {
        using var assembly = new MemoryStream();
        return [.. Of(source).Emit(assembly).Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).Select(found => found.Id).Distinct()];
    }

    public static void EmitTo(string path, string source)
    {
        var result = Of(source, Path.GetFileNameWithoutExtension(path)).Emit(path);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }
}
