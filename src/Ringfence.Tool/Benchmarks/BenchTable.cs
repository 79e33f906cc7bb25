// Records for people.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Benchmarks;

/// <summary>Lays records out as tables.</summary>
public static class BenchTable
{
    private const string NoValue = "-";

    // Cells of names; what follows are numbers.
    private const int NameColumnCount = 2;

    private static readonly string[] s_operationHeadings =
        ["operation", "parameters", "instructions", "baseline", "ratio", "entries", "INVLPG", "CR3", "IF off"];

    private static readonly string[] s_sizeHeadings = ["memory", "parameters", "bytes", "baseline", "ratio"];

    /// <summary>
    /// The tables of all formats and strategies among the records: for each a title, operations, memory, and the notes to which a star refers.
    /// </summary>
    /// <param name="records">The records.</param>
    /// <param name="baseline">What the baseline is, in a few words.</param>
    public static string Format(IReadOnlyList<BenchRecord> records, string baseline) =>
        string.Join('\n', records.GroupBy(static record => (record.Format, record.Strategy)).Select(group => FormatImage([.. group], baseline)));

    private static string FormatImage(IReadOnlyList<BenchRecord> records, string baseline)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{records[0].Format}, strategy {records[0].Strategy}; baseline: {baseline}\n");
        text.AppendTable(NameColumnCount, s_operationHeadings, [.. records.Where(static record => record.Instructions is not null).Select(OperationCells)]);
        if (records.Any(static record => record.Bytes is not null))
        {
            text.AppendTable(NameColumnCount, s_sizeHeadings, [.. records.Where(static record => record.Bytes is not null).Select(SizeCells)]);
        }

        IEnumerable<(string Name, string Note)> notes = records.Where(static record => record.Baseline?.Note is not null)
            .Select(static record => (record.Name, record.Baseline!.Note!)).Distinct();
        foreach ((string name, string note) in notes)
        {
            text.Append(CultureInfo.InvariantCulture, $"* {name}: {note}\n");
        }

        return text.ToString();
    }

    private static string[] OperationCells(BenchRecord record) =>
    [
        .. NameCells(record),
        Decimals(record.Instructions),
        Decimals(record.Baseline?.Value),
        Decimals(record.Ratio),
        Count(record.EntryWrites),
        Count(record.InvalidatedPages),
        Count(record.Control3Writes),
        Count(record.InterruptsOffInstructions),
    ];

    private static string[] SizeCells(BenchRecord record) =>
        [.. NameCells(record), Count(record.Bytes), Count(record.Baseline?.Value), Decimals(record.Ratio)];

    private static string[] NameCells(BenchRecord record) =>
    [
        record.Baseline?.Note is null ? record.Name : record.Name + "*",
        record.Parameters == BenchParameters.None ? NoValue : record.Parameters.Text,
    ];

    private static string Decimals(decimal? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? NoValue;

    private static string Count(decimal? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? NoValue;
}
