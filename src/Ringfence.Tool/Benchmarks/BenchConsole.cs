// Listens to the bench image: figures, the line that says there are no more, and everything else for when it goes wrong.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Emulation;

namespace Ringfence.Tool.Benchmarks;

/// <summary>All that one boot brought.</summary>
/// <param name="Figures">Measured operations.</param>
/// <param name="Sizes">Measured bytes.</param>
/// <param name="Totals">Flushes since boot, from an image built to count; null if it said nothing of them.</param>
public sealed record BenchReport(IReadOnlyList<BenchFigure> Figures, IReadOnlyList<BenchBytes> Sizes, BenchTotals? Totals);

/// <summary>Collects the figures from a bench image's console.</summary>
public sealed class BenchConsole
{
    private const string EndLine = "@end";

    private readonly List<string> _lines = [];
    private bool _ended;

    /// <summary>All lines so far.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Takes a line in.</summary>
    public void Add(string line)
    {
        _lines.Add(line);
        _ended |= line == EndLine;
    }

    /// <summary>The figures of a run that ended as it should.</summary>
    /// <param name="exit">How the machine ended.</param>
    /// <exception cref="ToolException">The machine ended early or with a status, or a line is no figure or repeats another's.</exception>
    public BenchReport Complete(GuestExit exit)
    {
        if (exit.Kind == GuestExitKind.TimedOut)
        {
            throw ToolException.TimedOut($"the bench was ended: {exit}");
        }

        if (!exit.IsSuccess)
        {
            throw ToolException.Failure($"the bench failed: {exit}");
        }

        if (!_ended)
        {
            throw ToolException.Failure($"the bench failed: the machine ended without the line {EndLine}");
        }

        BenchFigure[] figures = [.. _lines.Where(BenchFigure.IsFigure).Select(BenchFigure.Parse)];
        BenchBytes[] sizes = [.. _lines.Where(BenchBytes.IsSize).Select(BenchBytes.Parse)];
        if (figures.Length + sizes.Length == 0)
        {
            throw ToolException.Failure("the bench failed: it reported no figure");
        }

        (string Name, BenchParameters Parameters)[] all =
            [.. figures.Select(static figure => (figure.Name, figure.Parameters)), .. sizes.Select(static size => (size.Name, size.Parameters))];
        foreach ((string name, BenchParameters parameters) in all.GroupBy(static key => key).Where(static group => group.Count() > 1).Select(static group => group.Key))
        {
            throw ToolException.Failure($"the bench failed: it reported {$"{name} {parameters}".TrimEnd()} more than once");
        }

        return new(figures, sizes, _lines.Where(BenchTotals.IsTotals).Select(BenchTotals.Parse).SingleOrDefault());
    }
}
