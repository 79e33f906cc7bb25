// The PAE format of IA-32 (Intel SDM vol. 3A 4.4).

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// 64-bit entries on a 32-bit processor: a root of four directory-pointer entries, then two levels of 512. The four entries are loaded
/// into registers when CR3 is written; in them R/W, U/S, A and XD are reserved and must be 0.
/// </summary>
public readonly struct PaeFormat : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;
    private const ulong Bits62To52 = 0x7FFul << 52;

    /// <inheritdoc/>
    public static int LevelCount => 3;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 9, linkBits: 0, largeLeafBit: 0),
        1 => new PagingLevel(pageShift: 9, indexBits: 9, Link, EntryBits.LargePage),
        _ => new PagingLevel(pageShift: 18, indexBits: 2, EntryBits.Present, largeLeafBit: 0),
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeafLayout Leaf(int level) => level switch
    {
        0 => new LeafLayout(TableAddressMask, reservedBits: Bits62To52),
        1 => new LeafLayout(addressMask: TableAddressMask & ~0x1F_FFFFul, reservedBits: Bits62To52 | 0x1F_E000),
        _ => LeafLayout.None,
    };

    /// <inheritdoc/>
    public static ulong ReservedInLink(int level) => level == 2 ? ExecuteDisableBit | Bits62To52 | 0x1E6 : Bits62To52;

    /// <inheritdoc/>
    public static EntryWidth EntryWidth => EntryWidth.Bits64InTwoWords;

    /// <inheritdoc/>
    public static ulong ExecuteDisableBit => EntryBits.ExecuteDisable;

    /// <inheritdoc/>
    public static ulong TableAddressMask => 0x000F_FFFF_FFFF_F000;

    /// <inheritdoc/>
    public static int LinearAddressBits => 32;

    /// <inheritdoc/>
    public static bool IsSignExtended => false;

    /// <inheritdoc/>
    public static bool RootIsHeldInRegisters => true;

    /// <inheritdoc/>
    public static bool HasProcessContexts => false;
}
