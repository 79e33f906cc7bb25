// Which states there are, counted densely: a run can be split by index, stopped, and taken up again.

namespace Ringfence.Simulator.Prediction;

/// <summary>Families of tables.</summary>
public enum StateFamily
{
    /// <summary>Every combination of the flags of any two levels, all other levels open. For IA-32 that is every state there is.</summary>
    Pairs,

    /// <summary>Every combination of R/W, U/S and XD of all levels together, for each page size; nothing stops the walk.</summary>
    Rights,

    /// <summary>Every single bit of one entry that no flag stands for, inverted, for each page size, in an entry that is open or differs in P, R/W or U/S.</summary>
    SingleBits,
}

/// <summary>
/// The states of one family as a rectangle: tables (which entries) by circumstances (control bits and access). All are legal and no two are alike. Whichever is
/// cheaper to change is counted in the inner loop.
/// </summary>
/// <param name="processor">The processor.</param>
/// <param name="family">The family.</param>
public readonly struct StateSpace(PredictedProcessor processor, StateFamily family)
{
    // What varies in SingleBits beside the bit: nothing, or one of P, R/W and U/S.
    private const int VariantCount = 4;

    private readonly PredictedProcessor _processor = processor;

    /// <summary>How many tables there are.</summary>
    public long TableCount => family switch
    {
        StateFamily.Pairs => PairCount(),
        StateFamily.Rights => RightsCount(),
        _ => SingleBitCount(),
    };

    /// <summary>How many tables of <see cref="StateFamily.Pairs"/>, from the first, have at most one level that is not open.</summary>
    public long OneLevelTableCount => 1 + (_processor.LevelCount * DepartureCount);

    /// <summary>How many combinations of control bits and accesses there are: all that the format has, but that CR4.PSE is always set in single bits of IA-32.</summary>
    public int CircumstanceCount => 8 * ((int)(_processor.MeaningfulConditions & ~FixedConditions) + 1);

    /// <summary>How many states there are.</summary>
    public long Count => TableCount * CircumstanceCount;

    /// <summary>A state.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1. Accesses change fastest, then control bits, then tables.</param>
    public AccessState this[long index] => At(index / CircumstanceCount, (int)(index % CircumstanceCount));

    /// <summary>A state by the tables and by what happens on them.</summary>
    /// <param name="tables">0 to <see cref="TableCount"/> - 1.</param>
    /// <param name="circumstances">0 to <see cref="CircumstanceCount"/> - 1; the three lowest bits are the access, the others the control bits.</param>
    public AccessState At(long tables, int circumstances)
    {
        AccessState state = AccessState.Open(_processor).With((Conditions)(circumstances >> 3) | FixedConditions, (Probe)(circumstances & 7));
        return family switch
        {
            StateFamily.Pairs => Pair(state, tables),
            StateFamily.Rights => Rights(state, tables),
            _ => SingleBit(state, tables),
        };
    }

    /// <summary>Whether a state is one of this family: how families and other choices of states are counted together without counting one twice.</summary>
    /// <param name="state">A state of the processor's format.</param>
    public bool Contains(AccessState state)
    {
        switch (family)
        {
            case StateFamily.Pairs:
                return state.ExtraLevel == 0 && CountDepartures(state) <= 2;
            case StateFamily.Rights:
                return state.ExtraLevel == 0 && IsRights(state);
            default:
                return state.ExtraLevel != 0;
        }
    }

    // Without CR4.PSE, PS is just an ignored bit, and what could be inverted in the address of a page would be in that of a table.
    private Conditions FixedConditions =>
        family == StateFamily.SingleBits && _processor.Format == TableFormat.Ia32 ? Conditions.PageSizeExtensions : Conditions.None;

    // Values of one level's flags other than the open ones.
    private long DepartureCount => (_processor.Format == TableFormat.Ia32 ? 256 : 512) - 1;

    private long PairCount()
    {
        long levels = _processor.LevelCount;
        return OneLevelTableCount + (levels * (levels - 1) / 2 * DepartureCount * DepartureCount);
    }

    // Disjoint blocks: no level departs from the open flags, one does, two do. So no state is counted twice.
    private AccessState Pair(AccessState state, long index)
    {
        if (index == 0)
        {
            return state;
        }

        index--;
        long departures = DepartureCount;
        int levels = _processor.LevelCount;
        if (index < levels * departures)
        {
            return Depart(state, 1 + (int)(index / departures), index % departures);
        }

        index -= levels * departures;
        long block = departures * departures;
        for (int upper = 2; upper <= levels; upper++)
        {
            for (int lower = 1; lower < upper; lower++)
            {
                if (index < block)
                {
                    return Depart(Depart(state, lower, index % departures), upper, index / departures);
                }

                index -= block;
            }
        }

        return state;
    }

    private AccessState Depart(AccessState state, int level, long departure)
    {
        int open = (int)_processor.OpenFlags(level);
        int flags = (int)departure < open ? (int)departure : (int)departure + 1;
        if (_processor.Format == TableFormat.Ia32)
        {
            // Eight flags in nine places: no XD.
            const int BelowExecuteDisable = (int)EntryTraits.ExecuteDisable - 1;
            flags = (flags & BelowExecuteDisable) | ((flags & ~BelowExecuteDisable) << 1);
        }

        return state.WithFlags(level, (EntryTraits)flags);
    }

    private int CountDepartures(AccessState state)
    {
        int count = 0;
        for (int level = 1; level <= _processor.LevelCount; level++)
        {
            count += state.Flags(level) != _processor.OpenFlags(level) ? 1 : 0;
        }

        return count;
    }

    private int RightsBitCount => _processor.Format == TableFormat.Ia32 ? 2 : 3;

    // Levels whose entries hold rights, and levels that can hold the leaf (with all control bits set).
    private int RightsLevelCount => _processor.Format == TableFormat.Pae ? 2 : _processor.LevelCount;

    private int LeafLevelCount => _processor.HasGibibytePages ? 3 : 2;

    private long RightsCount()
    {
        long count = 0;
        for (int leaf = 1; leaf <= LeafLevelCount; leaf++)
        {
            count += 1L << (RightsBitCount * (RightsLevelCount - leaf + 1));
        }

        return count;
    }

    private AccessState Rights(AccessState state, long index)
    {
        for (int leaf = 1; leaf <= LeafLevelCount; leaf++)
        {
            long block = 1L << (RightsBitCount * (RightsLevelCount - leaf + 1));
            if (index >= block)
            {
                index -= block;
                continue;
            }

            for (int level = leaf; level <= RightsLevelCount; level++)
            {
                EntryTraits flags = EntryTraits.Present | (EntryTraits)(int)((index & 3) << 1);
                flags |= RightsBitCount == 3 && (index & 4) != 0 ? EntryTraits.ExecuteDisable : 0;
                flags |= level == leaf && leaf > 1 ? EntryTraits.Size : 0;
                state = state.WithFlags(level, flags);
                index >>= RightsBitCount;
            }

            break;
        }

        return state;
    }

    // What lies above the leaf has rights and nothing else, what lies below it is open.
    private bool IsRights(AccessState state)
    {
        const EntryTraits Rights = EntryTraits.Writable | EntryTraits.User | EntryTraits.ExecuteDisable;
        int leaf = LeafLevelCount;
        while (leaf > 1 && (state.Flags(leaf) & EntryTraits.Size) == 0)
        {
            leaf--;
        }

        for (int level = 1; level <= _processor.LevelCount; level++)
        {
            EntryTraits flags = state.Flags(level);
            EntryTraits expected = level == leaf && leaf > 1 ? EntryTraits.Present | EntryTraits.Size : EntryTraits.Present;
            bool isWithin = level >= leaf && level <= RightsLevelCount ? (flags & ~Rights) == expected : flags == _processor.OpenFlags(level);
            if (!isWithin)
            {
                return false;
            }
        }

        return true;
    }

    // The bit is counted for each variant, leaf and level.
    private long SingleBitCount()
    {
        long count = 0;
        for (int leaf = 1; leaf <= LeafLevelCount; leaf++)
        {
            for (int level = 1; level <= _processor.LevelCount; level++)
            {
                for (int bit = 0; bit < _processor.EntryBitCount; bit++)
                {
                    count += IsCounted(leaf, level, bit) ? VariantCount : 0;
                }
            }
        }

        return count;
    }

    private AccessState SingleBit(AccessState state, long index)
    {
        int variant = (int)(index % VariantCount);
        index /= VariantCount;
        for (int leaf = 1; leaf <= LeafLevelCount; leaf++)
        {
            for (int level = 1; level <= _processor.LevelCount; level++)
            {
                for (int bit = 0; bit < _processor.EntryBitCount; bit++)
                {
                    if (IsCounted(leaf, level, bit) && index-- == 0)
                    {
                        EntryTraits varied = variant == 0 ? EntryTraits.None : (EntryTraits)(1 << (variant - 1));
                        state = WithLeaf(state, leaf);
                        return state.WithFlags(level, state.Flags(level) ^ varied).WithExtraBit(level, bit);
                    }
                }
            }
        }

        return state;
    }

    private bool IsCounted(int leaf, int level, int bit)
    {
        AccessState state = WithLeaf(AccessState.Open(_processor), leaf).With(FixedConditions, Probe.UserRead);
        return EntryEncoding.CanBeExtra(_processor, state, level, bit);
    }

    private static AccessState WithLeaf(AccessState state, int leaf) =>
        leaf == 1 ? state : state.WithFlags(leaf, state.Flags(leaf) | EntryTraits.Size);
}
