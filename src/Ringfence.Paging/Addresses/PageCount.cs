// A number of pages; a type so that a count, a page number and a byte length can't be mixed.

using System;

namespace Ringfence.Paging;

/// <summary>How many pages (or frames).</summary>
public readonly struct PageCount : IEquatable<PageCount>, IComparable<PageCount>
{
    /// <summary>The count.</summary>
    public nuint Value { get; }

    /// <summary>Takes the value as it is; every value of the underlying type is one of this type.</summary>
    public PageCount(nuint value) => Value = value;

    /// <summary>No pages.</summary>
    public static PageCount Zero => default;

    /// <summary>One page.</summary>
    public static PageCount One => new(1);

    /// <summary>The smallest count of pages whose bytes are at least <paramref name="byteCount"/>. Does not wrap for any length.</summary>
    public static PageCount FromBytesRoundedUp(nuint byteCount) =>
        new((byteCount >> PageSize.Shift) + ((byteCount & PageSize.OffsetMask) == 0 ? 0u : 1u));

    /// <summary>Bytes in that many pages; 64 bits wide because 2^20 pages of a 32-bit address space are 2^32 bytes.</summary>
    public ulong ByteCount => (ulong)Value << PageSize.Shift;

    /// <inheritdoc/>
    public bool Equals(PageCount other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PageCount other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)Value);

    /// <inheritdoc/>
    public int CompareTo(PageCount other) => Value < other.Value ? -1 : Value > other.Value ? 1 : 0;

    /// <summary>Equal values.</summary>
    public static bool operator ==(PageCount left, PageCount right) => left.Value == right.Value;

    /// <summary>Different values.</summary>
    public static bool operator !=(PageCount left, PageCount right) => left.Value != right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <(PageCount left, PageCount right) => left.Value < right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(PageCount left, PageCount right) => left.Value > right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(PageCount left, PageCount right) => left.Value <= right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(PageCount left, PageCount right) => left.Value >= right.Value;
}
