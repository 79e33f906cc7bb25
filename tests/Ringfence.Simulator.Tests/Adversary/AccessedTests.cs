// What the A bit proves: a processor that caches nothing through an entry whose A is clear has used no entry that a locked operation finds with A clear.

using Xunit;
using static Ringfence.Simulator.Tests.Adversary.Scene;

namespace Ringfence.Simulator.Tests.Adversary;

public class AccessedTests
{
    private const ulong Leaf = Table + 20;

    private readonly AdversarialCache _cache = ThirtyTwoBit();

    [Fact]
    public void A_locked_operation_that_finds_a_clear_proves_that_nothing_was_filled()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Narrow(Leaf, (uint)Frame | ReadWrite, (uint)Frame | ReadOnly);
        Assert.False(_cache.MaySucceed(Write(Page)));
        Assert.True(_cache.MaySucceed(Read(Page)));
    }

    [Fact]
    public void A_locked_addition_proves_the_same()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.Equal((uint)Frame | ReadWrite, _cache.Memory.ExchangeAdd32(Leaf, unchecked((uint)-2)));
        Assert.False(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void Fills_go_on_after_a_comparison_that_fails()
    {
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        Assert.Equal((uint)Frame | ReadOnly, _cache.Memory.CompareExchange32(Leaf, 0, 1));
        Assert.True(_cache.MaySucceed(Read(Page)));
    }

    [Fact]
    public void A_plain_store_proves_nothing_since_a_fill_may_come_between_read_and_store()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        uint read = _cache.Memory.Read32(Leaf);
        Assert.Equal(0u, read & Accessed);
        _cache.Memory.Write32(Leaf, read & ~2u);
        Assert.True(_cache.MaySucceed(Write(Page)));
        Narrow(Leaf, read & ~2u, read & ~2u);
        Assert.True(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void What_was_filled_before_a_was_cleared_without_a_flush_survives_the_proof()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite | Accessed);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Narrow(Leaf, (uint)Frame | ReadWrite, (uint)Frame | ReadOnly);
        Assert.True(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void What_was_filled_after_a_flush_does_not_survive_it()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite | Accessed);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.InvalidatePage(Page);
        Narrow(Leaf, (uint)Frame | ReadWrite, (uint)Frame | ReadOnly);
        Assert.False(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void A_locked_operation_that_finds_a_set_proves_nothing()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.True(_cache.Access(Read(Page)));
        Narrow(Leaf, (uint)Frame | ReadWrite | Accessed, (uint)Frame | ReadOnly);
        Assert.True(_cache.MaySucceed(Write(Page)));
        Narrow(Leaf, (uint)Frame | ReadOnly, (uint)Frame | ReadOnly);
        Assert.True(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void A_clear_in_an_upper_entry_proves_it_for_all_that_lies_below()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite | Accessed);
        Narrow(Root, (uint)Table | ReadWrite, 0);
        Assert.False(_cache.MaySucceed(Read(Page)));
        Assert.False(_cache.MayWalkThrough(Table));
    }

    [Fact]
    public void A_clear_in_the_leaf_proves_nothing_about_the_upper_entry()
    {
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        _cache.Memory.Write32(Root, 0);
        Narrow(Leaf, (uint)Frame | ReadWrite, (uint)Frame | ReadOnly);
        Assert.False(_cache.MaySucceed(Write(Page)));
        Assert.True(_cache.MaySucceed(Read(Page)));
        Assert.True(_cache.MayWalkThrough(Table));
    }

    [Fact]
    public void A_fill_from_a_held_upper_entry_proves_nothing_about_that_entry_in_memory()
    {
        _cache.Memory.Write32(Root, (uint)Table | ReadWrite | Accessed);
        _cache.Memory.Write32(Root, (uint)Table | ReadWrite);
        _cache.SetLeaf32(Page, Frame, ReadWrite);
        Narrow(Root, (uint)Table | ReadWrite, (uint)Table | ReadOnly);
        Assert.True(_cache.MaySucceed(Write(Page)));
    }

    [Fact]
    public void Of_two_fills_that_differ_only_in_what_a_proves_the_one_that_outlasts_the_other_is_held_alone()
    {
        _cache.Memory.Write32(Root, (uint)Table | ReadWrite | Accessed);
        _cache.Memory.Write32(Root, (uint)Table | ReadOnly);
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        Assert.Equal(3, _cache.HeldCount);
        Narrow(Root, (uint)Table | ReadOnly, 0);
        Assert.True(_cache.MaySucceed(Read(Page)));
    }

    [Fact]
    public void The_proof_holds_for_the_half_of_an_entry_that_has_a_and_says_nothing_from_the_other()
    {
        AdversarialCache cache = FourLevel();
        cache.SetLeaf64(Page, Frame, ReadWrite);
        cache.Memory.CompareExchange32(Table + 44, 1, 0);
        Assert.True(cache.MayReach(Frame));
        cache.Memory.CompareExchange32(Table + 40, 0, (uint)Frame | ReadWrite);
        Assert.False(cache.MaySucceed(Read(Page)));
    }

    [Fact]
    public void A_locked_operation_on_a_whole_entry_of_8_bytes_proves_it()
    {
        AdversarialCache cache = FourLevel();
        cache.SetLeaf64(Page, Frame, ReadWrite);
        Assert.Equal(Frame | ReadWrite, cache.Memory.CompareExchange64(Table + 40, 0, Frame | ReadWrite));
        Assert.False(cache.MaySucceed(Read(Page)));
        cache.SetLeaf64(Page, Frame, ReadWrite);
        Assert.Equal(Frame | ReadWrite, cache.Memory.ExchangeAdd64(Table + 40, 0x1_0000_0000));
        Assert.False(cache.MayReach(Frame));
        Assert.True(cache.MayReach(0x1_0000_0000 + Frame));
    }

    [Fact]
    public void Without_the_vendors_promise_a_clear_proves_nothing()
    {
        AdversarialCache cache = ThirtyTwoBit(ThirtyTwoBitSettings with { HoldsOnlyAccessed = false });
        cache.SetLeaf32(Page, Frame, ReadWrite);
        Assert.Equal((uint)Frame | ReadWrite, cache.Memory.CompareExchange32(Leaf, (uint)Frame | ReadOnly, (uint)Frame | ReadWrite));
        Assert.True(cache.MaySucceed(Write(Page)));
    }

    private void Narrow(ulong entry, uint from, uint to) => Assert.Equal(from, _cache.Memory.CompareExchange32(entry, to, from));
}
