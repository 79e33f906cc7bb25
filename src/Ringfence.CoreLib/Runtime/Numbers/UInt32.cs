// The unsigned integer of 32 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>An integer of 32 bits, unsigned.</summary>
public readonly struct UInt32 : IComparable<uint>, IEquatable<uint>
{
    public const uint MaxValue = 4294967295;
    public const uint MinValue = 0;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly uint _value;

    public int CompareTo(uint value) => _value < value ? -1 : _value > value ? 1 : 0;

    public bool Equals(uint obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is uint other && _value == other;

    public override int GetHashCode() => (int)_value;

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(false, _value, _value, utf8Destination, out bytesWritten, format);
}
