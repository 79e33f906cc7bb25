// The files that are mutated, and those that are compiled with them as they are.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ringfence.Mutation.Generation;

/// <summary>One assembly's source.</summary>
/// <param name="AssemblyName">The assembly.</param>
/// <param name="Trees">Its files, each with the path from the repository's root.</param>
/// <param name="IsMutated">Whether a file is mutated.</param>
internal sealed record LibrarySource(string AssemblyName, IReadOnlyList<SyntaxTree> Trees, Func<string, bool> IsMutated)
{
    /// <summary>How the files are parsed.</summary>
    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14);

    // Of the domains: what decides about rights, not what reports about them.
    private static readonly string[] s_mutatedDomainFiles =
    [
        "CommonTableStrategy", "GrantList", "PerDomainStrategy", "FullSet", "UserSet", "UserModeLeaves", "SharedSet", "SparseUserSet",
        "LeafLinkStrategy", "LeafLinkMemory", "LinkedWindows", "OwnLeafTables", "WindowRun", "StackChange", "Law", "Domain.cs", "Partition.cs",
    ];

    /// <summary>The paging library and the domains of the checkout that holds this program, in the order in which they are compiled.</summary>
    public static IReadOnlyList<LibrarySource> Load(string root) =>
    [
        Load(root, "Ringfence.Paging", static _ => true),
        Load(root, "Ringfence.Domains", static path => s_mutatedDomainFiles.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal))),
    ];

    /// <summary>The top folder of the checkout that holds this program.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ringfence.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("this program lies in no checkout of Ringfence");
    }

    private static LibrarySource Load(string root, string name, Func<string, bool> isMutated)
    {
        string folder = Path.Combine(root, "src", name);
        return new LibrarySource(
            name,
            [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), ParseOptions, Path.GetRelativePath(root, file)))],
            isMutated);
    }
}
