// As much of Markdown as these documents use: fenced blocks, inline code, links, headings, tables.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Ringfence.Documents.Tests;

/// <summary>A fenced block: the last line of prose above it, and its content without the indentation of its fence.</summary>
internal sealed record CodeBlock(string Introduction, string Content);

/// <summary>A Markdown file.</summary>
internal sealed partial class Document
{
    private readonly string _prose;

    public Document(string path)
    {
        Path = path;
        List<string> prose = [];
        List<CodeBlock> blocks = [];
        string introduction = string.Empty;
        List<string>? block = null;
        int indentation = 0;
        foreach (string line in Checkout.Read(path).Split('\n'))
        {
            bool isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (block is not null)
            {
                if (isFence)
                {
                    blocks.Add(new CodeBlock(introduction, string.Join('\n', block)));
                    block = null;
                }
                else
                {
                    block.Add(line.Length == 0 ? line : line[indentation..]);
                }
            }
            else if (isFence)
            {
                block = [];
                indentation = line.Length - line.TrimStart().Length;
            }
            else
            {
                prose.Add(line);
                introduction = line.Length == 0 ? introduction : line;
            }
        }

        _prose = string.Join('\n', prose);
        Blocks = blocks;
    }

    /// <summary>Every document of the repository.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Checkout.Files.Where(static path => path.EndsWith(".md", StringComparison.Ordinal))];

    /// <summary>Relative to the root.</summary>
    public string Path { get; }

    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>Targets of links and pictures.</summary>
    public IEnumerable<string> Links => Link().Matches(_prose).Select(static match => match.Groups["target"].Value);

    /// <summary>What stands between single backticks.</summary>
    public IEnumerable<string> InlineCode => Code().Matches(_prose).Select(static match => match.Groups["code"].Value);

    /// <summary>The names by which links can point into this document.</summary>
    public IEnumerable<string> Anchors =>
        Heading().Matches(_prose).Select(static match => AnchorOf(match.Groups["text"].Value))
            .Concat(Anchor().Matches(_prose).Select(static match => match.Groups["id"].Value));

    /// <summary>The cells of all rows of tables, header rows included.</summary>
    public IEnumerable<string[]> TableRows => _prose.Split('\n')
        .Where(static line => line.StartsWith('|'))
        .Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    /// <summary>The path, relative to the root, that a link or a name in this document means.</summary>
    public string Resolve(string target) => System.IO.Path.GetRelativePath(
        Checkout.Root, System.IO.Path.GetFullPath(System.IO.Path.Combine(Checkout.Root, System.IO.Path.GetDirectoryName(Path)!, target)));

    private static string AnchorOf(string heading) =>
        new([.. heading.ToLowerInvariant().Where(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_').Select(static c => c == ' ' ? '-' : c)]);

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("(?<!`)`(?<code>[^`\n]+)`(?!`)")]
    private static partial Regex Code();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("<a id=\"(?<id>[^\"]+)\"")]
    private static partial Regex Anchor();
}
