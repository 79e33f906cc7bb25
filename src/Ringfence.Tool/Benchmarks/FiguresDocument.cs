// The part of a document that shows the figures that are kept; written by the command that keeps them.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Ringfence.Tool.Benchmarks;

/// <summary>Finds and replaces the figures in a document: what lies between two comments.</summary>
public static class FiguresDocument
{
    private const string Begin = "<!-- figures: written by ./ringfence bench --store -->\n";
    private const string End = "<!-- end of figures -->\n";

    /// <summary>The text between the comments for these records.</summary>
    public static string Section(IReadOnlyList<KeptRecord> kept, Baseline baseline)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(baseline);
        BenchRecord[] records = [.. kept.Select(static one => one.Record).Select(
            record => record with { Baseline = baseline.Find(record.Name, record.Parameters, record.Format, record.Strategy) })];
        string[] lines = BenchTable.Format(records, baseline.System).Split('\n');
        return "\n```\n" + string.Join('\n', lines.Select(static line => line.TrimEnd())) + "```\n\n";
    }

    /// <summary>The text between the comments of a document.</summary>
    /// <exception cref="ToolException">It has none.</exception>
    public static string Find(string path)
    {
        (string text, int begin, int end) = Read(path);
        return text[begin..end];
    }

    /// <summary>Replaces it.</summary>
    /// <exception cref="ToolException">The document has no such comments, or cannot be written.</exception>
    public static void Replace(string path, string section)
    {
        (string text, int begin, int end) = Read(path);
        OutputFile.WriteText(path, text[..begin] + section + text[end..]);
    }

    private static (string Text, int Begin, int End) Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw ToolException.Failure($"cannot read {path}: {failure.Message}");
        }

        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = begin < 0 ? -1 : text.IndexOf(End, begin, StringComparison.Ordinal);
        return end < 0
            ? throw ToolException.Failure($"{path} has no place for the figures: the lines '{Begin.TrimEnd()}' and '{End.TrimEnd()}'")
            : (text, begin + Begin.Length, end);
    }
}
