// The machine's copy of a table against the one that is made word by word: where domains have tables, each of them begins with it.

#if !STRATEGY_COMMON
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class TableCopyTests
{
    private const int WordCount = (int)PageSize.ByteCount / sizeof(uint);
    private const int RoundCount = 200;

    [GuestTest]
    internal static void ATableIsCopiedAsItIsWordByWordAndMarkedWhereItIsWritable()
    {
        if (!Expect.True(KernelSpace.Pool.TryReserve(new PageCount(3)), "there are three pages"u8))
        {
            return;
        }

        TableAddress source = new(KernelSpace.Pool.TakeReserved());
        TableAddress copy = new(KernelSpace.Pool.TakeReserved());
        TableAddress expected = new(KernelSpace.Pool.TakeReserved());
        IdentityTableMemory memory = default;
        uint seed = 1;
        for (int round = 0; round < RoundCount; round++)
        {
            // From a page of zeros to one without: stretches of 32 words, and in those that aren't empty words of each kind, absent ones with bits among them.
            for (int index = 0; index < WordCount; index++)
            {
                seed = (seed * 1664525) + 1013904223;
                bool isStretchEmpty = ((index / 32) * 37 % RoundCount) >= round;
                memory.Write32(source, index, isStretchEmpty || (seed >> 30) == 0 ? 0 : seed >> 3);
                memory.Write32(copy, index, seed);
                memory.Write32(expected, index, ~seed);
            }

            uint marks = (round & 1) == 0 ? 0 : (uint)EntryBits.Writable;
            uint lines = TablePages.Copy(memory, source, expected, PagingFormat.EntryWidth, marks);
            if (!Expect.Equal((nuint)lines, memory.CopyTable(source, copy, PagingFormat.EntryWidth, marks), "where something is"u8)
                || !Expect.Equal(-1, FirstDifference(expected, copy), "the first word that differs"u8))
            {
                break;
            }
        }

        memory.Clear(copy);
        TablePages.Clear(memory, expected);
        Expect.Equal(-1, FirstDifference(expected, copy), "the first word that isn't cleared"u8);
        KernelSpace.Pool.Free(new PhysicalAddress(expected.Value));
        KernelSpace.Pool.Free(new PhysicalAddress(copy.Value));
        KernelSpace.Pool.Free(new PhysicalAddress(source.Value));
    }

    private static int FirstDifference(TableAddress left, TableAddress right)
    {
        IdentityTableMemory memory = default;
        for (int index = 0; index < WordCount; index++)
        {
            if (memory.Read32(left, index) != memory.Read32(right, index))
            {
                return index;
            }
        }

        return -1;
    }
}
#endif
