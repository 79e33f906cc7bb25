// The signed integer of 64 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>An integer of 64 bits, signed.</summary>
public readonly struct Int64 : IComparable<long>, IEquatable<long>
{
    public const long MaxValue = 9223372036854775807;
    public const long MinValue = -9223372036854775808;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly long _value;

    public int CompareTo(long value) => _value < value ? -1 : _value > value ? 1 : 0;

    public bool Equals(long obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is long other && _value == other;

    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(_value < 0, (ulong)(_value < 0 ? -_value : _value), (ulong)_value, utf8Destination, out bytesWritten, format);
}
