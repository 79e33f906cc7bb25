// The judge is judged too: the adversary on tables written by hand, with constants that owe nothing to the library.

using Ringfence.Simulator;
using Xunit;

namespace Ringfence.Paging.Tests;

public class SimulatorTests
{
    [Fact]
    public void The_adversary_keeps_what_was_legal_until_it_is_flushed()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write32(0x1000, 0x2007);
        memory.Write32(0x2004, 0x5007);
        AdversarialMmu mmu = new(new StrictMmu(memory, new ProcessorSettings { Mode = PagingMode.ThirtyTwoBit }));
        mmu.LoadCr3(0x1000);
        MemoryAccess write = new(0x1000, AccessKind.Write, IsUser: true);
        MemoryAccess read = new(0x1000, AccessKind.Read, IsUser: true);
        memory.Write32(0x2004, 0x5005);
        Assert.True(mmu.MaySucceed(write));
        Assert.False(mmu.MustSucceedWithRetry(write));
        mmu.FlushPage(0x1FFF);
        Assert.False(mmu.MaySucceed(write));
        Assert.True(mmu.MustSucceedWithRetry(read));

        memory.Write32(0x2004, 0);
        Assert.True(mmu.MaySucceed(read));
        mmu.FlushPage(0x2000);
        Assert.True(mmu.MaySucceed(read));
        mmu.LoadCr3(0x1000);
        Assert.False(mmu.MaySucceed(read));

        // Nothing remembers that the page was absent: mapping it again needs no flush.
        memory.Write32(0x2004, 0x5005);
        Assert.True(mmu.MustSucceedWithRetry(read));

        // A translation to another frame may be used in place of the new one.
        memory.Write32(0x2004, 0x6005);
        Assert.False(mmu.MustSucceedWithRetry(read));
    }

    [Fact]
    public void A_global_translation_survives_a_cr3_write_and_not_an_invlpg()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write32(0x1000, 0x2007);
        memory.Write32(0x2000, 0x5105);
        AdversarialMmu mmu = new(new StrictMmu(memory, new ProcessorSettings { Mode = PagingMode.ThirtyTwoBit }));
        mmu.LoadCr3(0x1000);
        memory.Write32(0x2000, 0);
        mmu.LoadCr3(0x1000);
        MemoryAccess read = new(0, AccessKind.Read, IsUser: true);
        Assert.True(mmu.MaySucceed(read));
        mmu.FlushPage(0);
        Assert.False(mmu.MaySucceed(read));
    }

    private static StrictMmu Load(PhysicalMemory memory, ProcessorSettings settings, ulong cr3)
    {
        StrictMmu mmu = new(memory, settings);
        Assert.True(mmu.LoadCr3(cr3));
        return mmu;
    }
}
