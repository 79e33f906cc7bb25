// A run is made of blocks: many states of one processor that can be cut anywhere, for several threads.

using System.Collections.Generic;
using System.Numerics;
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

/// <summary>The states of a family; a unit is one set of tables under all circumstances.</summary>
/// <param name="Processor">The processor.</param>
/// <param name="IsComplement">Which of the two placements.</param>
/// <param name="Family">The family.</param>
/// <param name="Limit">How many tables, from the first; 0 for all.</param>
public sealed record FamilyBlock(PredictedProcessor Processor, bool IsComplement, StateFamily Family, long Limit = 0)
    : StateBlock(Processor, IsComplement)
{
    private readonly StateSpace _space = new(Processor, Family);
    private readonly StateSpace _pairs = new(Processor, StateFamily.Pairs);

    /// <inheritdoc/>
    public override string Name => Family switch
    {
        StateFamily.Pairs when Limit != 0 => "one level",
        StateFamily.Pairs => "pairs of levels",
        StateFamily.Rights => "rights of all levels",
        _ => "single bits",
    };

    /// <inheritdoc/>
    public override long Length => Limit == 0 ? _space.TableCount : Limit;

    /// <inheritdoc/>
    public override long StateCount => Length * _space.CircumstanceCount;

    /// <inheritdoc/>
    public override long PieceLength => 4096;

    /// <summary>The tables, each with the access and control bits that the family counts first.</summary>
    public IEnumerable<AccessState> Tables()
    {
        for (long index = 0; index < Length; index++)
        {
            yield return _space.At(index, 0);
        }
    }

    /// <inheritdoc/>
    public override Disagreement? Compare(OracleComparison comparison, long begin, long limit, out long newCount)
    {
        newCount = 0;
        int conditionCount = _space.CircumstanceCount / 8;
        for (long index = begin; index < limit; index++)
        {
            AccessState tables = _space.At(index, 0);
            for (int condition = 0; condition < conditionCount; condition++)
            {
                Conditions conditions = tables.Conditions | (Conditions)condition;
                if (comparison.CompareProbes(tables, conditions, compareTranslation: Family != StateFamily.Pairs) is { } disagreement)
                {
                    return disagreement;
                }
            }

            newCount += Family == StateFamily.Rights && _pairs.Contains(tables) ? 0 : _space.CircumstanceCount;
        }

        return null;
    }
}

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
