// Flushes that are noted: nothing that came before is lost with what comes after.

using Ringfence.Paging;
using Xunit;

namespace Ringfence.Paging.Tests;

public class OwedFlushesTests
{
    private static readonly PhysicalAddress s_root = new(0x5000);
    private static readonly PhysicalAddress s_laterRoot = new(0x6000);
    private static readonly PageNumber s_page = new(7);

    [Fact]
    public void What_is_noted_is_owed()
    {
        OwedFlushes flushes = new(FlushObligation.ForPages(PageRange.OnePage(s_page)));
        flushes.FlushPage(new PageNumber(9));
        Assert.Equal(2, flushes.Owed.PageTotal);
        flushes.FlushAll();
        Assert.Equal(FlushKind.WholeSet, flushes.Owed.Kind);
    }

    [Fact]
    public void A_load_stays_owed_whatever_is_flushed_after_it_and_a_later_one_takes_its_place()
    {
        OwedFlushes flushes = default;
        flushes.FlushPage(s_page);
        flushes.LoadRoot(new TableAddress(s_root));
        Assert.Equal(s_root, flushes.Owed.Root);
        flushes.FlushAll();
        Assert.Equal(s_root, flushes.Owed.Root);
        flushes.LoadRoot(new TableAddress(s_laterRoot));
        Assert.Equal(s_laterRoot, flushes.Owed.Root);
    }

    [Fact]
    public void A_flush_of_every_context_and_the_load_of_one_are_both_owed_in_either_order()
    {
        ContextRoot root = new(s_root, 3, keepsTranslations: true);
        OwedFlushes flushes = default;
        flushes.FlushEveryContext();
        Assert.True(flushes.Owed.ConcernsEveryContext);
        flushes.LoadContext(root);
        Assert.True(flushes.Owed.LoadsRoot);
        Assert.True(flushes.Owed.ConcernsEveryContext);

        flushes = default;
        flushes.LoadContext(root);
        flushes.FlushEveryContext();
        Assert.True(flushes.Owed.LoadsRoot);
        Assert.True(flushes.Owed.ConcernsEveryContext);
    }
}
