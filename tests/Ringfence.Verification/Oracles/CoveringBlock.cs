// Blocks of states that are chosen: the rows of a covering array.

using System.Numerics;
using Ringfence.Simulator.Prediction;

namespace Ringfence.Verification.Oracles;

/// <summary>The rows of a covering array; a unit is one row.</summary>
/// <param name="Processor">The processor.</param>
/// <param name="IsComplement">Which of the two placements.</param>
/// <param name="Powers">Half the strength, rounded down.</param>
public sealed record CoveringBlock(PredictedProcessor Processor, bool IsComplement, int Powers) : StateBlock(Processor, IsComplement)
{
    private readonly CoveringArray _array = new(Processor, Powers);
    private readonly StateSpace _pairs = new(Processor, StateFamily.Pairs);
    private readonly StateSpace _rights = new(Processor, StateFamily.Rights);

    /// <inheritdoc/>
    public override string Name => $"any {_array.Strength} conditions";

    /// <inheritdoc/>
    public override long Length => _array.Count;

    /// <inheritdoc/>
    public override long StateCount => _array.Count;

    /// <inheritdoc/>
    public override long PieceLength => 1 << 18;

    /// <inheritdoc/>
    public override Disagreement? Compare(OracleComparison comparison, long begin, long limit, out long newCount)
    {
        ulong[] basis = new ulong[_array.BasisCount];
        for (int index = 0; index < basis.Length; index++)
        {
            basis[index] = _array.Basis(index).Bits;
        }

        newCount = 0;
        ulong row = _array[begin ^ (begin >> 1)].Bits;
        for (long index = begin; index < limit; index++)
        {
            AccessState state = new(row);
            if (comparison.Compare(state) is { } disagreement)
            {
                return disagreement;
            }

            newCount += _pairs.Contains(state) || _rights.Contains(state) ? 0 : 1;
            row ^= basis[BitOperations.TrailingZeroCount(index + 1) % basis.Length];
        }

        return null;
    }
}
