// Paging-structure caches: upper entries that outlast what they were read from, and the walks that go on from them.

using Xunit;
using static Ringfence.Simulator.Tests.Adversary.Scene;

namespace Ringfence.Simulator.Tests.Adversary;

public class UpperEntryTests
{
    private readonly AdversarialCache _cache = ThirtyTwoBit();

    [Fact]
    public void What_is_stored_in_an_unlinked_table_may_be_taken_for_entries_until_any_page_is_flushed()
    {
        _cache.Memory.Write32(Root, 0);
        Assert.True(_cache.MayWalkThrough(Table));
        _cache.Memory.Write32(Table + 20, (uint)Frame | ReadWrite);
        Assert.True(_cache.MaySucceed(Write(Page)));

        _cache.InvalidatePage(0x8000_0000);
        Assert.False(_cache.MayWalkThrough(Table));
        Assert.True(_cache.MaySucceed(Write(Page)));
        _cache.InvalidatePage(Page);
        _cache.Memory.Write32(Table + 20, (uint)OtherFrame | ReadWrite);
        Assert.False(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void A_stale_upper_entry_gives_its_rights_to_a_new_leaf()
    {
        _cache.Memory.Write32(Root, (uint)Table | ReadOnly);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.True(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void An_upper_entry_that_was_flushed_gives_its_rights_to_no_new_leaf()
    {
        _cache.Memory.Write32(Root, (uint)Table | ReadOnly);
        _cache.InvalidatePage(0x8000_0000);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.False(_cache.MaySucceed(Write(Page)));
        Assert.True(_cache.MaySucceed(Read(Page)));
    }

    [Fact]
    public void An_old_leaf_does_not_get_under_an_upper_entry_that_came_later()
    {
        _cache.Memory.Write32(Root, (uint)Table | ReadOnly);
        _cache.WriteCr3(Root);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        _cache.Memory.Write32(Root, (uint)Table | ReadWrite);
        Assert.False(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void Every_level_may_be_stale_while_the_levels_below_are_new()
    {
        AdversarialCache cache = FourLevel();
        cache.Memory.Write64(Root, 0x6000 | ReadOnly);
        cache.Memory.Write64(0x6000, 0x8000 | ReadWrite);
        cache.Memory.Write64(0x8000, Table | ReadWrite);
        cache.SetLeaf64(Page, Frame, ReadWrite);
        Assert.True(cache.MaySucceed(Write(Page)));

        cache.InvalidatePage(Page);
        Assert.False(cache.MaySucceed(Write(Page)));
        Assert.False(cache.MayWalkThrough(0x7000));
    }

    [Fact]
    public void A_cr3_write_drops_upper_entries()
    {
        _cache.Memory.Write32(Root, 0);
        _cache.WriteCr3(Root);
        Assert.False(_cache.MayWalkThrough(Table));
        Assert.True(_cache.MayWalkThrough(Root));
    }

    [Fact]
    public void A_page_fault_drops_the_upper_entries_of_its_address_and_no_others()
    {
        _cache.Memory.Write32(Root + 4, (uint)OtherTable | ReadWrite);
        _cache.Memory.Write32(Root, 0);
        _cache.Memory.Write32(Root + 4, 0);
        _cache.TakePageFault(0x40_0000);
        Assert.True(_cache.MayWalkThrough(Table));
        Assert.False(_cache.MayWalkThrough(OtherTable));
    }

    [Fact]
    public void A_walk_from_a_stale_upper_entry_may_fault_where_the_tables_would_not()
    {
        _cache.Memory.Write32(OtherTable + 20, (uint)Frame | ReadWrite);
        _cache.Memory.Write32(Root, (uint)OtherTable | ReadWrite);
        Assert.Single(_cache.Held(Page));
        Assert.True(_cache.MustSucceedWithRetry(Write(Page)));
        Assert.False(_cache.MustSucceedWithoutRetry(KernelWrite(Page)));
        _cache.InvalidatePage(Page);
        Assert.True(_cache.MustSucceedWithoutRetry(KernelWrite(Page)));
    }

    [Fact]
    public void A_table_that_leads_to_itself_is_walked_at_every_level()
    {
        _cache.Memory.Write32(Root + 0xFFC, (uint)Root | ReadWrite);
        Assert.Equal(Table, Assert.Single(_cache.Held(0xFFC0_0000)).FrameAddress);
        Assert.Equal(Root, Assert.Single(_cache.Held(0xFFFF_F000)).FrameAddress);
    }

    [Fact]
    public void A_table_beyond_all_memory_maps_nothing()
    {
        _cache.Memory.Write32(Root, 0x8000_0000 | ReadWrite);
        Assert.True(_cache.MayWalkThrough(0x8000_0000));
        Assert.False(_cache.TryTranslate(Page, out _));
    }
}
