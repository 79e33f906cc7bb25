// The figures that the repository keeps, against which every test run measures: none gets worse without a word.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Ringfence.Tool.Benchmarks;

/// <summary>Compares with figures that are kept, and replaces them.</summary>
public static class StoredFigures
{
    /// <summary>How many percent more instructions an operation may take than is kept.</summary>
    public const decimal AllowedPercent = 2;

    private const decimal PercentPerWhole = 100;

    /// <summary>Everything in which the measured records are worse than the kept ones, or the two sets don't fit.</summary>
    /// <param name="kept">What the repository keeps, of all formats.</param>
    /// <param name="measured">What was measured, of some of them.</param>
    public static IReadOnlyList<string> FindRegressions(IReadOnlyList<KeptRecord> kept, IReadOnlyList<BenchRecord> measured)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(measured);
        HashSet<(string, string)> images = [.. measured.Select(static record => (record.Format, record.Strategy))];
        KeptRecord[] relevant = [.. kept.Where(one => images.Contains((one.Record.Format, one.Record.Strategy)))];
        var now = measured.ToDictionary(static record => record.Key);
        List<string> findings = [];
        foreach (KeptRecord one in relevant)
        {
            if (string.IsNullOrWhiteSpace(one.Reason))
            {
                findings.Add($"{one.Record.Title}: kept without a reason");
            }

            if (now.Remove(one.Record.Key, out BenchRecord? record))
            {
                findings.AddRange(FindRegressions(one.Record, record));
            }
            else
            {
                findings.Add($"{one.Record.Title}: kept, but not measured any more");
            }
        }

        findings.AddRange(now.Values.Select(static record => $"{record.Title}: measured, but not kept"));
        return findings;
    }

    /// <summary>New figures to keep: the reason becomes that of every record that is new or in which anything changed; the others keep theirs.</summary>
    public static IReadOnlyList<KeptRecord> Replace(IReadOnlyList<KeptRecord> kept, IReadOnlyList<BenchRecord> measured, string reason)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(measured);
        var old = kept.ToDictionary(static one => one.Record.Key);
        return
        [
            .. measured.Select(record =>
                old.TryGetValue(record.Key, out KeptRecord? one) && one.Record == record with { Baseline = null } && !string.IsNullOrWhiteSpace(one.Reason)
                    ? new KeptRecord(record, one.Reason)
                    : new KeptRecord(record, reason)),
        ];
    }

    private static IEnumerable<string> FindRegressions(BenchRecord kept, BenchRecord now)
    {
        // A flush is one instruction here, and far more than that on hardware.
        (string What, decimal? Kept, decimal? Now, decimal Percent)[] values =
        [
            ("instructions", kept.Instructions, now.Instructions, AllowedPercent),
            ("bytes", kept.Bytes, now.Bytes, 0),
            ("INVLPG", kept.InvalidatedPages, now.InvalidatedPages, 0),
            ("CR3 writes", kept.Control3Writes, now.Control3Writes, 0),
        ];
        foreach ((string what, decimal? before, decimal? after, decimal percent) in values)
        {
            if (before is not null && after is null)
            {
                yield return $"{now.Title}: {what} not measured any more";
            }
            else if (before is { } limit && after is { } value && value > limit * (1 + (percent / PercentPerWhole)))
            {
                string allowed = percent == 0 ? "none more is allowed" : string.Create(CultureInfo.InvariantCulture, $"{percent} % more are allowed");
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now.Title}: {limit:0.##} {what} became {value:0.##} ({BenchComparison.Percent(limit, value)}); {allowed}");
            }
        }
    }
}
