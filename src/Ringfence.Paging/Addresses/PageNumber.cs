// The number of a virtual page; whole pages are the only unit in which rights exist.

using System;

namespace Ringfence.Paging;

/// <summary>A virtual page: its address divided by 4096. The number after the last page of the address space is representable, so ends never wrap.</summary>
public readonly struct PageNumber : IEquatable<PageNumber>, IComparable<PageNumber>
{
    /// <summary>The page number. 32-bit formats use 0..0xFFFFF, the 4-level format 0..0xFFFFFFFFFFFFF with the non-canonical middle unused.</summary>
    public nuint Value { get; }

    /// <summary>Takes the value as it is; every value of the underlying type is one of this type.</summary>
    public PageNumber(nuint value) => Value = value;

    /// <summary>The first byte of the page. Meaningless for the number after the last page of the address space, which has no address.</summary>
    public VirtualAddress Address => new(Value << PageSize.Shift);

    /// <summary>The page that lies <paramref name="count"/> pages above.</summary>
    public PageNumber Add(PageCount count) => new(Value + count.Value);

    /// <summary>The page that lies <paramref name="count"/> pages above.</summary>
    public static PageNumber operator +(PageNumber page, PageCount count) => page.Add(count);

    /// <summary>The lower one of the two.</summary>
    public static PageNumber Least(PageNumber left, PageNumber right) => left.Value < right.Value ? left : right;

    /// <summary>The higher one of the two.</summary>
    public static PageNumber Greatest(PageNumber left, PageNumber right) => left.Value > right.Value ? left : right;

    /// <inheritdoc/>
    public bool Equals(PageNumber other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PageNumber other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)Value);

    /// <inheritdoc/>
    public int CompareTo(PageNumber other) => Value < other.Value ? -1 : Value > other.Value ? 1 : 0;

    /// <summary>Equal values.</summary>
    public static bool operator ==(PageNumber left, PageNumber right) => left.Value == right.Value;

    /// <summary>Different values.</summary>
    public static bool operator !=(PageNumber left, PageNumber right) => left.Value != right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <(PageNumber left, PageNumber right) => left.Value < right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(PageNumber left, PageNumber right) => left.Value > right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(PageNumber left, PageNumber right) => left.Value <= right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(PageNumber left, PageNumber right) => left.Value >= right.Value;
}
