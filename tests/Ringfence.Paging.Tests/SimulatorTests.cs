// The judge is judged too: the simulator on tables written by hand, with constants that owe nothing to the library.

using Ringfence.Simulator;
using Xunit;

namespace Ringfence.Paging.Tests;

public class SimulatorTests
{
    [Fact]
    public void Two_levels_of_32_bit_entries_translate_by_ten_ten_twelve()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write32(0x1000 + (0x300 * 4), 0x2007);
        memory.Write32(0x2000 + (0x155 * 4), 0xABCD_E005);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.ThirtyTwoBit }, 0x1000);
        AccessResult result = mmu.Access(new MemoryAccess(0xC015_5678, AccessKind.Read, IsUser: true));
        Assert.Equal(new AccessResult(AccessOutcome.Done, 0xABCD_E678, PageFaultCode.None), result);
        Assert.Equal(0x2027u, memory.Read32(0x1000 + (0x300 * 4)));
        Assert.Equal(0xABCD_E025u, memory.Read32(0x2000 + (0x155 * 4)));
        Assert.Equal(
            PageFaultCode.Present | PageFaultCode.Write | PageFaultCode.User,
            mmu.Access(new MemoryAccess(0xC015_5678, AccessKind.Write, IsUser: true)).FaultCode);
        Assert.True(mmu.Access(new MemoryAccess(0xC015_5678, AccessKind.Fetch, IsUser: true)).Succeeded);
        Assert.Equal(PageFaultCode.None, mmu.Access(new MemoryAccess(0xC015_6000, AccessKind.Read, IsUser: false)).FaultCode);
        Assert.Equal(PageFaultCode.User, mmu.Access(new MemoryAccess(0x0, AccessKind.Fetch, IsUser: true)).FaultCode);
    }

    [Fact]
    public void A_4_MiB_page_is_a_leaf_only_with_page_size_extensions()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write32(0x1000, 0x0080_0087);
        StrictMmu with = Load(memory, new ProcessorSettings { Mode = PagingMode.ThirtyTwoBit }, 0x1000);
        Assert.Equal(0x0091_2345ul, with.Access(new MemoryAccess(0x11_2345, AccessKind.Write, IsUser: true)).PhysicalAddress);
        Assert.Equal(0x0080_00E7u, memory.Read32(0x1000));
    }

    [Fact]
    public void Pae_walks_from_registers_that_only_a_cr3_write_loads()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write64(0x1020 + 16, 0x2001);
        memory.Write64(0x2000, 0x3007);
        memory.Write64(0x3000 + (5 * 8), 0x8000_0012_3456_7007);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.Pae }, 0x1020);
        Assert.Equal(0x12_3456_7008ul, mmu.Access(new MemoryAccess(0x8000_5008, AccessKind.Write, IsUser: true)).PhysicalAddress);
        Assert.Equal(0x8000_0012_3456_7067, memory.Read64(0x3000 + (5 * 8)));
        Assert.Equal(
            PageFaultCode.Present | PageFaultCode.Fetch | PageFaultCode.User,
            mmu.Access(new MemoryAccess(0x8000_5008, AccessKind.Fetch, IsUser: true)).FaultCode);

        memory.Write64(0x1020 + 16, 0);
        Assert.True(mmu.Access(new MemoryAccess(0x8000_5008, AccessKind.Read, IsUser: true)).Succeeded);
        Assert.True(mmu.LoadCr3(0x1020));
        Assert.False(mmu.Access(new MemoryAccess(0x8000_5008, AccessKind.Read, IsUser: true)).Succeeded);

        memory.Write64(0x1020, 0x2003);
        Assert.False(mmu.LoadCr3(0x1020));
    }

    [Fact]
    public void Four_levels_translate_by_four_times_nine_and_check_the_address_first()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write64(0x1000 + (511 * 8), 0x2007);
        memory.Write64(0x2000 + (510 * 8), 0x3007);
        memory.Write64(0x3000 + (1 * 8), 0x4007);
        memory.Write64(0x4000 + (511 * 8), 0x5001);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.FourLevel }, 0x1000);
        const ulong Address = 0xFFFF_FFFF_803F_F123;
        Assert.Equal(0x5123ul, mmu.Access(new MemoryAccess(Address, AccessKind.Read, IsUser: false)).PhysicalAddress);
        Assert.Equal(PageFaultCode.Present | PageFaultCode.User, mmu.Access(new MemoryAccess(Address, AccessKind.Read, IsUser: true)).FaultCode);
        Assert.Equal(PageFaultCode.Present | PageFaultCode.Write, mmu.Access(new MemoryAccess(Address, AccessKind.Write, IsUser: false)).FaultCode);
        Assert.Equal(
            AccessOutcome.GeneralProtection, mmu.Access(new MemoryAccess(Address & 0x0000_FFFF_FFFF_FFFF, AccessKind.Read, IsUser: false)).Outcome);
    }

    [Fact]
    public void Reserved_bits_are_reported_before_rights()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write64(0x1000, 0x2007);
        memory.Write64(0x2000, 0x3007);
        memory.Write64(0x3000, 0x4007);
        memory.Write64(0x4000, 0x0008_0000_0000_5001);
        memory.Write64(0x4008, 0x8000_0000_0000_5001);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.FourLevel, NoExecuteEnable = false }, 0x1000);
        const PageFaultCode Reserved = PageFaultCode.Present | PageFaultCode.Reserved | PageFaultCode.User;
        Assert.Equal(Reserved, mmu.Access(new MemoryAccess(0x0000, AccessKind.Read, IsUser: true)).FaultCode);
        Assert.Equal(Reserved, mmu.Access(new MemoryAccess(0x1000, AccessKind.Read, IsUser: true)).FaultCode);
    }

    [Fact]
    public void Smep_and_smap_keep_the_supervisor_off_user_pages_until_ac_is_set()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write32(0x1000, 0x2007);
        memory.Write32(0x2000, 0x5007);
        ProcessorSettings settings = new()
        {
            Mode = PagingMode.ThirtyTwoBit,
            SupervisorExecutionPrevention = true,
            SupervisorAccessPrevention = true,
        };
        StrictMmu mmu = Load(memory, settings, 0x1000);
        Assert.Equal(PageFaultCode.Present, mmu.Access(new MemoryAccess(0, AccessKind.Read, IsUser: false)).FaultCode);
        Assert.True(mmu.Access(new MemoryAccess(0, AccessKind.Write, IsUser: false, AlignmentCheckFlag: true)).Succeeded);
        Assert.Equal(
            PageFaultCode.Present | PageFaultCode.Fetch,
            mmu.Access(new MemoryAccess(0, AccessKind.Fetch, IsUser: false, AlignmentCheckFlag: true)).FaultCode);
    }

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
