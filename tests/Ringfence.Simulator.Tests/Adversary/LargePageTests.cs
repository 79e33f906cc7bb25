// Large pages: one translation for many pages, and what a change of page size leaves behind.

using Xunit;
using static Ringfence.Simulator.Tests.Adversary.Scene;

namespace Ringfence.Simulator.Tests.Adversary;

public class LargePageTests
{
    private const uint LargePage = 0x0080_0000;
    private readonly AdversarialCache _cache = ThirtyTwoBit();

    public LargePageTests()
    {
        _cache.Memory.Write32(Root, LargePage | ReadWrite | Large);
        for (uint index = 0; index < 1024; index++)
        {
            _cache.Memory.Write32(OtherTable + (index * 4), (LargePage + (index << 12)) | ReadWrite);
        }

        _cache.WriteCr3(Root);
    }

    [Fact]
    public void A_large_page_split_without_a_flush_keeps_the_rights_that_it_had_on_every_piece()
    {
        _cache.Memory.Write32(Root, (uint)OtherTable | ReadWrite);
        _cache.Memory.Write32(OtherTable + 20, (LargePage + (uint)Page) | ReadOnly);
        _cache.InvalidatePage(Page + 0x40_0000);
        Assert.True(_cache.MaySucceed(Write(Page)));
        Assert.True(_cache.MustSucceedWithRetry(Write(Page + 0x1000)));
    }

    [Fact]
    public void A_flush_of_any_piece_ends_the_large_translation_whole()
    {
        _cache.Memory.Write32(Root, (uint)OtherTable | ReadWrite);
        _cache.InvalidatePage(0x3F_F000);
        _cache.Memory.Write32(OtherTable + 20, (LargePage + (uint)Page) | ReadOnly);
        _cache.InvalidatePage(Page);
        Assert.False(_cache.MaySucceed(Write(Page)));
        Assert.True(_cache.MaySucceed(Write(Page + 0x1000)));
    }

    [Fact]
    public void A_page_fault_on_any_piece_ends_the_large_translation_whole()
    {
        _cache.Memory.Write32(Root, LargePage | ReadOnly | Large);
        _cache.TakePageFault(0x12_3456);
        Assert.False(_cache.MaySucceed(Write(0)));
        Assert.False(_cache.MaySucceed(Write(0x3F_F000)));
    }

    [Fact]
    public void A_merge_without_a_flush_keeps_the_small_pages_and_their_table()
    {
        _cache.Memory.Write32(Root, (uint)OtherTable | ReadWrite);
        _cache.InvalidatePage(0);
        _cache.Memory.Write32(Root, LargePage | ReadOnly | Large);
        Assert.True(_cache.MaySucceed(Write(Page)));
        Assert.True(_cache.MayWalkThrough(OtherTable));
        _cache.InvalidatePage(Page);
        Assert.False(_cache.MaySucceed(Write(Page)));
        Assert.True(_cache.MaySucceed(Write(Page + 0x1000)));
        Assert.False(_cache.MayWalkThrough(OtherTable));
    }

    [Fact]
    public void The_frame_of_a_piece_lies_as_far_into_the_large_page_as_the_piece()
    {
        Assert.Equal(LargePage + Page, Assert.Single(_cache.Held(Page + 0x321)).FrameAddress);
        Assert.True(_cache.MayReach(LargePage + 0x3F_F000));
        Assert.False(_cache.MayReach(LargePage + 0x40_0000));
        Assert.False(_cache.MayReach(LargePage - 0x1000));
    }

    [Fact]
    public void Without_page_size_extensions_ps_means_nothing()
    {
        AdversarialCache cache = ThirtyTwoBit(ThirtyTwoBitSettings with { PageSizeExtensions = false });
        cache.Memory.Write32(Root, (uint)Table | ReadWrite | Large);
        cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.Equal(Frame, Assert.Single(cache.Held(Page)).FrameAddress);
    }

    [Fact]
    public void Where_there_are_no_gibibyte_pages_nothing_is_held_through_an_entry_that_asks_for_one()
    {
        AdversarialCache cache = FourLevel(FourLevelSettings with { GibibytePages = false });
        cache.Memory.Write64(0x6000 + 8, 0x8000_0000 | ReadWrite | Large);
        Assert.Empty(cache.Held(0x4000_0000));
    }

    [Fact]
    public void A_gibibyte_page_is_one_translation()
    {
        AdversarialCache cache = FourLevel();
        cache.Memory.Write64(0x6000 + 8, 0x8000_0000 | ReadWrite | Large);
        Assert.Equal(0xBFFF_F000ul, Assert.Single(cache.Held(0x7FFF_F000)).FrameAddress);
        cache.Memory.Write64(0x6000 + 8, 0);
        Assert.True(cache.MaySucceed(Write(0x4000_0000)));
        cache.InvalidatePage(0x5555_5000);
        Assert.False(cache.MaySucceed(Write(0x4000_0000)));
    }
}
