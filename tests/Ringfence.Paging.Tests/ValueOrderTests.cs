// Numbers, addresses, sizes, rights and ranges are equal, and in order, exactly as what they stand for is.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public class ValueOrderTests
{
    private static readonly nuint[] s_values = [0, 1, 2, 0xFFFF_FFFF, nuint.MaxValue];
    private static readonly int[] s_indexes = [0, 1, 511];

    [Fact]
    public void Frames_are_ordered_as_their_numbers() => AssertOrder(
        static value => new FrameNumber(value),
        static (left, right) => [left == right, left != right, left < right, left > right, left <= right, left >= right]);

    [Fact]
    public void Pages_are_ordered_as_their_numbers() => AssertOrder(
        static value => new PageNumber(value),
        static (left, right) => [left == right, left != right, left < right, left > right, left <= right, left >= right]);

    [Fact]
    public void Counts_are_ordered_as_their_values() => AssertOrder(
        static value => new PageCount(value),
        static (left, right) => [left == right, left != right, left < right, left > right, left <= right, left >= right]);

    [Fact]
    public void Physical_addresses_are_ordered_as_their_values() => AssertOrder(
        static value => new PhysicalAddress(value),
        static (left, right) => [left == right, left != right, left < right, left > right, left <= right, left >= right]);

    [Fact]
    public void Virtual_addresses_are_ordered_as_their_values() => AssertOrder(
        static value => new VirtualAddress(value),
        static (left, right) => [left == right, left != right, left < right, left > right, left <= right, left >= right]);

    [Fact]
    public void The_lesser_and_the_greater_of_two_pages_are_one_of_them()
    {
        PageNumber low = new(3);
        PageNumber high = new(5);
        Assert.Equal([low, low, high, high], [PageNumber.Least(low, high), PageNumber.Least(high, low), PageNumber.Greatest(low, high), PageNumber.Greatest(high, low)]);
    }

    [Fact]
    public void Six_rights_equal_themselves_alone() =>
        AssertEquality(Rights.All, static (left, right) => [left == right, left != right]);

    [Fact]
    public void Indexes_equal_those_with_the_same_value()
    {
        PagingLevel level = FourLevelFormat.Level(0);
        TableIndex[] indexes = [.. s_indexes.Select(value => TableIndex.TryCreate(level, value, out TableIndex index) ? index : throw new InvalidOperationException())];
        Assert.Equal(s_indexes, indexes.Select(static index => index.Value));
        AssertEquality(indexes, static (left, right) => [left == right, left != right]);
        Assert.False(TableIndex.TryCreate(level, 512, out TableIndex none));
        Assert.False(TableIndex.TryCreate(level, -1, out _));
        Assert.Equal(default, none);
    }

    [Fact]
    public void Leaf_sizes_are_those_that_the_format_has()
    {
        Assert.Equal([0, 1], Sizes<Ia32Format>().Select(static size => size.Level));
        Assert.Equal([0, 1], Sizes<PaeFormat>().Select(static size => size.Level));
        Assert.Equal([0, 1, 2], Sizes<FourLevelFormat>().Select(static size => size.Level));
        Assert.Equal([1, 512, 512 * 512], Sizes<FourLevelFormat>().Select(static size => (int)size.PageCount.Value));
        AssertEquality(Sizes<FourLevelFormat>(), static (left, right) => [left == right, left != right]);
        Assert.False(LeafSize<FourLevelFormat>.TryCreate(3, out LeafSize<FourLevelFormat> none));
        Assert.Equal(LeafSize<FourLevelFormat>.Page, none);
    }

    [Fact]
    public void Ranges_are_equal_when_first_page_and_end_are() => AssertEquality(
        [Pages(1, 2), Pages(1, 3), Pages(2, 2), PageRange.Empty],
        static (left, right) => [left == right, left != right]);

    private static PageRange Pages(nuint first, nuint count) => PageRange.CreateTruncated(new PageNumber(first), new PageCount(count));

    private static LeafSize<TFormat>[] Sizes<TFormat>()
        where TFormat : struct, IPagingFormat =>
        [.. Enumerable.Range(-1, 7).Where(static level => LeafSize<TFormat>.TryCreate(level, out _))
            .Select(static level => LeafSize<TFormat>.TryCreate(level, out LeafSize<TFormat> size) ? size : default)];

    private static void AssertOrder<T>(Func<nuint, T> make, Func<T, T, bool[]> compare)
        where T : struct, IEquatable<T>, IComparable<T>
    {
        foreach (nuint left in s_values)
        {
            foreach (nuint right in s_values)
            {
                Assert.Equal([left == right, left != right, left < right, left > right, left <= right, left >= right], compare(make(left), make(right)));
                Assert.Equal(left.CompareTo(right), make(left).CompareTo(make(right)));
            }
        }

        AssertEquality([.. s_values.Select(make)], (left, right) => compare(left, right)[..2]);
    }

    /// <summary>Values that are all different.</summary>
    private static void AssertEquality<T>(IReadOnlyList<T> values, Func<T, T, bool[]> compare)
        where T : struct, IEquatable<T>
    {
        for (int left = 0; left < values.Count; left++)
        {
            for (int right = 0; right < values.Count; right++)
            {
                Assert.Equal([left == right, left != right], compare(values[left], values[right]));
                Assert.Equal(left == right, values[left].Equals(values[right]));
                Assert.Equal(left == right, values[left].Equals((object)values[right]));
            }

            Assert.False(values[left].Equals(null));
            Assert.False(values[left].Equals(left));
        }
    }
}
