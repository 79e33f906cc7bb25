// Which bits are reserved, format by format and level by level, as the manual's tables have them (Intel SDM vol. 3A tables 4-4 to 4-6, 4-8 to 4-11, 4-15 to 4-20).

using Ringfence.Paging;
using Xunit;

namespace Ringfence.Paging.Tests;

public class ReservedBitTests
{
    private const ulong Present = 1;
    private const ulong PageSizeBit = 1 << 7;
    private const ulong ExecuteDisable = 1ul << 63;
    private const ulong Bits62To52 = 0x7FF0_0000_0000_0000;

    [Theory]
    [InlineData(32)]
    [InlineData(36)]
    [InlineData(40)]
    public void Ia32(int width)
    {
        AssertReserved<Ia32Format>(0, 0, width, 0);
        AssertReserved<Ia32Format>(1, 0, width, 0);

        // Bits 20:13 of a 4 MiB page are address bits 39:32, as far as the processor has them.
        AssertReserved<Ia32Format>(1, PageSizeBit, width, 0x20_0000 | (Bits(13, 20) & ~Bits(13, width - 20)));
    }

    [Theory]
    [InlineData(36)]
    [InlineData(40)]
    [InlineData(52)]
    public void Pae(int width)
    {
        ulong upper = Bits(width, 51) | Bits62To52;
        AssertReserved<PaeFormat>(0, 0, width, upper, ExecuteDisable);
        AssertReserved<PaeFormat>(1, 0, width, upper, ExecuteDisable);
        AssertReserved<PaeFormat>(1, PageSizeBit, width, upper | Bits(13, 20), ExecuteDisable);
        AssertReserved<PaeFormat>(2, 0, width, upper | Bits(1, 2) | Bits(5, 8) | ExecuteDisable);
    }

    [Theory]
    [InlineData(36)]
    [InlineData(46)]
    [InlineData(52)]
    public void Four_levels(int width)
    {
        ulong upper = Bits(width, 51);
        AssertReserved<FourLevelFormat>(0, 0, width, upper, ExecuteDisable);
        AssertReserved<FourLevelFormat>(1, 0, width, upper, ExecuteDisable);
        AssertReserved<FourLevelFormat>(1, PageSizeBit, width, upper | Bits(13, 20), ExecuteDisable);
        AssertReserved<FourLevelFormat>(2, 0, width, upper, ExecuteDisable);
        AssertReserved<FourLevelFormat>(2, PageSizeBit, width, upper | Bits(13, 29), ExecuteDisable);
        AssertReserved<FourLevelFormat>(3, 0, width, upper | PageSizeBit, ExecuteDisable);
    }

    private static ulong Bits(int first, int last) => last < first ? 0 : ((1ul << (last - first + 1)) - 1) << first;

    private static void AssertReserved<TFormat>(int level, ulong kind, int width, ulong reserved, ulong reservedWithoutNoExecute = 0)
        where TFormat : struct, IPagingFormat
    {
        int bitCount = TFormat.EntryWidth == EntryWidth.Bits32 ? 32 : 64;
        foreach (bool noExecute in new[] { true, false })
        {
            ProcessorControls controls = new(writeProtect: true, noExecuteEnable: noExecute, physicalAddressBits: width);
            ulong expected = reserved | (noExecute ? 0 : reservedWithoutNoExecute);
            for (int bit = 1; bit < bitCount; bit++)
            {
                ulong entry = 1ul << bit;
                bool changesKind = entry == PageSizeBit && TFormat.Level(level).LargeLeafBit != 0;
                if (!changesKind)
                {
                    Assert.Equal(entry & expected, new PageTableEntry<TFormat>(Present | kind | entry, level).ReservedBitsSet(controls));
                }

                Assert.Equal(0ul, new PageTableEntry<TFormat>(kind | entry, level).ReservedBitsSet(controls));
            }
        }
    }
}
