// One row of everything that shows, keeps or compares measurements.

using System;

namespace Ringfence.Tool.Benchmarks;

/// <summary>What was measured of one operation in one image. It has instructions or bytes.</summary>
/// <param name="Name">The operation.</param>
/// <param name="Format">Paging format of the image.</param>
/// <param name="Strategy">Page-table strategy of the image.</param>
/// <param name="Parameters">What it was measured with.</param>
public sealed record BenchRecord(string Name, string Format, string Strategy, BenchParameters Parameters)
{
    /// <summary>Executed instructions of one operation.</summary>
    public decimal? Instructions { get; init; }

    /// <summary>Page-table entries written by one operation.</summary>
    public decimal? EntryWrites { get; init; }

    /// <summary>INVLPG instructions of one operation.</summary>
    public decimal? InvalidatedPages { get; init; }

    /// <summary>Writes of CR3 of one operation.</summary>
    public decimal? Control3Writes { get; init; }

    /// <summary>The longest run of instructions with interrupts off while it was measured.</summary>
    public decimal? InterruptsOffInstructions { get; init; }

    /// <summary>Bytes of memory.</summary>
    public decimal? Bytes { get; init; }

    /// <summary>What instructions or bytes are compared with; null where there is nothing.</summary>
    public BaselineFigure? Baseline { get; init; }

    /// <summary>The one of instructions and bytes that it has.</summary>
    public decimal Value => Instructions ?? Bytes ?? throw new InvalidOperationException($"{this} has neither instructions nor bytes.");

    /// <summary>The value by the baseline's, rounded to two decimals: below 1 is better. Null without a baseline, and where that is 0.</summary>
    public decimal? Ratio =>
        Baseline is null or { Value: 0 } ? null : Math.Round(Value / Baseline.Value, 2, MidpointRounding.AwayFromZero);

    /// <summary>By what it is told from other records.</summary>
    public (string Format, string Strategy, string Name, BenchParameters Parameters) Key => (Format, Strategy, Name, Parameters);

    /// <summary>The record as one says it: format, strategy, operation, parameters.</summary>
    public string Title => $"{Format} {Strategy} {Name} {Parameters}".TrimEnd();
}
