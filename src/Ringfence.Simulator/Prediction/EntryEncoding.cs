// From the flags of a state to the bits of real entries: for the host that builds tables in simulated memory, and for a guest that builds real ones.

namespace Ringfence.Simulator.Prediction;

/// <summary>Where each condition of a state stands in an entry.</summary>
public static class EntryEncoding
{
    private const int IgnoredBit = 9;
    private const int OtherIgnoredBit = 10;
    private const int ExecuteDisableBit = 63;

    // P, R/W, U/S, A, D and bit 7.
    private const ulong FlagsInLowByte = 0xE7;

    /// <summary>Whether the entry of a level maps a page, if it is present and a walk gets there.</summary>
    /// <param name="processor">The processor.</param>
    /// <param name="state">The state.</param>
    /// <param name="level">1 for a PTE.</param>
    public static bool IsLeaf(PredictedProcessor processor, AccessState state, int level) =>
        level == 1 || ((state.Flags(level) & EntryTraits.Size) != 0 && processor.CanBeLarge(level, state.Conditions));

    /// <summary>The value that a state asks for in the entry of a level.</summary>
    /// <param name="processor">The processor.</param>
    /// <param name="state">The state.</param>
    /// <param name="level">1 for a PTE.</param>
    /// <param name="address">
    /// Where <see cref="IsLeaf"/>: physical address of the page, aligned to its size; otherwise of the next table. A multiple of 4 KiB, within the physical-address width.
    /// </param>
    public static ulong Entry(PredictedProcessor processor, AccessState state, int level, ulong address)
    {
        EntryTraits flags = state.Flags(level);
        bool isLarge = level > 1 && IsLeaf(processor, state, level);
        ulong entry = isLarge && processor.Format == TableFormat.Ia32
            ? (address & 0xFFC0_0000) | (((address >> 32) & 0xFF) << 13)
            : address;

        // P, R/W and U/S stand at their own place; bit 7, A and D are one run of bits in another order.
        uint low = (uint)flags;
        entry |= low & 7;
        entry |= (low & (uint)EntryTraits.Size) << 4;
        entry |= (low & (uint)(EntryTraits.Accessed | EntryTraits.Dirty)) << 1;
        entry |= (flags & EntryTraits.ExecuteDisable) != 0 ? 1ul << ExecuteDisableBit : 0;
        entry |= (flags & EntryTraits.BeyondWidth) != 0 ? 1ul << BeyondWidthBit(processor, isLarge) : 0;
        entry |= (flags & EntryTraits.FormatReserved) != 0 ? 1ul << FormatReservedBit(processor, level, isLarge) : 0;
        return state.ExtraLevel == level ? entry ^ (1ul << state.ExtraBit) : entry;
    }

    /// <summary>
    /// Whether a bit may be the extra bit of a state: it exists, no flag stands for it, and it is no part of the address of a table, which no prediction
    /// could follow.
    /// </summary>
    /// <param name="processor">The processor.</param>
    /// <param name="state">Flags and conditions of the state.</param>
    /// <param name="level">1 for a PTE.</param>
    /// <param name="bit">The number of the bit.</param>
    public static bool CanBeExtra(PredictedProcessor processor, AccessState state, int level, int bit)
    {
        bool isLeaf = IsLeaf(processor, state, level);
        bool isLarge = isLeaf && level > 1;
        if (bit >= processor.EntryBitCount
            || (bit < 8 && ((FlagsInLowByte >> bit) & 1) != 0)
            || bit == ExecuteDisableBit
            || bit == BeyondWidthBit(processor, isLarge)
            || bit == FormatReservedBit(processor, level, isLarge))
        {
            return false;
        }

        return isLeaf || bit < 12 || bit >= processor.PhysicalAddressBits;
    }

    /// <summary>The bit that stands for <see cref="EntryTraits.BeyondWidth"/>.</summary>
    internal static int BeyondWidthBit(PredictedProcessor processor, bool isLarge)
    {
        int width = processor.PhysicalAddressBits;
        return processor.Format == TableFormat.Ia32
            ? isLarge && width < 40 ? 13 + (width - 32) : OtherIgnoredBit
            : width < 52 ? width : OtherIgnoredBit;
    }

    /// <summary>The bit that stands for <see cref="EntryTraits.FormatReserved"/>.</summary>
    internal static int FormatReservedBit(PredictedProcessor processor, int level, bool isLarge) => processor.Format switch
    {
        TableFormat.Ia32 => isLarge ? 21 : IgnoredBit,
        TableFormat.Pae => isLarge ? 13 : level < 3 ? 52 : IgnoredBit,
        _ => isLarge ? 13 : IgnoredBit,
    };

    /// <summary>Whether a bit that is no flag's own is reserved in a present entry (Intel SDM vol. 3A tables 4-4 to 4-20).</summary>
    internal static bool IsReserved(PredictedProcessor processor, int level, bool isLarge, int bit)
    {
        int width = processor.PhysicalAddressBits;
        switch (processor.Format)
        {
            case TableFormat.Ia32:
                return isLarge && (bit == 21 || (bit >= 13 && bit < 21 && bit - 13 + 32 >= width));
            case TableFormat.Pae:
                return bit >= width || (isLarge && bit >= 13 && bit < 21) || (level == 3 && bit == 8);
            default:
                return (bit >= width && bit < 52) || (isLarge && bit >= 13 && bit < processor.PageShift(level));
        }
    }

    /// <summary>What an inverted bit of a leaf changes in the physical address; 0 for a bit that is no part of it.</summary>
    internal static ulong AddressChange(PredictedProcessor processor, int level, int bit)
    {
        if (processor.Format == TableFormat.Ia32)
        {
            return level == 2 && bit >= 13 && bit < 21 ? 1ul << (bit - 13 + 32) : bit >= processor.PageShift(level) ? 1ul << bit : 0;
        }

        return bit >= processor.PageShift(level) && bit < 52 ? 1ul << bit : 0;
    }
}
