// A byte address before translation; a type of its own so that it can't be mistaken for a physical one.

using System;

namespace Ringfence.Paging;

/// <summary>An address as code uses it. Whether it is canonical depends on the format: ask <see cref="FormatGeometry{TFormat}"/>.</summary>
public readonly struct VirtualAddress : IEquatable<VirtualAddress>, IComparable<VirtualAddress>
{
    /// <summary>The address in bytes. On a 64-bit host a 32-bit format uses only the low 32 bits.</summary>
    public nuint Value { get; }

    /// <summary>Takes the value as it is; every value of the underlying type is one of this type.</summary>
    public VirtualAddress(nuint value) => Value = value;

    /// <summary>The page that holds this byte.</summary>
    public PageNumber Page => new(Value >> PageSize.Shift);

    /// <summary>Bytes from the start of the page, 0..4095.</summary>
    public uint PageOffset => (uint)Value & PageSize.OffsetMask;

    /// <summary>Whether this is the first byte of a page.</summary>
    public bool IsPageAligned => PageOffset == 0;

    /// <inheritdoc/>
    public bool Equals(VirtualAddress other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is VirtualAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)Value);

    /// <inheritdoc/>
    public int CompareTo(VirtualAddress other) => Value < other.Value ? -1 : Value > other.Value ? 1 : 0;

    /// <summary>Equal values.</summary>
    public static bool operator ==(VirtualAddress left, VirtualAddress right) => left.Value == right.Value;

    /// <summary>Different values.</summary>
    public static bool operator !=(VirtualAddress left, VirtualAddress right) => left.Value != right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <(VirtualAddress left, VirtualAddress right) => left.Value < right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(VirtualAddress left, VirtualAddress right) => left.Value > right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(VirtualAddress left, VirtualAddress right) => left.Value <= right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(VirtualAddress left, VirtualAddress right) => left.Value >= right.Value;
}
