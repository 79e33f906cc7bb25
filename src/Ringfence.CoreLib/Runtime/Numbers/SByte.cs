// The signed integer of 8 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>An integer of 8 bits, signed.</summary>
public readonly struct SByte : IComparable<sbyte>, IEquatable<sbyte>
{
    public const sbyte MaxValue = 127;
    public const sbyte MinValue = -128;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly sbyte _value;

    public int CompareTo(sbyte value) => _value - value;

    public bool Equals(sbyte obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is sbyte other && _value == other;

    public override int GetHashCode() => _value;

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(_value < 0, (ulong)(_value < 0 ? -(long)_value : _value), (byte)_value, utf8Destination, out bytesWritten, format);
}
