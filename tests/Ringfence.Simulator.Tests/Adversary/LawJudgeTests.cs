// The judge: an edit is wrong if any behaviour breaks the law, in either direction.

using Xunit;
using static Ringfence.Simulator.Tests.Adversary.Scene;

namespace Ringfence.Simulator.Tests.Adversary;

public class LawJudgeTests
{
    private readonly AdversarialCache _cache = ThirtyTwoBit();
    private readonly ListedLaw _law = new ListedLaw().Allow(Page, Frame, AccessKind.Read, AccessKind.Fetch);

    [Fact]
    public void Tables_that_give_what_the_law_says_break_nothing()
    {
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        _cache.SetLeaf32(Page + 0x1000, OtherFrame, Supervisor);
        Assert.Null(LawJudge.FindExcess(_cache, _law));
        Assert.Null(LawJudge.FindLack(_cache, _law, 0, 16));
    }

    [Fact]
    public void A_stale_translation_that_gives_more_is_an_excess_wherever_it_lies()
    {
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        _cache.SetLeaf32(0x3F_F000, OtherFrame, ReadOnly);
        _cache.SetLeaf32(0x3F_F000, OtherFrame, Supervisor);
        Assert.Equal(
            new LawBreach(LawBreachKind.ForbiddenAccessSucceeds, 0x3F_F000, AccessKind.Read, OtherFrame), LawJudge.FindExcess(_cache, _law));
    }

    [Fact]
    public void A_forbidden_piece_of_a_large_page_is_an_excess()
    {
        _cache.Memory.Write32(Root + 4, 0x0080_0000 | ReadOnly | Large);
        ListedLaw law = new();
        for (ulong page = 0; page < 1023; page++)
        {
            law.Allow(0x40_0000 + (page << 12), 0x80_0000 + (page << 12), AccessKind.Read, AccessKind.Fetch);
        }

        Assert.Equal(new LawBreach(LawBreachKind.ForbiddenAccessSucceeds, 0x7F_F000, AccessKind.Read, 0xBF_F000), LawJudge.FindExcess(_cache, law));
        law.Allow(0x7F_F000, 0xBF_F000, AccessKind.Read, AccessKind.Fetch);
        Assert.Null(LawJudge.FindExcess(_cache, law));
    }

    [Fact]
    public void A_translation_to_another_frame_is_a_breach_though_the_access_is_allowed()
    {
        _cache.SetLeaf32(Page, OtherFrame, ReadOnly);
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        Assert.Equal(new LawBreach(LawBreachKind.WrongFrame, Page, AccessKind.Read, OtherFrame), LawJudge.FindExcess(_cache, _law));
    }

    [Fact]
    public void A_page_that_the_tables_do_not_give_is_a_lack_though_some_behaviour_still_has_it()
    {
        _cache.SetLeaf32(Page, Frame, ReadOnly);
        _cache.SetLeaf32(Page, Frame, Supervisor);
        Assert.Null(LawJudge.FindExcess(_cache, _law));
        Assert.Equal(new LawBreach(LawBreachKind.AllowedAccessFails, Page, AccessKind.Read, 0), LawJudge.FindLack(_cache, _law, 0, 16));
        Assert.Null(LawJudge.FindLack(_cache, _law, 0, 5));
    }

    [Fact]
    public void Addresses_in_the_upper_half_are_judged_in_canonical_form()
    {
        AdversarialCache cache = FourLevel();
        cache.Memory.Write64(Root + (511 * 8), 0x6000 | ReadWrite);
        cache.SetLeaf64(Page, Frame, ReadOnly);
        ListedLaw law = new ListedLaw()
            .Allow(Page, Frame, AccessKind.Read, AccessKind.Fetch)
            .Allow(0xFFFF_FF80_0000_0000 + Page, Frame, AccessKind.Read, AccessKind.Fetch);
        Assert.Null(LawJudge.FindExcess(cache, law));
        Assert.Null(LawJudge.FindLack(cache, law, 0xFFFF_FF80_0000_0000, 16));
        Assert.Empty(cache.Held(0x0000_FF80_0000_0000 + Page));
    }
}
