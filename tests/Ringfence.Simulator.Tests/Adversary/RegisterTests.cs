// PAE: the four directory-pointer entries are registers, and memory can say what it likes until they are loaded.

using Xunit;
using static Ringfence.Simulator.Tests.Adversary.Scene;

namespace Ringfence.Simulator.Tests.Adversary;

public class RegisterTests
{
    private static readonly ProcessorSettings s_settings = new() { Mode = PagingMode.Pae };

    private readonly AdversarialCache _cache;

    public RegisterTests()
    {
        PhysicalMemory memory = new(0x1_0000);
        _cache = new AdversarialCache(memory, TableGeometry.Pae, s_settings);
        memory.Write64(Root, 0x6000 | 1);
        memory.Write64(0x6000, Table | ReadWrite);
        memory.Write64(0x7000, OtherTable | ReadWrite);
        memory.Write64(Table + 40, Frame | ReadWrite);
        memory.Write64(OtherTable + 40, OtherFrame | ReadWrite);
        Assert.True(_cache.WriteCr3(Root));
    }

    [Fact]
    public void An_edit_of_a_directory_pointer_stays_invisible_until_cr3_is_written()
    {
        _cache.Memory.Write64(Root, 0x7000 | 1);
        _cache.InvalidatePage(Page);
        _cache.TakePageFault(Page);
        _cache.InvalidateContext(ContextInvalidation.AllWithGlobal, 0, 0);
        Assert.Equal(Frame, Assert.Single(_cache.Held(Page)).FrameAddress);
        Assert.True(_cache.MayWalkThrough(0x6000));
        Assert.False(_cache.MayWalkThrough(0x7000));
        Assert.True(_cache.WriteCr3(Root));
        Assert.Equal(OtherFrame, Assert.Single(_cache.Held(Page)).FrameAddress);
        Assert.False(_cache.MayWalkThrough(0x6000));
    }

    [Fact]
    public void A_directory_pointer_made_present_maps_nothing_until_cr3_is_written()
    {
        _cache.Memory.Write64(Root + 24, 0x7000 | 1);
        Assert.False(_cache.MustSucceedWithRetry(Read(0xC000_0000 + Page)));
        Assert.False(_cache.Access(Read(0xC000_0000 + Page)));
        Assert.True(_cache.WriteCr3(Root));
        Assert.True(_cache.MustSucceedWithRetry(Read(0xC000_0000 + Page)));
    }

    [Fact]
    public void A_change_of_global_pages_loads_the_registers()
    {
        _cache.Memory.Write64(Root, 0x7000 | 1);
        Assert.True(_cache.WriteControlBits(s_settings with { WriteProtect = false }));
        Assert.Equal(Frame, Assert.Single(_cache.Held(Page)).FrameAddress);
        Assert.True(_cache.WriteControlBits(s_settings with { PageGlobalEnable = false }));
        Assert.Equal(OtherFrame, Assert.Single(_cache.Held(Page)).FrameAddress);
    }

    [Fact]
    public void A_reserved_bit_in_a_directory_pointer_makes_the_load_fault_and_change_nothing()
    {
        _cache.Memory.Write64(Root, 0x7000 | 3);
        Assert.False(_cache.WriteCr3(Root));
        Assert.False(_cache.WriteControlBits(s_settings with { PageGlobalEnable = false }));
        Assert.True(_cache.Settings.PageGlobalEnable);
        Assert.Equal(Frame, Assert.Single(_cache.Held(Page)).FrameAddress);
    }

    [Fact]
    public void The_two_halves_of_an_entry_are_two_stores_and_what_stands_between_them_may_be_held()
    {
        _cache.Memory.Write64(Table + 40, 0x1_0000_0000 | Frame | ReadWrite);
        _cache.InvalidatePage(Page);
        _cache.Memory.Write32(Table + 40, (uint)OtherFrame | ReadWrite);
        _cache.Memory.Write32(Table + 44, 2);
        Assert.True(_cache.MayReach(0x1_0000_0000 + OtherFrame));
        Assert.True(_cache.MayReach(0x2_0000_0000 + OtherFrame));
        Assert.False(_cache.MayReach(0x2_0000_0000 + Frame));
    }
}
