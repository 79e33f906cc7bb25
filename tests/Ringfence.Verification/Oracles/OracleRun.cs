// Compares blocks on all processors of the host.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Verification.Oracles;

/// <summary>What became of some blocks.</summary>
/// <param name="StateCount">States compared.</param>
/// <param name="NewCount">How many of them were in no earlier block.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Disagreement">One state on which the oracles differ, or null. After one, the rest isn't compared.</param>
public sealed record OracleResult(long StateCount, long NewCount, TimeSpan Duration, Disagreement? Disagreement)
{
    /// <summary>States a second.</summary>
    public double Rate => StateCount / Math.Max(Duration.TotalSeconds, 1e-9);
}

/// <summary>Runs blocks.</summary>
public static class OracleRun
{
    /// <summary>Compares all states of a block, or up to the first disagreement.</summary>
    public static OracleResult Compare(StateBlock block, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(block);
        Stopwatch watch = Stopwatch.StartNew();
        Disagreement? found = null;
        long newCount = 0;
        long pieceCount = (block.Length + block.PieceLength - 1) / block.PieceLength;
        ParallelOptions options = new() { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(
            0,
            pieceCount,
            options,
            () => new OracleComparison(new Placement(block.Processor, block.IsComplement)),
            (piece, state, comparison) =>
            {
                long begin = piece * block.PieceLength;
                Disagreement? disagreement = block.Compare(comparison, begin, Math.Min(begin + block.PieceLength, block.Length), out long pieceNew);
                Interlocked.Add(ref newCount, pieceNew);
                if (disagreement is not null)
                {
                    Interlocked.CompareExchange(ref found, disagreement, null);
                    state.Stop();
                }

                return comparison;
            },
            static _ => { });
        return new OracleResult(block.StateCount, newCount, watch.Elapsed, found);
    }

    /// <summary>Compares the blocks one after the other, up to the first disagreement.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="onBlock">Is told of each block that was compared.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static OracleResult Compare(IEnumerable<StateBlock> blocks, Action<StateBlock, OracleResult> onBlock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(onBlock);
        OracleResult sum = new(0, 0, TimeSpan.Zero, null);
        foreach (StateBlock block in blocks)
        {
            OracleResult result = Compare(block, cancellationToken);
            onBlock(block, result);
            sum = new OracleResult(
                sum.StateCount + result.StateCount, sum.NewCount + result.NewCount, sum.Duration + result.Duration, result.Disagreement);
            if (result.Disagreement is not null)
            {
                break;
            }
        }

        return sum;
    }
}
