// Translations that outlast the entries they were made from.

using Xunit;
using static Ringfence.Simulator.Tests.Adversary.Scene;

namespace Ringfence.Simulator.Tests.Adversary;

public class TranslationTests
{
    private readonly AdversarialCache _cache = ThirtyTwoBit();

    [Fact]
    public void A_narrowing_store_leaves_the_wider_translation_until_its_page_is_flushed()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        Assert.True(_cache.MaySucceed(Write(Page)));
        _cache.InvalidatePage(Page + 0x123);
        Assert.False(_cache.MaySucceed(Write(Page)));
        Assert.True(_cache.MaySucceed(Read(Page)));
    }

    [Fact]
    public void A_flush_of_another_page_leaves_a_stale_translation()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        _cache.InvalidatePage(Page + 0x1000);
        _cache.InvalidatePage(Page - 0x1000);
        Assert.True(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void What_stood_in_memory_for_an_instant_between_two_stores_may_be_held()
    {
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        _cache.InvalidatePage(Page);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        Assert.True(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void A_fill_between_a_store_and_a_cr3_write_is_dropped_by_the_write_and_one_after_it_is_not()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.SetLeaf32(Page, Frame, Supervisor);
        _cache.WriteCr3(Root);
        Assert.False(_cache.MaySucceed(Read(Page)));

        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.WriteCr3(Root);
        _cache.SetLeaf32(Page, Frame, Supervisor);
        Assert.True(_cache.MaySucceed(Read(Page)));
    }

    [Fact]
    public void Nothing_is_held_through_an_entry_that_is_not_present_so_mapping_needs_no_flush()
    {
        _cache.SetLeaf32(Page, Frame, 0);
        Assert.Empty(_cache.Held(Page));
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.True(_cache.MustSucceedWithoutRetry(KernelWrite(Page)));
        Assert.True(_cache.MustSucceedWithRetry(Write(Page)));
    }

    [Fact]
    public void Nothing_is_held_through_an_entry_with_a_reserved_bit_set()
    {
        AdversarialCache cache = FourLevel(FourLevelSettings with { NoExecuteEnable = false });
        cache.Memory.Write64(Table + 40, 1ul << 63 | Frame | ReadWrite);
        Assert.Empty(cache.Held(Page));
        cache.Memory.Write64(Table + 40, 1ul << 40 | Frame | ReadWrite);
        Assert.Empty(cache.Held(Page));
        cache.Memory.Write64(0x6000 + 8, 0x7000 | ReadWrite | 1ul << 51);
        Assert.False(cache.MayWalkThrough(0x8000));
        cache.Memory.Write64(Root + 8, 0x6000 | ReadWrite | Large);
        Assert.Empty(cache.Held(0x80_0000_0000 + Page));
    }

    [Fact]
    public void A_fault_through_a_stale_narrower_translation_happens_once_and_the_kernel_can_not_afford_it()
    {
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.True(_cache.MustSucceedWithRetry(Write(Page)));
        Assert.False(_cache.MustSucceedWithoutRetry(KernelWrite(Page)));
        _cache.TakePageFault(Page + 8);
        Assert.True(_cache.MustSucceedWithoutRetry(KernelWrite(Page)));
    }

    [Fact]
    public void A_page_fault_leaves_the_translations_of_other_pages()
    {
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.TakePageFault(Page + 0x1000);
        Assert.False(_cache.MustSucceedWithoutRetry(KernelWrite(Page)));
    }

    [Fact]
    public void An_access_that_no_held_translation_lets_through_is_a_fault_that_drops_them()
    {
        _cache.SetLeaf32(Page, Frame, Supervisor);
        _cache.SetLeaf32(Page, Frame, 0);
        Assert.False(_cache.Access(Write(Page)));
        Assert.Empty(_cache.Held(Page));
    }

    [Fact]
    public void An_access_that_some_held_translation_lets_through_need_not_fault_and_drops_nothing()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.SetLeaf32(Page, Frame, 0);
        Assert.False(_cache.Access(Write(Page)));
        Assert.True(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void A_page_that_moved_to_another_frame_without_a_flush_may_lead_to_both()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.SetLeaf32(Page, OtherFrame, ReadWrite);
        Assert.False(_cache.MustSucceedWithRetry(Write(Page)));
        Assert.True(_cache.MayReach(Frame));
        _cache.InvalidatePage(Page);
        Assert.True(_cache.MustSucceedWithRetry(Write(Page)));
        Assert.False(_cache.MayReach(Frame));
        Assert.True(_cache.MayReach(OtherFrame));
    }

    [Fact]
    public void A_write_through_a_translation_cached_dirty_goes_unrecorded_once_d_is_cleared_without_a_flush()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.False(_cache.MayWriteUnrecorded(Page));
        Assert.True(_cache.Access(Write(Page)));
        Assert.Equal((uint)Frame | ReadWrite | Accessed | Dirty, _cache.Memory.Read32(Table + 20));
        Assert.False(_cache.MayWriteUnrecorded(Page));
        _cache.SetLeaf32(Page, Frame, ReadWrite | Accessed);
        Assert.True(_cache.MayWriteUnrecorded(Page));
        _cache.InvalidatePage(Page);
        Assert.False(_cache.MayWriteUnrecorded(Page));
    }
}
