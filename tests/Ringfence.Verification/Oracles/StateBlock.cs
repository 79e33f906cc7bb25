// A run is made of blocks: many states of one processor that can be cut anywhere, for several threads.

using Ringfence.Simulator.Prediction;

namespace Ringfence.Verification.Oracles;

/// <summary>States to compare.</summary>
/// <param name="Processor">The processor.</param>
/// <param name="IsComplement">Which of the two placements.</param>
public abstract record StateBlock(PredictedProcessor Processor, bool IsComplement)
{
    /// <summary>What the states are, in a few words.</summary>
    public abstract string Name { get; }

    /// <summary>How many units of work there are.</summary>
    public abstract long Length { get; }

    /// <summary>How many states there are.</summary>
    public abstract long StateCount { get; }

    /// <summary>Units of work in a piece that is worth a thread's while.</summary>
    public abstract long PieceLength { get; }

    /// <summary>Compares the states of some units.</summary>
    /// <param name="comparison">On the processor and placement of the block.</param>
    /// <param name="begin">The first unit.</param>
    /// <param name="limit">The unit behind the last.</param>
    /// <param name="newCount">How many of the states are in none of the blocks that are counted before this one.</param>
    /// <returns>The first disagreement, or null.</returns>
    public abstract Disagreement? Compare(OracleComparison comparison, long begin, long limit, out long newCount);
}
