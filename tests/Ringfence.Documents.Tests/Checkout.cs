// The files that the documents are about.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Ringfence.Documents.Tests;

/// <summary>The working tree that these tests were built from.</summary>
internal static class Checkout
{
    private static readonly string[] s_sourceFolders = ["src", "samples", "tests", "eng", "docs"];

    /// <summary>Absolute path of the root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Relative paths of everything below the folders that hold sources.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. s_sourceFolders.SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Root))
            .Select(static path => Path.GetRelativePath(Root, path))
            .Order(StringComparer.Ordinal)];

    /// <summary>Whether a file or folder exists, given relative to the root.</summary>
    public static bool Has(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>The text of a file, given relative to the root, with line feeds only.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Ringfence.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Ringfence.slnx.");
    }
}
