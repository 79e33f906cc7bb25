// All mutants at once, in one compilation: each is then a number and not an assembly.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Mutation.Generation;

/// <summary>The compiled library.</summary>
/// <param name="Folder">Where its assemblies are.</param>
/// <param name="Mutants">The mutants in it.</param>
/// <param name="MemberCount">How many members have mutants.</param>
/// <param name="RejectedCount">How many changes are no C#.</param>
internal sealed record MutatedLibrary(string Folder, IReadOnlyList<Mutant> Mutants, int MemberCount, int RejectedCount)
{
    // Leaving out mutants with errors uncovers further errors, which the compiler looks for only afterwards.
    private const int RoundsAtMost = 12;

    // What the SDK says; the tests ask for an assembly of this version.
    private const string Version = "[assembly: System.Reflection.AssemblyVersion(\"1.0.0.0\")]";

    private static readonly List<MetadataReference> s_framework = [.. FrameworkReferences()];

    private static readonly CSharpCompilationOptions s_options = new(
        OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        nullableContextOptions: NullableContextOptions.Enable,
        generalDiagnosticOption: ReportDiagnostic.Suppress);

    /// <summary>Makes the mutants of the checkout's library that are wanted, and compiles them into the folder.</summary>
    /// <exception cref="InvalidOperationException">The library itself does not compile in the form in which it can be switched.</exception>
    public static MutatedLibrary Create(string root, string folder, Func<Mutant, bool> isWanted)
    {
        IReadOnlyList<LibrarySource> sources = LibrarySource.Load(root);
        ConstantFields constants = new(CompileAsItIs(sources));
        HashSet<int> rejected = [];
        for (int round = 1; round <= RoundsAtMost; round++)
        {
            MutantWriter writer = new(constants, isWanted, rejected);
            List<Diagnostic> errors = Compile(sources, writer, folder);
            if (errors.Count == 0)
            {
                return new MutatedLibrary(folder, writer.Mutants, writer.MemberCount, rejected.Count);
            }

            List<Diagnostic> own = [.. errors.Where(static error => FindMutant(error) is null)];
            if (own.Count == 0)
            {
                rejected.UnionWith(errors.Select(static error => FindMutant(error)!.Value));
                continue;
            }

            // What changes with a constant that stays one changes the numbers of mutants, too.
            rejected.Clear();
            foreach (Diagnostic error in own)
            {
                if (!constants.Keeps(error.Location.SourceTree!.GetRoot().FindNode(error.Location.SourceSpan)))
                {
                    throw new InvalidOperationException($"the library can't be switched: {error}");
                }
            }
        }

        throw new InvalidOperationException("mutants that can't be compiled come without end");
    }

    private static List<CSharpCompilation> CompileAsItIs(IReadOnlyList<LibrarySource> sources)
    {
        List<CSharpCompilation> compilations = [];
        foreach (LibrarySource source in sources)
        {
            compilations.Add(CSharpCompilation.Create(
                source.AssemblyName, source.Trees, [.. s_framework, .. compilations.Select(static below => below.ToMetadataReference())], s_options));
        }

        return compilations;
    }

    private static List<Diagnostic> Compile(IReadOnlyList<LibrarySource> sources, MutantWriter writer, string folder)
    {
        List<MetadataReference> below = [];
        List<Diagnostic> errors = [];
        foreach (LibrarySource source in sources)
        {
            List<SyntaxTree> trees = [.. source.Trees.Select(tree => writer.Write(tree, source.IsMutated(tree.FilePath)))];
            trees.Add(Parse(Version, "Version.cs"));
            if (below.Count == 0)
            {
                trees.Add(Parse(ReadInjected(), "ActiveMutant.cs"));
            }

            CSharpCompilation compilation = CSharpCompilation.Create(source.AssemblyName, trees, [.. s_framework, .. below], s_options);
            using (FileStream stream = File.Create(Path.Combine(folder, source.AssemblyName + ".dll")))
            {
                errors.AddRange(compilation.Emit(stream).Diagnostics.Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
            }

            below.Add(compilation.ToMetadataReference());
        }

        return errors;
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, LibrarySource.ParseOptions, path, Encoding.UTF8);

    private static IEnumerable<MetadataReference> FrameworkReferences()
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == framework)
            .Select(static path => MetadataReference.CreateFromFile(path));
    }

    private static string ReadInjected()
    {
        using Stream stream = typeof(MutatedLibrary).Assembly.GetManifestResourceStream("ActiveMutant.cs")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The mutant in whose copy the error is; null if it is in the library's own code.</summary>
    private static int? FindMutant(Diagnostic error)
    {
        SyntaxNode? node = error.Location.SourceTree?.GetRoot().FindNode(error.Location.SourceSpan);
        for (; node is not null; node = node.Parent)
        {
            string name = node is MethodDeclarationSyntax method ? method.Identifier.Text : string.Empty;
            int mark = name.IndexOf(MutatedMember.CopyMark, StringComparison.Ordinal);
            if (mark >= 0)
            {
                return int.Parse(name.AsSpan(mark + MutatedMember.CopyMark.Length), CultureInfo.InvariantCulture);
            }

            if (node is SwitchSectionSyntax { Labels: [CaseSwitchLabelSyntax { Value: LiteralExpressionSyntax number }] } section
                && section.Parent is SwitchStatementSyntax { Expression: InvocationExpressionSyntax call }
                && call.ToString().Contains("ActiveMutant.In", StringComparison.Ordinal))
            {
                return (int)number.Token.Value!;
            }
        }

        return null;
    }
}
