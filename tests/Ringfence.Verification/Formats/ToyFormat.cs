// A format so small that everything can be tried on it. It is data alone: no walk or edit knows that it is there.

using Ringfence.Paging;

namespace Ringfence.Verification.Formats;

/// <summary>Two levels of four 32-bit entries, 16 pages in all; leaves of one and of four pages. Bits are those of 32-bit paging.</summary>
public readonly struct ToyFormat : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;

    /// <inheritdoc/>
    public static int LevelCount => 2;

    /// <inheritdoc/>
    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 2, linkBits: 0, largeLeafBit: 0),
        _ => new PagingLevel(pageShift: 2, indexBits: 2, Link, EntryBits.LargePage),
    };

    /// <inheritdoc/>
    public static LeafLayout Leaf(int level) => level switch
    {
        0 => new LeafLayout(addressMask: 0xFFFF_F000, reservedBits: 0),
        _ => new LeafLayout(addressMask: 0xFFFF_C000, reservedBits: 0x2000),
    };

    /// <inheritdoc/>
    public static ulong ReservedInLink(int level) => 0;

    /// <inheritdoc/>
    public static EntryWidth EntryWidth => EntryWidth.Bits32;

    /// <inheritdoc/>
    public static ulong ExecuteDisableBit => 0;

    /// <inheritdoc/>
    public static ulong TableAddressMask => 0xFFFF_F000;

    /// <inheritdoc/>
    public static int LinearAddressBits => 16;

    /// <inheritdoc/>
    public static bool IsSignExtended => false;

    /// <inheritdoc/>
    public static bool RootIsHeldInRegisters => false;

    /// <inheritdoc/>
    public static bool HasProcessContexts => false;
}
