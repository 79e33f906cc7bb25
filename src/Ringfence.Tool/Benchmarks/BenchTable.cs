// The figures of one format for people.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Ringfence.Tool.Benchmarks;

/// <summary>Lays figures out as a table.</summary>
public static class BenchTable
{
    private const string NoValue = "-";

    private static readonly string[] s_headings = ["operation", "parameter", "instructions", "baseline", "ratio"];

    /// <summary>The table of one format: a title, headings, a row for each record, and the notes that rows refer to by a star.</summary>
    /// <param name="records">Records of one format and strategy, at least one.</param>
    /// <param name="baseline">What the baseline is, in a few words.</param>
    public static string Format(IReadOnlyList<BenchRecord> records, string baseline)
    {
        ArgumentNullException.ThrowIfNull(records);
        List<string[]> rows = [s_headings, .. records.Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, s_headings.Length).Select(column => rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{records[0].Format}, strategy {records[0].Strategy}; baseline: {baseline}\n");
        foreach (string[] row in rows)
        {
            // Names to the left, numbers to the right.
            string line = row[0].PadRight(widths[0]) + string.Concat(row.Skip(1).Select((cell, index) => "  " + cell.PadLeft(widths[index + 1])));
            text.Append(line).Append('\n');
        }

        foreach (BenchRecord record in records.Where(static record => record.Baseline?.Note is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Name(record)} {record.Figure.Parameter}: {record.Baseline!.Note}\n");
        }

        return text.ToString();
    }

    private static string[] Cells(BenchRecord record) =>
    [
        Name(record),
        record.Figure.Parameter == 0 ? NoValue : record.Figure.Parameter.ToString(CultureInfo.InvariantCulture),
        Decimals(record.Figure.Instructions),
        Decimals(record.Baseline?.Instructions),
        Decimals(record.Ratio),
    ];

    private static string Name(BenchRecord record) => record.Baseline?.Note is null ? record.Figure.Name : record.Figure.Name + "*";

    private static string Decimals(decimal? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? NoValue;
}
