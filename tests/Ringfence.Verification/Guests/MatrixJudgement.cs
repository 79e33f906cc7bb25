// Compares what a run said with what is known of its emulator, in both directions.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Emulation;

namespace Ringfence.Verification.Guests;

/// <summary>The judge.</summary>
public static class MatrixJudgement
{
    // Without these a run would have shown nothing.
    private static readonly string[] s_endings = ["done", "absent", "reserved", "denied"];

    /// <summary>Says what is wrong with a run; nothing if all its differences are known and all known ones occurred.</summary>
    /// <param name="log">What the guest said.</param>
    /// <param name="format">The guest's format.</param>
    /// <param name="known">The emulator's known differences, in any format.</param>
    public static IReadOnlyList<string> Judge(MatrixLog log, GuestFormat format, IReadOnlyList<KnownDifference> known)
    {
        ArgumentNullException.ThrowIfNull(log);
        KnownDifference[] applicable = [.. known.Where(difference => difference.Formats.Contains(format))];
        return
        [
            .. s_endings.Where(ending => !log.Predicted.Keys.Any(key => key.Ending == ending)).Select(static ending => $"no access was predicted to end as {ending}"),
            .. FindUnknown(log, applicable),
            .. applicable.SelectMany(difference => FindMissing(log, difference)),
        ];
    }

    private static IEnumerable<string> FindUnknown(MatrixLog log, KnownDifference[] known) =>
        from entry in log.Differences
        let matrixClass = entry.Key.Class
        let difference = entry.Key.Difference
        where !known.Any(one => one.Covers(matrixClass) && one.DifferenceIn(matrixClass) == difference)
        select $"not known: {matrixClass}: {difference}, {entry.Value:N0} of {log.Predicted.GetValueOrDefault(matrixClass):N0}; {log.ExampleOf(matrixClass, difference)}";

    private static IEnumerable<string> FindMissing(MatrixLog log, KnownDifference known)
    {
        MatrixClass[] covered = [.. log.Predicted.Keys.Where(known.Covers)];
        if (covered.Sum(matrixClass => CountIn(log, known, matrixClass)) == 0)
        {
            return [$"known, and no longer so: {string.Join('/', known.Endings)}: {known.Difference} ({known.Reason})"];
        }

        return known.Extent == DifferenceExtent.Part
            ? []
            : from matrixClass in covered
              where CountIn(log, known, matrixClass) != log.Predicted[matrixClass]
              select $"known to be so always, and isn't: {matrixClass}: {known.DifferenceIn(matrixClass)}, "
                  + $"{CountIn(log, known, matrixClass):N0} of {log.Predicted[matrixClass]:N0}";
    }

    private static long CountIn(MatrixLog log, KnownDifference known, MatrixClass matrixClass) =>
        log.Differences.GetValueOrDefault((matrixClass, known.DifferenceIn(matrixClass)));
}
