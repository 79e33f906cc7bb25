// The data of each format, bit by bit, as the manual's figures have them (Intel SDM vol. 3A figures 4-2 to 4-11 and tables 4-4 to 4-20). Walks and edits are tested on what follows from it.

using Ringfence.Paging;
using Xunit;

namespace Ringfence.Paging.Tests;

public class FormatTests
{
    // P, R/W and U/S.
    private const ulong Link = 7;
    private const ulong PageSizeBit = 1 << 7;
    private const ulong ExecuteDisable = 1ul << 63;

    [Fact]
    public void Ia32()
    {
        Assert.Equal(
            (2, EntryWidth.Bits32, 0ul, Bits(12, 31), 32, false, false),
            (Ia32Format.LevelCount, Ia32Format.EntryWidth, Ia32Format.ExecuteDisableBit, Ia32Format.TableAddressMask, Ia32Format.LinearAddressBits, Ia32Format.IsSignExtended, Ia32Format.RootIsHeldInRegisters));
        AssertLevel<Ia32Format>(0, 0, 10, 0, 0);
        AssertLevel<Ia32Format>(1, 10, 10, Link, PageSizeBit);
        AssertLeaf<Ia32Format>(0, Bits(12, 31), 0, 0);
        AssertLeaf<Ia32Format>(1, Bits(22, 31), Bits(21, 21), Bits(13, 20));
        AssertReservedInLinks<Ia32Format>(0, 0);
        AssertGeometry<Ia32Format>(rootLevel: 1, entryByteCount: 4, rootByteCount: 4096, lowerPages: 1 << 20, upperPages: 0);
        Assert.Equal(0xAB_1240_0000ul, Ia32Format.Leaf(1).AddressOf(Ia32Format.Leaf(1).BitsFor(0xAB_1240_0000)));
    }

    [Fact]
    public void Pae()
    {
        ulong upper = Bits(52, 62);
        Assert.Equal(
            (3, EntryWidth.Bits64InTwoWords, ExecuteDisable, Bits(12, 51), 32, false, true),
            (PaeFormat.LevelCount, PaeFormat.EntryWidth, PaeFormat.ExecuteDisableBit, PaeFormat.TableAddressMask, PaeFormat.LinearAddressBits, PaeFormat.IsSignExtended, PaeFormat.RootIsHeldInRegisters));
        AssertLevel<PaeFormat>(0, 0, 9, 0, 0);
        AssertLevel<PaeFormat>(1, 9, 9, Link, PageSizeBit);
        AssertLevel<PaeFormat>(2, 18, 2, 1, 0);
        AssertLeaf<PaeFormat>(0, Bits(12, 51), upper, 0);
        AssertLeaf<PaeFormat>(1, Bits(21, 51), upper | Bits(13, 20), 0);
        AssertLeaf<PaeFormat>(2, 0, 0, 0);
        AssertReservedInLinks<PaeFormat>(upper, upper, upper | ExecuteDisable | Bits(1, 2) | Bits(5, 8));
        AssertGeometry<PaeFormat>(rootLevel: 2, entryByteCount: 8, rootByteCount: 32, lowerPages: 1 << 20, upperPages: 0);
    }

    [Fact]
    public void Four_levels()
    {
        Assert.Equal(
            (4, EntryWidth.Bits64, ExecuteDisable, Bits(12, 51), 48, true, false),
            (FourLevelFormat.LevelCount, FourLevelFormat.EntryWidth, FourLevelFormat.ExecuteDisableBit, FourLevelFormat.TableAddressMask, FourLevelFormat.LinearAddressBits, FourLevelFormat.IsSignExtended, FourLevelFormat.RootIsHeldInRegisters));
        AssertLevel<FourLevelFormat>(0, 0, 9, 0, 0);
        AssertLevel<FourLevelFormat>(1, 9, 9, Link, PageSizeBit);
        AssertLevel<FourLevelFormat>(2, 18, 9, Link, PageSizeBit);
        AssertLevel<FourLevelFormat>(3, 27, 9, Link, 0);
        AssertLeaf<FourLevelFormat>(0, Bits(12, 51), 0, 0);
        AssertLeaf<FourLevelFormat>(1, Bits(21, 51), Bits(13, 20), 0);
        AssertLeaf<FourLevelFormat>(2, Bits(30, 51), Bits(13, 29), 0);
        AssertLeaf<FourLevelFormat>(3, 0, 0, 0);
        AssertReservedInLinks<FourLevelFormat>(0, 0, 0, PageSizeBit);
        AssertGeometry<FourLevelFormat>(rootLevel: 3, entryByteCount: 8, rootByteCount: 4096, lowerPages: 1ul << 35, upperPages: 1ul << 35);
    }

    [Fact]
    public void Canonical_addresses_are_those_at_both_ends()
    {
        AssertContains<FourLevelFormat>(true, 0, 0x7FFF_FFFF_FFFF, 0xFFFF_8000_0000_0000, ulong.MaxValue);
        AssertContains<FourLevelFormat>(false, 0x8000_0000_0000, 0xFFFF_7FFF_FFFF_FFFF);
        AssertContains<PaeFormat>(true, 0, 0xFFFF_FFFF);
        AssertContains<PaeFormat>(false, 0x1_0000_0000, ulong.MaxValue);
        AssertContains<Ia32Format>(true, 0, 0xFFFF_FFFF);
        AssertContains<Ia32Format>(false, 0x1_0000_0000, ulong.MaxValue);
        Assert.True(FormatGeometry<FourLevelFormat>.Contains(PageRange.CreateTruncated(new PageNumber((nuint)1 << 40), PageCount.Zero)));
        Assert.False(FormatGeometry<FourLevelFormat>.Contains(PageRange.CreateTruncated(new PageNumber(((nuint)1 << 35) - 1), new PageCount((nuint)1 << 50))));
        Assert.False(FormatGeometry<PaeFormat>.Contains(PageRange.CreateTruncated(new PageNumber(nuint.MaxValue >> 12), PageCount.One)));
    }

    private static ulong Bits(int first, int last) => ((1ul << (last - first + 1)) - 1) << first;

    private static void AssertLevel<TFormat>(int level, int pageShift, int indexBits, ulong linkBits, ulong largeLeafBit)
        where TFormat : struct, IPagingFormat
    {
        PagingLevel row = TFormat.Level(level);
        Assert.Equal((pageShift, indexBits, linkBits, largeLeafBit), (row.PageShift, row.IndexBits, row.LinkBits, row.LargeLeafBit));
        Assert.Equal((1 << indexBits, 1ul << pageShift, linkBits == Link), (row.EntryCount, row.EntrySpan.Value, row.LinksHaveRights));
    }

    private static void AssertLeaf<TFormat>(int level, ulong addressMask, ulong reservedBits, ulong highAddressMask)
        where TFormat : struct, IPagingFormat
    {
        LeafLayout leaf = TFormat.Leaf(level);
        Assert.Equal((addressMask, reservedBits, highAddressMask, addressMask != 0), (leaf.AddressMask, leaf.ReservedBits, leaf.HighAddressMask, leaf.Exists));
    }

    private static void AssertReservedInLinks<TFormat>(params ulong[] reserved)
        where TFormat : struct, IPagingFormat
    {
        for (int level = 0; level < reserved.Length; level++)
        {
            Assert.Equal(reserved[level], TFormat.ReservedInLink(level));
        }
    }

    private static void AssertGeometry<TFormat>(int rootLevel, int entryByteCount, int rootByteCount, ulong lowerPages, ulong upperPages)
        where TFormat : struct, IPagingFormat
    {
        Assert.Equal(
            (rootLevel, entryByteCount, rootByteCount, TFormat.ExecuteDisableBit != 0),
            (FormatGeometry<TFormat>.RootLevel, FormatGeometry<TFormat>.EntryByteCount, FormatGeometry<TFormat>.RootByteCount, FormatGeometry<TFormat>.HasExecuteDisable));
        Assert.Equal(PageRange.CreateTruncated(default, new PageCount((nuint)lowerPages)), FormatGeometry<TFormat>.LowerPages);
        Assert.Equal((nuint)upperPages, FormatGeometry<TFormat>.UpperPages.Count.Value);
        nuint limit = upperPages == 0 ? (nuint)lowerPages : (nuint.MaxValue >> 12) + 1;
        Assert.Equal(limit - 1, FormatGeometry<TFormat>.LastPage.Value);
        if (upperPages != 0)
        {
            Assert.Equal(limit, FormatGeometry<TFormat>.UpperPages.End.Value);
        }
    }

    private static void AssertContains<TFormat>(bool expected, params ulong[] addresses)
        where TFormat : struct, IPagingFormat =>
        Assert.All(addresses, address =>
        {
            VirtualAddress at = new((nuint)address);
            Assert.Equal(expected, FormatGeometry<TFormat>.Contains(at));
            Assert.Equal(expected, FormatGeometry<TFormat>.Contains(PageRange.OnePage(at.Page)));
        });
}
