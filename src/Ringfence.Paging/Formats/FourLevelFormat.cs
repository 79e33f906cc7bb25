// The 4-level format of x86-64 (Intel SDM vol. 3A 4.5).

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>64-bit entries, four levels of 512, 48-bit addresses whose upper bits repeat bit 47. Leaves of 4 KiB, 2 MiB and 1 GiB.</summary>
public readonly struct FourLevelFormat : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;

    /// <inheritdoc/>
    public static int LevelCount => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 9, linkBits: 0, largeLeafBit: 0),
        1 => new PagingLevel(pageShift: 9, indexBits: 9, Link, EntryBits.LargePage),
        2 => new PagingLevel(pageShift: 18, indexBits: 9, Link, EntryBits.LargePage),
        _ => new PagingLevel(pageShift: 27, indexBits: 9, Link, largeLeafBit: 0),
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeafLayout Leaf(int level) => level switch
    {
        0 => new LeafLayout(TableAddressMask, reservedBits: 0),
        1 => new LeafLayout(addressMask: TableAddressMask & ~0x1F_FFFFul, reservedBits: 0x1F_E000),
        2 => new LeafLayout(addressMask: TableAddressMask & ~0x3FFF_FFFFul, reservedBits: 0x3FFF_E000),
        _ => LeafLayout.None,
    };

    /// <inheritdoc/>
    public static ulong ReservedInLink(int level) => level == 3 ? EntryBits.LargePage : 0;

    /// <inheritdoc/>
    public static EntryWidth EntryWidth => EntryWidth.Bits64;

    /// <inheritdoc/>
    public static ulong ExecuteDisableBit => EntryBits.ExecuteDisable;

    /// <inheritdoc/>
    public static ulong TableAddressMask => 0x000F_FFFF_FFFF_F000;

    /// <inheritdoc/>
    public static int LinearAddressBits => 48;

    /// <inheritdoc/>
    public static bool IsSignExtended => true;

    /// <inheritdoc/>
    public static bool RootIsHeldInRegisters => false;

    /// <inheritdoc/>
    public static bool HasProcessContexts => true;
}
