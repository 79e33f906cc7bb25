// Ranges and counts at their limits: half-open, without wrapping, up to the last page.

using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public class ValueTypeTests
{
    private static readonly nuint s_pageLimit = (nuint.MaxValue >> PageSize.Shift) + 1;

    private static readonly Gen<PageRange> s_smallRange =
        Gen.Select(Gen.UInt[0, 20], Gen.UInt[0, 20], (first, count) => PageRange.CreateTruncated(new PageNumber(first), new PageCount(count)));

    [Fact]
    public void No_rights_are_both_writable_and_executable() =>
        Assert.DoesNotContain(Rights.All, rights => rights.IsWritable && rights.IsExecutable);

    [Fact]
    public void The_six_rights_are_distinct_and_the_default_is_the_least()
    {
        Assert.Equal(6, Rights.All.Distinct().Count());
        Assert.Equal(LeafRights.SupervisorRead, default);
    }

    [Fact]
    public void A_range_may_end_with_the_last_page_but_not_beyond()
    {
        Assert.True(PageRange.TryCreate(new PageNumber(s_pageLimit - 1), PageCount.One, out PageRange last));
        Assert.Equal(s_pageLimit, last.End.Value);
        Assert.True(last.Contains(new PageNumber(s_pageLimit - 1)));
        Assert.False(last.Contains(new PageNumber(0)));
        Assert.False(PageRange.TryCreate(new PageNumber(s_pageLimit - 1), new PageCount(2), out _));
        Assert.False(PageRange.TryCreate(new PageNumber(1), new PageCount(nuint.MaxValue), out PageRange none));
        Assert.Equal(PageRange.Empty, none);
        Assert.False(PageRange.TryCreate(new PageNumber(s_pageLimit + 1), PageCount.Zero, out _));
        Assert.True(PageRange.TryCreate(new PageNumber(s_pageLimit), PageCount.Zero, out PageRange atTheTop));
        Assert.True(atTheTop.IsEmpty);
    }

    [Fact]
    public void A_truncated_range_keeps_the_pages_that_exist()
    {
        PageRange range = PageRange.CreateTruncated(new PageNumber(s_pageLimit - 2), new PageCount(nuint.MaxValue));
        Assert.Equal((nuint)2, range.Count.Value);
        Assert.True(PageRange.CreateTruncated(new PageNumber(nuint.MaxValue), PageCount.One).IsEmpty);
    }

    [Fact]
    public void A_range_up_to_an_end_stops_at_the_top_of_the_address_space_and_is_the_empty_one_when_there_is_nothing_in_it()
    {
        PageNumber page = new(s_pageLimit - 2);
        Assert.Equal(s_pageLimit, PageRange.FromFirstToEnd(page, new PageNumber(s_pageLimit + 1)).End.Value);
        Assert.Equal(s_pageLimit, PageRange.FromFirstToEnd(page, new PageNumber(nuint.MaxValue)).End.Value);
        Assert.Equal(PageRange.Empty, PageRange.FromFirstToEnd(page, page));
        Assert.Equal(PageRange.Empty, PageRange.FromFirstToEnd(page, new PageNumber(1)));
        Assert.Equal(PageRange.Empty, PageRange.FromFirstToEnd(new PageNumber(s_pageLimit), new PageNumber(nuint.MaxValue)));
    }

    [Fact]
    public void An_empty_range_overlaps_nothing()
    {
        PageRange wide = PageRange.CreateTruncated(new PageNumber(2), new PageCount(8));
        PageRange none = PageRange.CreateTruncated(new PageNumber(4), PageCount.Zero);
        Assert.False(wide.Overlaps(none));
        Assert.False(none.Overlaps(wide));
        Assert.True(wide.Contains(none));
        Assert.True(wide.Contains(PageRange.Empty));
    }

    [Fact]
    public void The_first_byte_of_a_frame_is_aligned_and_no_other() =>
        Assert.Equal([true, false, false, false, true], new ulong[] { 0, 1, 0x800, 0xFFF, 0x1_0000_0000_1000 }.Select(address => new PhysicalAddress(address).IsFrameAligned));

    [Fact]
    public void Rounding_bytes_up_to_pages_does_not_wrap()
    {
        Assert.Equal((nuint)0, PageCount.FromBytesRoundedUp(0).Value);
        Assert.Equal((nuint)1, PageCount.FromBytesRoundedUp(1).Value);
        Assert.Equal((nuint)1, PageCount.FromBytesRoundedUp(4096).Value);
        Assert.Equal((nuint)2, PageCount.FromBytesRoundedUp(4097).Value);
        Assert.Equal(s_pageLimit, PageCount.FromBytesRoundedUp(nuint.MaxValue).Value);
    }

    [Fact]
    public void Overlap_intersection_and_containment_are_those_of_the_sets_of_pages() =>
        Gen.Select(s_smallRange, s_smallRange).Sample((left, right) =>
        {
            nuint[] leftPages = [.. Enumerate(left)];
            nuint[] rightPages = [.. Enumerate(right)];
            nuint[] common = [.. leftPages.Intersect(rightPages)];
            return left.Overlaps(right) == (common.Length != 0)
                && Enumerate(left.Intersect(right)).SequenceEqual(common)
                && left.Contains(right) == rightPages.All(page => leftPages.Contains(page));
        });

    private static System.Collections.Generic.IEnumerable<nuint> Enumerate(PageRange range)
    {
        for (nuint page = 0; page < 64; page++)
        {
            if (range.Contains(new PageNumber(page)))
            {
                yield return page;
            }
        }
    }
}
