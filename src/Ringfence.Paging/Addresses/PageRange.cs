// The only way this library says "from here to there": half-open and in whole pages, because inclusive ends and byte lengths
// are where memory protection code goes wrong by one.

using System;
using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Pages <c>First</c> up to, but without, <c>End</c>. The range that ends with the last page of the address space is representable:
/// its <see cref="End"/> is a number without an address. Guarantees <c>First + Count</c> does not wrap.
/// </summary>
public readonly struct PageRange : IEquatable<PageRange>
{
    private PageRange(PageNumber first, PageNumber end)
    {
        First = first;
        End = end;
    }

    /// <summary>The first page. Of no meaning when the range is empty.</summary>
    public PageNumber First { get; }

    /// <summary>The page after the last one.</summary>
    public PageNumber End { get; }

    /// <summary>How many pages.</summary>
    public PageCount Count => new(End.Value - First.Value);

    /// <summary>Whether there is no page in it.</summary>
    public bool IsEmpty => First.Value == End.Value;

    /// <summary>The empty range.</summary>
    public static PageRange Empty => default;

    /// <summary>A range from its first page and count, or false when <c>first + count</c> is no longer a page number.</summary>
    public static bool TryCreate(PageNumber first, PageCount count, out PageRange range)
    {
        nuint limit = (nuint.MaxValue >> PageSize.Shift) + 1;
        bool fits = first.Value <= limit && count.Value <= limit - first.Value;
        range = fits ? new PageRange(first, first + count) : default;
        return fits;
    }

    /// <summary>A range from its first page and count; pages beyond the top of the address space are cut off.</summary>
    public static PageRange CreateTruncated(PageNumber first, PageCount count)
    {
        nuint limit = (nuint.MaxValue >> PageSize.Shift) + 1;
        nuint start = first.Value < limit ? first.Value : limit;
        nuint length = count.Value < limit - start ? count.Value : limit - start;
        return new PageRange(new PageNumber(start), new PageNumber(start + length));
    }

    /// <summary>The pages from <paramref name="first"/> up to, but without, <paramref name="end"/>; empty when end is not above first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageRange FromFirstToEnd(PageNumber first, PageNumber end)
    {
        nuint limit = (nuint.MaxValue >> PageSize.Shift) + 1;
        nuint stop = end.Value < limit ? end.Value : limit;
        return first.Value < stop ? new PageRange(first, new PageNumber(stop)) : default;
    }

    /// <summary>A range whose ends were checked before: by whoever laid out an image, as a rule.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one, not below <paramref name="first"/>, and at most the one after the last of the address space.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageRange CreateUnchecked(PageNumber first, PageNumber end) => new(first, end);

    /// <summary>The single page <paramref name="page"/>.</summary>
    public static PageRange OnePage(PageNumber page) => CreateTruncated(page, PageCount.One);

    /// <summary>Whether the page is in the range.</summary>
    public bool Contains(PageNumber page) => page.Value - First.Value < Count.Value;

    /// <summary>Whether every page of <paramref name="other"/> is in the range; true for an empty one.</summary>
    public bool Contains(PageRange other) => other.IsEmpty || (other.First >= First && other.End <= End);

    /// <summary>Whether the two have a page in common. Adjacent ranges have none.</summary>
    public bool Overlaps(PageRange other) =>
        !IsEmpty && !other.IsEmpty && First < other.End && other.First < End;

    /// <summary>The pages in both.</summary>
    public PageRange Intersect(PageRange other)
    {
        PageNumber first = First > other.First ? First : other.First;
        PageNumber end = End < other.End ? End : other.End;
        return FromFirstToEnd(first, end);
    }

    /// <inheritdoc/>
    public bool Equals(PageRange other) => First == other.First && End == other.End;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PageRange other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((First.GetHashCode() * 397) ^ End.GetHashCode());

    /// <summary>Same first page and end.</summary>
    public static bool operator ==(PageRange left, PageRange right) => left.Equals(right);

    /// <summary>Not the same first page and end.</summary>
    public static bool operator !=(PageRange left, PageRange right) => !left.Equals(right);
}
