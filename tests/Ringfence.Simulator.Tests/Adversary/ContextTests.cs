// Global pages and process contexts: what survives a CR3 write, and which instruction ends it.

using Xunit;
using static Ringfence.Simulator.Tests.Adversary.Scene;

namespace Ringfence.Simulator.Tests.Adversary;

public class ContextTests
{
    private const ulong OtherRoot = 0x5000;
    private const ulong KeepsTranslations = 1ul << 63;
    private static readonly ProcessorSettings s_withContexts = FourLevelSettings with { ProcessContextIdentifiersEnable = true };

    [Fact]
    public void A_global_translation_survives_cr3_writes_but_not_the_flush_of_its_page()
    {
        AdversarialCache cache = FourLevel();
        cache.SetLeaf64(Page, Frame, ReadWrite | Global);
        cache.SetLeaf64(Page, Frame, 0);
        cache.WriteCr3(OtherRoot);
        Assert.True(cache.MaySucceed(Write(Page)));
        cache.InvalidatePage(Page);
        Assert.False(cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void A_change_of_cr4_pge_ends_global_translations()
    {
        AdversarialCache cache = FourLevel();
        cache.SetLeaf64(Page, Frame, ReadWrite | Global);
        cache.SetLeaf64(Page, Frame, 0);
        Assert.True(cache.WriteControlBits(FourLevelSettings with { SupervisorAccessPrevention = true }));
        Assert.True(cache.MaySucceed(Write(Page)));
        Assert.True(cache.WriteControlBits(FourLevelSettings with { PageGlobalEnable = false }));
        Assert.False(cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void Without_cr4_pge_g_means_nothing()
    {
        AdversarialCache cache = FourLevel(FourLevelSettings with { PageGlobalEnable = false });
        cache.SetLeaf64(Page, Frame, ReadWrite | Global);
        cache.SetLeaf64(Page, Frame, 0);
        Assert.True(cache.MaySucceed(Write(Page)));
        cache.WriteCr3(Root);
        Assert.False(cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void Setting_cr4_smep_ends_what_is_not_global()
    {
        AdversarialCache cache = FourLevel();
        cache.SetLeaf64(Page, Frame, ReadWrite);
        cache.SetLeaf64(Page, Frame, 0);
        cache.SetLeaf64(Page + 0x1000, Frame, ReadWrite | Global);
        cache.SetLeaf64(Page + 0x1000, Frame, 0);
        Assert.True(cache.WriteControlBits(FourLevelSettings with { SupervisorExecutionPrevention = true }));
        Assert.False(cache.MaySucceed(Write(Page)));
        Assert.True(cache.MaySucceed(Write(Page + 0x1000)));
    }

    [Fact]
    public void Translations_of_a_context_wait_for_its_return_and_serve_no_other()
    {
        AdversarialCache cache = Stale(s_withContexts, ReadWrite);
        cache.WriteCr3(OtherRoot | 2);
        Assert.False(cache.MaySucceed(Write(Page)));
        cache.WriteCr3(KeepsTranslations | Root | 1);
        Assert.True(cache.MaySucceed(Write(Page)));
        cache.WriteCr3(OtherRoot | 2);
        cache.WriteCr3(Root | 1);
        Assert.False(cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void Upper_entries_of_a_context_that_returns_are_combined_with_what_was_stored_meanwhile()
    {
        AdversarialCache cache = Stale(s_withContexts, 0);
        cache.WriteCr3(OtherRoot | 2);
        cache.Memory.Write64(0x7000, 0);
        cache.InvalidatePage(0);
        cache.SetLeaf64(Page, Frame, ReadWrite);
        Assert.False(cache.MaySucceed(Write(Page)));
        Assert.True(cache.MayWalkThrough(Table));
        cache.WriteCr3(KeepsTranslations | Root | 1);
        Assert.True(cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void A_cr3_write_that_keeps_translations_drops_nothing_of_the_current_context_either()
    {
        AdversarialCache cache = Stale(s_withContexts, ReadWrite);
        cache.WriteCr3(KeepsTranslations | Root | 1);
        Assert.True(cache.MaySucceed(Write(Page)));
        cache.WriteCr3(Root | 1);
        Assert.False(cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void A_page_flush_in_one_context_leaves_the_page_in_another()
    {
        AdversarialCache cache = Stale(s_withContexts, ReadWrite);
        cache.WriteCr3(OtherRoot | 2);
        cache.InvalidatePage(Page);
        cache.WriteCr3(KeepsTranslations | Root | 1);
        Assert.True(cache.MaySucceed(Write(Page)));
    }

    [Theory]
    [InlineData(ContextInvalidation.Address, false, true, true)]
    [InlineData(ContextInvalidation.Context, false, false, true)]
    [InlineData(ContextInvalidation.All, false, false, true)]
    [InlineData(ContextInvalidation.AllWithGlobal, false, false, false)]
    public void Invpcid_ends_what_its_type_says(ContextInvalidation type, bool leavesThePage, bool leavesItsNeighbour, bool leavesGlobal)
    {
        AdversarialCache cache = Stale(s_withContexts, ReadWrite);
        foreach (uint bits in new[] { Global, 0u })
        {
            ulong page = Page + (bits == Global ? 0x2000ul : 0x1000ul);
            cache.SetLeaf64(page, Frame, ReadWrite | bits);
            cache.SetLeaf64(page, Frame, 0);
        }

        cache.WriteCr3(OtherRoot | 2);
        cache.InvalidateContext(type, 1, Page);
        cache.WriteCr3(KeepsTranslations | Root | 1);
        Assert.Equal(leavesThePage, cache.MaySucceed(Write(Page)));
        Assert.Equal(leavesItsNeighbour, cache.MaySucceed(Write(Page + 0x1000)));
        Assert.Equal(leavesGlobal, cache.MaySucceed(Write(Page + 0x2000)));
    }

    [Theory]
    [InlineData(ContextInvalidation.Address, true)]
    [InlineData(ContextInvalidation.Context, true)]
    [InlineData(ContextInvalidation.All, false)]
    [InlineData(ContextInvalidation.AllWithGlobal, false)]
    public void Invpcid_of_one_context_leaves_the_others(ContextInvalidation type, bool leaves)
    {
        AdversarialCache cache = Stale(s_withContexts, ReadWrite);
        cache.InvalidateContext(type, 3, Page);
        Assert.Equal(leaves, cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void Invpcid_of_an_address_leaves_its_global_translation()
    {
        AdversarialCache cache = Stale(s_withContexts, ReadWrite | Global);
        cache.InvalidateContext(ContextInvalidation.Address, 1, Page);
        Assert.True(cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void Invpcid_ends_the_upper_entries_of_its_address_too()
    {
        AdversarialCache cache = Stale(s_withContexts, 0);
        cache.Memory.Write64(0x7000, 0);
        cache.InvalidateContext(ContextInvalidation.Address, 1, Page + 0x20_0000);
        Assert.True(cache.MayWalkThrough(Table));
        cache.InvalidateContext(ContextInvalidation.Address, 1, Page);
        Assert.False(cache.MayWalkThrough(Table));
    }

    [Fact]
    public void Contexts_begin_with_context_0_and_their_end_ends_every_translation()
    {
        AdversarialCache cache = Stale(s_withContexts, ReadWrite | Global);
        Assert.True(cache.WriteControlBits(FourLevelSettings));
        Assert.Equal(0, cache.ProcessContext);
        Assert.False(cache.MaySucceed(Write(Page)));
        Assert.False(cache.WriteControlBits(s_withContexts));
        Assert.False(cache.WriteCr3(KeepsTranslations | Root));
        Assert.True(cache.WriteCr3(Root));
        Assert.True(cache.WriteControlBits(s_withContexts));
    }

    /// <summary>Context 1, with a translation of <see cref="Page"/> that memory no longer gives; none if the bits are 0.</summary>
    private static AdversarialCache Stale(ProcessorSettings settings, uint bits)
    {
        AdversarialCache cache = FourLevel(settings);
        cache.WriteCr3(Root | 1);
        cache.InvalidateContext(ContextInvalidation.Context, 0, 0);
        cache.SetLeaf64(Page, Frame, bits);
        cache.SetLeaf64(Page, Frame, 0);
        return cache;
    }
}
