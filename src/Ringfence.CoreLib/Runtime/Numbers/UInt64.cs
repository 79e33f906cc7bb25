// The unsigned integer of 64 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>An integer of 64 bits, unsigned.</summary>
public readonly struct UInt64 : IComparable<ulong>, IEquatable<ulong>
{
    public const ulong MaxValue = 18446744073709551615;
    public const ulong MinValue = 0;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly ulong _value;

    public int CompareTo(ulong value) => _value < value ? -1 : _value > value ? 1 : 0;

    public bool Equals(ulong obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ulong other && _value == other;

    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(false, _value, _value, utf8Destination, out bytesWritten, format);
}
