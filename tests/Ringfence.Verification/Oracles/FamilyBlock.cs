// Blocks of states that are counted through: a family of tables, under all circumstances.

using System.Collections.Generic;
using Ringfence.Simulator.Prediction;

namespace Ringfence.Verification.Oracles;

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
