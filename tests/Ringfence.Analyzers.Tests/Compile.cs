// Compiles C# in memory as a project of a given world and kind, and runs the analyzers or the generator over it:
// what the compiler does in a build, without a build.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Ringfence.Analyzers.Generation;
using Xunit;

namespace Ringfence.Analyzers.Tests;

/// <summary>The MSBuild properties that the analyzers and the generator see.</summary>
internal sealed record Project(string? World = "Metal", string? Kind = null)
{
    public static readonly Project Metal = new();
    public static readonly Project Host = new(World: null);
    public static readonly Project Component = new(Kind: "Component");
    public static readonly Project Kernel = new(Kind: "Kernel");
    public static readonly Project GuestTests = new(Kind: "GuestTests");
}

internal static class Compile
{
    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.CSharp14);

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Every analyzer of the assembly, so that no test passes because another rule was not looking.</summary>
    private static readonly ImmutableArray<DiagnosticAnalyzer> s_analyzers =
    [
        .. typeof(RingfenceGenerator).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    public static CSharpCompilation Source(string source, bool allowUnsafe = true) => CSharpCompilation.Create(
        "Subject",
        [CSharpSyntaxTree.ParseText(source, s_parse, "Subject.cs")],
        s_references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: allowUnsafe, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>Ids of the findings with the source each one underlines, as "RF1001 new C()", in order of place.</summary>
    public static async Task<string[]> FindingsAsync(string source, Project? project = null)
    {
        CSharpCompilation compilation = Source(source);
        AssertNoErrors(compilation);
        return await FindingsAsync(compilation, project ?? Project.Metal);
    }

    public static async Task<string[]> FindingsAsync(Compilation compilation, Project project)
    {
        ImmutableArray<Diagnostic> findings = await compilation
            .WithAnalyzers(
                s_analyzers,
                new CompilationWithAnalyzersOptions(
                    new AnalyzerOptions([], new Options(project)),
                    onAnalyzerException: null,
                    concurrentAnalysis: true,
                    logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        return
        [
            .. findings
                .OrderBy(static finding => finding.Location.SourceSpan.Start)
                .ThenBy(static finding => finding.Id, StringComparer.Ordinal)
                .Select(static finding => $"{finding.Id} {finding.Location.SourceTree?.GetText().ToString(finding.Location.SourceSpan)}"),
        ];
    }

    /// <summary>Runs the generator; the result holds its sources by file name, and the compilation with them added.</summary>
    public static Generation Generate(string source, Project project, bool allowUnsafe = true)
    {
        GeneratorDriver driver = CSharpGeneratorDriver
            .Create([new RingfenceGenerator().AsSourceGenerator()], parseOptions: s_parse, optionsProvider: new Options(project))
            .RunGeneratorsAndUpdateCompilation(Source(source, allowUnsafe), out Compilation output, out ImmutableArray<Diagnostic> diagnostics, TestContext.Current.CancellationToken);
        return new Generation(
            driver.GetRunResult().Results.Single().GeneratedSources.ToDictionary(static file => file.HintName, static file => file.SourceText.ToString()),
            output,
            [.. diagnostics.Select(static diagnostic => diagnostic.Id).Order(StringComparer.Ordinal)],
            diagnostics);
    }

    public static AnalyzerConfigOptionsProvider OptionsFor(Project project) => new Options(project);

    public static void AssertNoErrors(Compilation compilation) => Assert.Empty(
        compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(static diagnostic => diagnostic.ToString()));

    private sealed class Options(Project project) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(project);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;
    }

    private sealed class Values(Project project) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = key switch
            {
                "build_property.RingfenceWorld" => project.World,
                "build_property.RingfenceProject" => project.Kind,
                _ => null,
            };
            return value is not null;
        }
    }
}

/// <summary>What a run of the generator left.</summary>
internal sealed record Generation(
    IReadOnlyDictionary<string, string> Sources,
    Compilation Output,
    string[] Ids,
    ImmutableArray<Diagnostic> Diagnostics);
