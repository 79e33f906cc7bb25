// The number of a physical frame, apart from page numbers so that the two can't be exchanged.

using System;

namespace Ringfence.Paging;

/// <summary>A physical frame: its address divided by 4096. 32 bits in a 32-bit kernel, which covers 16 TiB, more than PAE processors reach.</summary>
public readonly struct FrameNumber : IEquatable<FrameNumber>, IComparable<FrameNumber>
{
    /// <summary>The frame number.</summary>
    public nuint Value { get; }

    /// <summary>Takes the value as it is; every value of the underlying type is one of this type.</summary>
    public FrameNumber(nuint value) => Value = value;

    /// <summary>The first byte of the frame.</summary>
    public PhysicalAddress Address => new((ulong)Value << PageSize.Shift);

    /// <summary>The frame that lies <paramref name="count"/> frames above.</summary>
    public FrameNumber Add(PageCount count) => new(Value + count.Value);

    /// <summary>The frame that lies <paramref name="count"/> frames above.</summary>
    public static FrameNumber operator +(FrameNumber frame, PageCount count) => frame.Add(count);

    /// <inheritdoc/>
    public bool Equals(FrameNumber other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FrameNumber other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)Value);

    /// <inheritdoc/>
    public int CompareTo(FrameNumber other) => Value < other.Value ? -1 : Value > other.Value ? 1 : 0;

    /// <summary>Equal values.</summary>
    public static bool operator ==(FrameNumber left, FrameNumber right) => left.Value == right.Value;

    /// <summary>Different values.</summary>
    public static bool operator !=(FrameNumber left, FrameNumber right) => left.Value != right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <(FrameNumber left, FrameNumber right) => left.Value < right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(FrameNumber left, FrameNumber right) => left.Value > right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(FrameNumber left, FrameNumber right) => left.Value <= right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(FrameNumber left, FrameNumber right) => left.Value >= right.Value;
}
