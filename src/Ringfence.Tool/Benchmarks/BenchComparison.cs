// What changed between two sets of records.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Ringfence.Tool.Benchmarks;

/// <summary>Compares records of the same operations.</summary>
public static class BenchComparison
{
    private const decimal PercentPerWhole = 100;

    /// <summary>A line for each record that changed, is new or has vanished; one that says so if there is none.</summary>
    /// <param name="before">The records to compare with.</param>
    /// <param name="now">The records measured, of some formats at least; of others nothing is said.</param>
    public static IReadOnlyList<string> Describe(IReadOnlyList<BenchRecord> before, IReadOnlyList<BenchRecord> now)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(now);
        var old = before.ToDictionary(static record => record.Key);
        HashSet<(string, string)> measured = [.. now.Select(static record => (record.Format, record.Strategy))];
        HashSet<(string, string, string, BenchParameters)> kept = [.. now.Select(static record => record.Key)];
        string[] lines =
        [
            .. now.Select(record => old.TryGetValue(record.Key, out BenchRecord? previous) ? Changes(previous, record) : $"{record.Title}: new, {Amount(record)}").OfType<string>(),
            .. before.Where(record => measured.Contains((record.Format, record.Strategy)) && !kept.Contains(record.Key))
                .Select(static record => $"{record.Title}: vanished, was {Amount(record)}"),
        ];
        return lines.Length == 0 ? ["nothing changed"] : lines;
    }

    /// <summary>By how much a value is more than another, in percent and with a sign.</summary>
    public static string Percent(decimal before, decimal now) => before == 0
        ? "from nothing"
        : string.Create(CultureInfo.InvariantCulture, $"{((now / before) - 1) * PercentPerWhole:+0.0#;-0.0#;0.0} %");

    private static string? Changes(BenchRecord before, BenchRecord now)
    {
        (string What, decimal? Before, decimal? Now)[] values =
        [
            ("instructions", before.Instructions, now.Instructions),
            ("entry writes", before.EntryWrites, now.EntryWrites),
            ("INVLPG", before.InvalidatedPages, now.InvalidatedPages),
            ("CR3 writes", before.Control3Writes, now.Control3Writes),
            ("instructions with interrupts off", before.InterruptsOffInstructions, now.InterruptsOffInstructions),
            ("bytes", before.Bytes, now.Bytes),
        ];
        string[] changes = [.. values.Where(static value => value.Before != value.Now).Select(static value => Change(value.What, value.Before, value.Now))];
        return changes.Length == 0 ? null : $"{now.Title}: {string.Join("; ", changes)}";
    }

    private static string Change(string what, decimal? before, decimal? now)
    {
        string change = string.Create(CultureInfo.InvariantCulture, $"{what} {Number(before)} to {Number(now)}");
        return before is { } old && now is { } value ? $"{change} ({Percent(old, value)})" : change;
    }

    private static string Amount(BenchRecord record) => $"{Number(record.Value)} {(record.Bytes is null ? "instructions" : "bytes")}";

    private static string Number(decimal? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "not counted";
}
