// The judge is judged too: the strict MMU on tables written by hand, with constants that owe nothing to the library.

using System;
using Xunit;

namespace Ringfence.Simulator.Tests;

public class StrictMmuTests
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
    public void Ac_opens_nothing_for_an_implicit_access_whatever_the_cpl()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write32(0x1000, 0x2007);
        memory.Write32(0x2000, 0x5007);
        memory.Write32(0x2004, 0x6003);
        ProcessorSettings settings = new() { Mode = PagingMode.ThirtyTwoBit, SupervisorAccessPrevention = true };
        StrictMmu mmu = Load(memory, settings, 0x1000);
        foreach (bool isUser in new[] { false, true })
        {
            MemoryAccess toUserPage = new(0, AccessKind.Read, isUser, AlignmentCheckFlag: true, IsImplicit: true);
            Assert.Equal(PageFaultCode.Present, mmu.Access(toUserPage).FaultCode);
            Assert.True(mmu.Access(toUserPage with { Address = 0x1000 }).Succeeded);
        }
    }

    [Fact]
    public void A_4_MiB_page_lies_above_4_GiB_as_far_as_the_processor_has_address_bits()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write32(0x1000, 0x0080_0083 | (0x9 << 13));
        memory.Write32(0x1004, 0x0080_0083 | (0x10 << 13));
        memory.Write32(0x1008, 0x0080_0083 | (1 << 21));
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.ThirtyTwoBit, PhysicalAddressBits = 36 }, 0x1000);
        Assert.Equal(0x9_0080_0000ul, mmu.Access(new MemoryAccess(0, AccessKind.Read, IsUser: false)).PhysicalAddress);
        const PageFaultCode Reserved = PageFaultCode.Present | PageFaultCode.Reserved;
        Assert.Equal(Reserved, mmu.Access(new MemoryAccess(0x0040_0000, AccessKind.Read, IsUser: false)).FaultCode);
        Assert.Equal(Reserved, mmu.Access(new MemoryAccess(0x0080_0000, AccessKind.Read, IsUser: false)).FaultCode);

        StrictMmu wider = Load(memory, new ProcessorSettings { Mode = PagingMode.ThirtyTwoBit, PhysicalAddressBits = 52 }, 0x1000);
        Assert.Equal(0x10_0080_0000ul, wider.Access(new MemoryAccess(0x0040_0000, AccessKind.Read, IsUser: false)).PhysicalAddress);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_1_GiB_page_is_there_or_its_bit_is_reserved(bool hasGibibytePages)
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write64(0x1000, 0x2003);
        memory.Write64(0x2000 + (3 * 8), 0x40_4000_0083);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.FourLevel, GibibytePages = hasGibibytePages }, 0x1000);
        AccessResult result = mmu.Access(new MemoryAccess(0xC123_4567, AccessKind.Write, IsUser: false));
        Assert.Equal(
            hasGibibytePages
                ? new AccessResult(AccessOutcome.Done, 0x40_4123_4567, PageFaultCode.None)
                : new AccessResult(AccessOutcome.PageFault, 0, PageFaultCode.Present | PageFaultCode.Write | PageFaultCode.Reserved),
            result);
        Assert.Equal(hasGibibytePages ? 0x40_4000_00E3ul : 0x40_4000_0083, memory.Read64(0x2000 + (3 * 8)));
    }

    [Fact]
    public void Five_levels_translate_57_bits()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write64(0x1000 + (0x1AA * 8), 0x2007);
        memory.Write64(0x2000 + (0x155 * 8), 0x3007);
        memory.Write64(0x3000 + (1 * 8), 0x4007);
        memory.Write64(0x4000 + (2 * 8), 0x5007);
        memory.Write64(0x5000 + (3 * 8), 0x12_3456_7007);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.FiveLevel }, 0x1000);
        const ulong Address = unchecked((ulong)-1L << 57) | (0x1AAul << 48) | (0x155ul << 39) | (1ul << 30) | (2ul << 21) | (3ul << 12) | 0xABC;
        Assert.Equal(0x12_3456_7ABCul, mmu.Access(new MemoryAccess(Address, AccessKind.Read, IsUser: true)).PhysicalAddress);
        Assert.Equal(0x2027ul, memory.Read64(0x1000 + (0x1AA * 8)));
        Assert.Equal(
            AccessOutcome.GeneralProtection,
            mmu.Access(new MemoryAccess(Address & 0x01FF_FFFF_FFFF_FFFF, AccessKind.Read, IsUser: true)).Outcome);
        Assert.Equal(AccessOutcome.PageFault, mmu.Access(new MemoryAccess(1ul << 55, AccessKind.Read, IsUser: true)).Outcome);
    }

    [Fact]
    public void Cr3_holds_no_address_beyond_the_width_in_64_bit_modes()
    {
        PhysicalMemory memory = new(0x1_0000);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.FourLevel, PhysicalAddressBits = 40 }, 0x1000);
        Assert.False(mmu.LoadCr3(0x2000 | (1ul << 40)));
        Assert.False(mmu.LoadCr3(0x2000 | (1ul << 62)));
        Assert.Equal(0x1000ul, mmu.Cr3);
        Assert.True(mmu.LoadCr3(0x2000 | (1ul << 63)));
        Assert.Equal(0x2000ul, mmu.Cr3);
    }

    [Fact]
    public void Upper_entries_that_led_to_a_fault_are_accessed_and_the_leaf_is_not()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write64(0x1000, 0x2007);
        memory.Write64(0x2000, 0x3007);
        memory.Write64(0x3000, 0x4007);
        memory.Write64(0x4000, 0x5001);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.FourLevel }, 0x1000);
        Assert.False(mmu.Access(new MemoryAccess(0, AccessKind.Read, IsUser: true)).Succeeded);
        Assert.Equal(0x2027ul, memory.Read64(0x1000));
        Assert.Equal(0x4027ul, memory.Read64(0x3000));
        Assert.Equal(0x5001ul, memory.Read64(0x4000));
    }

    [Fact]
    public void An_access_allocates_nothing()
    {
        PhysicalMemory memory = new(0x1_0000);
        memory.Write64(0x1000, 0x2007);
        memory.Write64(0x2000, 0x3007);
        memory.Write64(0x3000, 0x4007);
        memory.Write64(0x4000, 0x5003);
        StrictMmu mmu = Load(memory, new ProcessorSettings { Mode = PagingMode.FourLevel }, 0x1000);
        MemoryAccess access = new(0, AccessKind.Write, IsUser: true);
        mmu.Access(access);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1_000; round++)
        {
            mmu.Access(access with { IsUser = round % 2 == 0 });
            mmu.TryTranslate(0, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Memory_ends_where_it_ends()
    {
        PhysicalMemory memory = new(firstAddress: 0x10_0000, firstByteCount: 0x1000, secondAddress: 0x8_0000_0000_0000, secondByteCount: 0x1000);
        memory.Write64(0x10_0FF8, 1);
        memory.Write64(0x8_0000_0000_0000, 2);
        Assert.Equal(1ul, memory.Read64(0x10_0FF8));
        Assert.Equal(2ul, memory.Read64(0x8_0000_0000_0000));
        foreach (ulong outside in new[] { 0ul, 0x0F_FFF8ul, 0x10_1000ul, 0x7_FFFF_FFFF_FFF8ul, 0x8_0000_0000_1000ul, ulong.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => memory.Read64(outside));
        }
    }

    private static StrictMmu Load(PhysicalMemory memory, ProcessorSettings settings, ulong cr3)
    {
        StrictMmu mmu = new(memory, settings);
        Assert.True(mmu.LoadCr3(cr3));
        return mmu;
    }
}
