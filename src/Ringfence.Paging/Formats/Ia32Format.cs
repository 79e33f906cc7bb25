// The two-level format of IA-32 without PAE (Intel SDM vol. 3A 4.3).

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// 32-bit entries, two levels of 1024. There is no execute-disable bit: read implies execute. A directory entry can be a 4 MiB leaf
/// (CR4.PSE), whose frame may lie above 4 GiB (PSE-36).
/// </summary>
public readonly struct Ia32Format : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;

    /// <inheritdoc/>
    public static int LevelCount => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 10, linkBits: 0, largeLeafBit: 0),
        _ => new PagingLevel(pageShift: 10, indexBits: 10, Link, EntryBits.LargePage),
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeafLayout Leaf(int level) => level switch
    {
        0 => new LeafLayout(addressMask: 0xFFFF_F000, reservedBits: 0),
        _ => new LeafLayout(addressMask: 0xFFC0_0000, reservedBits: 0x0020_0000, highAddressMask: 0x001F_E000),
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
    public static int LinearAddressBits => 32;

    /// <inheritdoc/>
    public static bool IsSignExtended => false;

    /// <inheritdoc/>
    public static bool RootIsHeldInRegisters => false;

    /// <inheritdoc/>
    public static bool HasProcessContexts => false;
}
