// A byte address after translation; 64 bits wide in every world because PAE reaches beyond 4 GiB.

using System;

namespace Ringfence.Paging;

/// <summary>An address on the memory bus.</summary>
public readonly struct PhysicalAddress : IEquatable<PhysicalAddress>, IComparable<PhysicalAddress>
{
    /// <summary>The address in bytes.</summary>
    public ulong Value { get; }

    /// <summary>Takes the value as it is; every value of the underlying type is one of this type.</summary>
    public PhysicalAddress(ulong value) => Value = value;

    /// <summary>The frame that holds this byte.</summary>
    public FrameNumber Frame => new((nuint)(Value >> PageSize.Shift));

    /// <summary>Whether this is the first byte of a frame.</summary>
    public bool IsFrameAligned => ((uint)Value & PageSize.OffsetMask) == 0;

    /// <inheritdoc/>
    public bool Equals(PhysicalAddress other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PhysicalAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)(Value >> PageSize.Shift) ^ (int)Value);

    /// <inheritdoc/>
    public int CompareTo(PhysicalAddress other) => Value < other.Value ? -1 : Value > other.Value ? 1 : 0;

    /// <summary>Equal values.</summary>
    public static bool operator ==(PhysicalAddress left, PhysicalAddress right) => left.Value == right.Value;

    /// <summary>Different values.</summary>
    public static bool operator !=(PhysicalAddress left, PhysicalAddress right) => left.Value != right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <(PhysicalAddress left, PhysicalAddress right) => left.Value < right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(PhysicalAddress left, PhysicalAddress right) => left.Value > right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(PhysicalAddress left, PhysicalAddress right) => left.Value <= right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(PhysicalAddress left, PhysicalAddress right) => left.Value >= right.Value;
}
