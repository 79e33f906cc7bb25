// The signed integer of 32 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>An integer of 32 bits, signed.</summary>
public readonly struct Int32 : IComparable<int>, IEquatable<int>
{
    public const int MaxValue = 2147483647;
    public const int MinValue = -2147483648;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly int _value;

    public int CompareTo(int value) => _value < value ? -1 : _value > value ? 1 : 0;

    public bool Equals(int obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is int other && _value == other;

    public override int GetHashCode() => _value;

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(_value < 0, (ulong)(_value < 0 ? -(long)_value : _value), (uint)_value, utf8Destination, out bytesWritten, format);
}
