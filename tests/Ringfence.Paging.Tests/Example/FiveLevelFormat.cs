// The format of the library's README: 5-level paging (Intel SDM vol. 3A 4.5), written as data alone.

using Ringfence.Paging;

namespace Ringfence.Paging.Tests.Example;

public readonly struct FiveLevelFormat : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;

    public static int LevelCount => 5;

    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 9, linkBits: 0, largeLeafBit: 0),
        1 => new PagingLevel(pageShift: 9, indexBits: 9, Link, EntryBits.LargePage),
        2 => new PagingLevel(pageShift: 18, indexBits: 9, Link, EntryBits.LargePage),
        3 => new PagingLevel(pageShift: 27, indexBits: 9, Link, largeLeafBit: 0),
        _ => new PagingLevel(pageShift: 36, indexBits: 9, Link, largeLeafBit: 0),
    };

    public static LeafLayout Leaf(int level) => level switch
    {
        0 => new LeafLayout(TableAddressMask, reservedBits: 0),
        1 => new LeafLayout(addressMask: TableAddressMask & ~0x1F_FFFFul, reservedBits: 0x1F_E000),
        2 => new LeafLayout(addressMask: TableAddressMask & ~0x3FFF_FFFFul, reservedBits: 0x3FFF_E000),
        _ => LeafLayout.None,
    };

    public static ulong ReservedInLink(int level) => level >= 3 ? EntryBits.LargePage : 0;

    public static EntryWidth EntryWidth => EntryWidth.Bits64;

    public static ulong ExecuteDisableBit => EntryBits.ExecuteDisable;

    public static ulong TableAddressMask => 0x000F_FFFF_FFFF_F000;

    public static int LinearAddressBits => 57;

    public static bool IsSignExtended => true;

    public static bool RootIsHeldInRegisters => false;

    public static bool HasProcessContexts => true;
}
