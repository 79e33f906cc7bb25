// The signed integer of 16 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>An integer of 16 bits, signed.</summary>
public readonly struct Int16 : IComparable<short>, IEquatable<short>
{
    public const short MaxValue = 32767;
    public const short MinValue = -32768;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly short _value;

    public int CompareTo(short value) => _value - value;

    public bool Equals(short obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is short other && _value == other;

    public override int GetHashCode() => _value;

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(_value < 0, (ulong)(_value < 0 ? -(long)_value : _value), (ushort)_value, utf8Destination, out bytesWritten, format);
}
