// Obligations: combining never forgets a page, discharging reaches every page, and many pages become one flush.

using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public class FlushObligationTests
{
    private static readonly Gen<PageRange> s_range =
        Gen.Select(Gen.UInt[0, 60], Gen.UInt[0, 4], (first, count) => PageRange.CreateTruncated(new PageNumber(first), new PageCount(count)));

    [Fact]
    public void None_does_nothing()
    {
        Log log = new();
        LoggingCache cache = new(log);
        FlushObligation.None.Discharge(ref cache);
        FlushObligation.ForPages(PageRange.Empty).Discharge(ref cache);
        Assert.Equal(0, log.WholeFlushes);
        Assert.Empty(log.Pages);
        Assert.True(FlushObligation.None.IsNone);
        Assert.Equal(FlushKind.None, default(FlushObligation).Kind);
    }

    [Fact]
    public void As_many_pages_as_the_crossover_are_flushed_one_by_one_and_one_more_as_a_whole()
    {
        PageCount crossover = new(FlushObligation.WholeSetCrossoverPageCount);
        FlushObligation atCrossover = FlushObligation.ForPages(PageRange.CreateTruncated(new PageNumber(7), crossover));
        Assert.Equal(FlushKind.Pages, atCrossover.Kind);
        Log log = new();
        LoggingCache cache = new(log);
        atCrossover.Discharge(ref cache);
        Assert.Equal(Enumerable.Range(7, FlushObligation.WholeSetCrossoverPageCount).Select(page => (nuint)page), log.Pages);
        Assert.Equal(0, log.WholeFlushes);

        FlushObligation beyond = atCrossover.Combine(FlushObligation.ForPages(PageRange.OnePage(new PageNumber(100))));
        Assert.Equal(FlushKind.WholeSet, beyond.Kind);
        beyond.Discharge(ref cache);
        Assert.Equal(1, log.WholeFlushes);
    }

    [Fact]
    public void A_combination_discharges_every_page_of_each_part() =>
        s_range.Array[0, 8].Sample(ranges =>
        {
            FlushObligation all = FlushObligation.None;
            foreach (PageRange range in ranges)
            {
                all = all.Combine(FlushObligation.ForPages(range));
            }

            Log log = new();
            LoggingCache cache = new(log);
            all.Discharge(ref cache);
            HashSet<nuint> wanted = [];
            foreach (PageRange range in ranges)
            {
                for (PageNumber page = range.First; page < range.End; page += PageCount.One)
                {
                    wanted.Add(page.Value);
                }
            }

            bool reaches = log.WholeFlushes == 1 || wanted.IsSubsetOf(log.Pages);
            bool noMore = log.WholeFlushes == 1 || wanted.SetEquals(log.Pages);
            bool covers = wanted.All(page => all.Covers(new PageNumber(page)));
            return reaches && noMore && covers && all.IsNone == (wanted.Count == 0);
        }, iter: 5000);

    [Fact]
    public void A_page_owed_twice_is_flushed_once_and_its_neighbours_are_not_flushed()
    {
        FlushObligation page5 = FlushObligation.ForPages(PageRange.OnePage(new PageNumber(5)));
        Assert.Equal(1, page5.Combine(in page5).PageTotal);
        FlushObligation apart = page5.Combine(FlushObligation.ForPages(PageRange.OnePage(new PageNumber(7))));
        Assert.Equal(2, apart.PageTotal);
        Assert.Equal(new PageNumber(7), apart.Page(1));
        Assert.False(apart.Covers(new PageNumber(6)));
    }

    [Fact]
    public void Pages_far_apart_are_flushed_one_by_one_up_to_the_crossover()
    {
        FlushObligation all = FlushObligation.None;
        for (nuint index = 0; index < FlushObligation.WholeSetCrossoverPageCount; index++)
        {
            all = all.Combine(FlushObligation.ForPages(PageRange.OnePage(new PageNumber(index * 1000))));
        }

        Assert.Equal(FlushKind.Pages, all.Kind);
        Assert.Equal(FlushObligation.WholeSetCrossoverPageCount, all.PageTotal);
    }

    [Fact]
    public void The_whole_set_absorbs_pages_and_is_flushed_once()
    {
        Log log = new();
        LoggingCache cache = new(log);
        FlushObligation all = FlushObligation.ForPages(PageRange.OnePage(new PageNumber(3))).Combine(FlushObligation.WholeSet);
        all.Combine(FlushObligation.WholeSet).Discharge(ref cache);
        Assert.Equal(1, log.WholeFlushes);
        Assert.Empty(log.Pages);
        Assert.True(all.Covers(new PageNumber(12345)));
        Assert.Equal(0, FlushObligation.WholeSet.PageTotal);
    }

    [Fact]
    public void A_reload_of_the_directory_pointers_is_owed_by_every_combination_and_is_one_flush_of_all()
    {
        SimulatedMachine<PaeFormat> machine = new();
        FlushObligation reload = machine.Space.Map(
            ref machine.Pool, ref machine.Account, PageRange.OnePage(new PageNumber(5)), new FrameNumber(1), LeafRights.UserRead).Flush;
        FlushObligation page = FlushObligation.ForPages(PageRange.OnePage(new PageNumber(9)));
        Assert.Equal((true, FlushKind.None, false), (reload.NeedsDirectoryPointerReload, reload.Kind, reload.IsNone));
        foreach (FlushObligation owed in new[] { reload, reload.Combine(in page), page.Combine(in reload), reload.Combine(FlushObligation.None), FlushObligation.None.Combine(in reload) })
        {
            Log log = new();
            LoggingCache cache = new(log);
            owed.Discharge(ref cache);
            Assert.True(owed.NeedsDirectoryPointerReload);
            Assert.True(owed.Covers(new PageNumber(12345)));
            Assert.Equal((1, 0), (log.WholeFlushes, log.Pages.Count));
        }

        Assert.False(page.Combine(FlushObligation.ForPages(PageRange.OnePage(new PageNumber(8)))).NeedsDirectoryPointerReload);
    }

    [Fact]
    public void A_flush_of_upper_entries_is_owed_by_every_combination()
    {
        SimulatedMachine<FourLevelFormat> machine = new();
        machine.Map(PageRange.OnePage(new PageNumber(5)), 1, LeafRights.UserRead);
        FlushObligation link = machine.Space.DetachAll().Flush;
        FlushObligation page = FlushObligation.ForPages(PageRange.OnePage(new PageNumber(9)));
        Assert.Equal((FlushKind.WholeSet, false), (link.Kind, link.NeedsDirectoryPointerReload));
        Assert.All([link, link.Combine(in page), page.Combine(in link)], static owed => Assert.True(owed.NeedsStructureCacheFlush));
        Assert.False(page.Combine(FlushObligation.WholeSet).NeedsStructureCacheFlush);
        Assert.False(FlushObligation.WholeSet.NeedsStructureCacheFlush);
    }

    [Fact]
    public void Another_root_is_loaded_instead_of_every_flush_that_it_is_combined_with()
    {
        FlushObligation root = FlushObligation.ForRoot(new PhysicalAddress(0x5000));
        FlushObligation page = FlushObligation.ForPages(PageRange.OnePage(new PageNumber(9)));
        Assert.Equal((true, false, 0x5000ul), (root.LoadsRoot, root.IsNone, root.Root.Value));
        Assert.False(page.LoadsRoot);
        Assert.Equal(0ul, page.Root.Value);
        foreach (FlushObligation owed in new[]
        {
            root, root.Combine(in page), page.Combine(in root), root.Combine(FlushObligation.None), FlushObligation.None.Combine(in root), FlushObligation.WholeSet.Combine(in root), root.Combine(FlushObligation.WholeSet),
        })
        {
            Log log = new();
            LoggingCache cache = new(log);
            owed.Discharge(ref cache);
            Assert.Equal([new PhysicalAddress(0x5000)], log.Roots);
            Assert.Equal((0, 0), (log.WholeFlushes, log.Pages.Count));
            Assert.True(owed.Covers(new PageNumber(12345)));
        }
    }

    [Fact]
    public void Of_two_roots_the_later_one_is_loaded()
    {
        FlushObligation first = FlushObligation.ForRoot(new PhysicalAddress(0x5000));
        FlushObligation second = FlushObligation.ForRoot(new PhysicalAddress(0x6000));
        Assert.Equal(0x6000ul, first.Combine(in second).Root.Value);
        Assert.Equal(0x5000ul, second.Combine(in first).Root.Value);
        Assert.Equal(0x6000ul, first.Combine(FlushObligation.ForPages(PageRange.OnePage(new PageNumber(9)))).Combine(in second).Root.Value);
    }

    private static readonly PhysicalAddress s_firstRoot = new(0x5000);
    private static readonly PhysicalAddress s_secondRoot = new(0x6000);

    [Theory]
    [InlineData(0, false, 0x5000ul)]
    [InlineData(7, false, 0x5007ul)]
    [InlineData(0xFFF, true, 0x8000_0000_0000_5FFFul)]
    public void A_root_is_loaded_under_the_number_of_its_context_and_keeps_what_may_stay(int context, bool keepsTranslations, ulong control3)
    {
        ContextRoot root = new(s_firstRoot, context, keepsTranslations);
        Assert.Equal((s_firstRoot, context, keepsTranslations, control3), (root.Root, root.Context, root.KeepsTranslations, root.Control3));
        Assert.Equal((control3 | (1ul << 63), control3 & ~(1ul << 63)), (root.Keeping.Control3, root.Forgetting.Control3));

        FlushObligation owed = FlushObligation.ForRoot(root);
        Assert.Equal((true, false, s_firstRoot, false), (owed.LoadsRoot, owed.IsNone, owed.Root, owed.ConcernsEveryContext));
        Assert.False(owed.Covers(new PageNumber(9)));
        Log log = Discharge(owed);
        Assert.Equal([control3], log.Contexts.Select(static loaded => loaded.Control3));
        Assert.Equal((0, 0, 0, 0), (log.WholeFlushes, log.Pages.Count, log.Roots.Count, log.FlushesOfEveryContext));
    }

    // A load under a number does what that context owes. What else is owed may be another's.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_owed_beside_the_load_of_a_context_is_flushed_in_all_of_them(bool keepsTranslations)
    {
        FlushObligation root = FlushObligation.ForRoot(new ContextRoot(s_secondRoot, 2, keepsTranslations));
        FlushObligation page = FlushObligation.ForPages(PageRange.OnePage(new PageNumber(9)));
        FlushObligation earlier = FlushObligation.ForRoot(new ContextRoot(s_firstRoot, 1, keepsTranslations: false));
        FlushObligation[] all =
        [
            root.Combine(in page), page.Combine(in root), FlushObligation.WholeSet.Combine(in root), earlier.Combine(in root), page.InEveryContext().Combine(in root), root.Combine(page.InEveryContext()),
            page.Combine(FlushObligation.ForRoot(new ContextRoot(s_firstRoot, 1, keepsTranslations: true))).Combine(in root), root.InEveryContext(),
        ];
        foreach (FlushObligation owed in all)
        {
            Log log = Discharge(owed);
            Assert.Equal([new ContextRoot(s_secondRoot, 2, keepsTranslations).Control3], log.Contexts.Select(static loaded => loaded.Control3));
            Assert.Equal((1, 0, 0, 0), (log.FlushesOfEveryContext, log.WholeFlushes, log.Pages.Count, log.Roots.Count));
        }
    }

    [Fact]
    public void An_earlier_load_that_would_have_flushed_nothing_leaves_nothing_to_do()
    {
        FlushObligation first = FlushObligation.ForRoot(new ContextRoot(s_firstRoot, 1, keepsTranslations: true));
        FlushObligation second = FlushObligation.ForRoot(new ContextRoot(s_secondRoot, 2, keepsTranslations: true));
        foreach (FlushObligation owed in new[] { first.Combine(in second), second.Combine(FlushObligation.None), FlushObligation.None.Combine(in second) })
        {
            Log log = Discharge(owed);
            Assert.Equal([(s_secondRoot, true)], log.Contexts.Select(static loaded => (loaded.Root, loaded.KeepsTranslations)));
            Assert.Equal(0, log.FlushesOfEveryContext);
        }
    }

    [Fact]
    public void What_concerns_every_context_is_flushed_in_each_and_nothing_owed_is_nothing_in_each()
    {
        FlushObligation page = FlushObligation.ForPages(PageRange.OnePage(new PageNumber(9)));
        FlushObligation every = page.InEveryContext();
        Assert.True(FlushObligation.None.InEveryContext().IsNone);
        foreach (FlushObligation owed in new[] { every, every.Combine(in page), page.Combine(in every), every.Combine(FlushObligation.None) })
        {
            Assert.Equal((FlushKind.WholeSet, true, false), (owed.Kind, owed.ConcernsEveryContext, owed.IsNone));
            Assert.True(owed.Covers(new PageNumber(12345)));
            Log log = Discharge(owed);
            Assert.Equal((1, 0, 0), (log.FlushesOfEveryContext, log.WholeFlushes, log.Pages.Count));
            Assert.Empty(log.Contexts);
        }
    }

    private static Log Discharge(FlushObligation owed)
    {
        Log log = new();
        LoggingCache cache = new(log);
        owed.Discharge(ref cache);
        return log;
    }

    private sealed class Log
    {
        public List<nuint> Pages { get; } = [];

        public int WholeFlushes { get; set; }

        public List<PhysicalAddress> Roots { get; } = [];

        public List<ContextRoot> Contexts { get; } = [];

        public int FlushesOfEveryContext { get; set; }
    }

    private readonly struct LoggingCache(Log log) : ITranslationCache
    {
        private readonly Log _log = log;

        public void FlushPage(PageNumber page) => _log.Pages.Add(page.Value);

        public void FlushAll() => _log.WholeFlushes++;

        public void LoadRoot(TableAddress root) => _log.Roots.Add(new PhysicalAddress(root.Value));

        public void LoadContext(ContextRoot root) => _log.Contexts.Add(root);

        public void FlushEveryContext()
        {
            // What is flushed after the load would leave the moment between the two.
            Assert.Empty(_log.Contexts);
            _log.FlushesOfEveryContext++;
        }
    }
}
