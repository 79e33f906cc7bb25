// The unsigned integer of 16 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>An integer of 16 bits, unsigned.</summary>
public readonly struct UInt16 : IComparable<ushort>, IEquatable<ushort>
{
    public const ushort MaxValue = 65535;
    public const ushort MinValue = 0;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly ushort _value;

    public int CompareTo(ushort value) => _value - value;

    public bool Equals(ushort obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ushort other && _value == other;

    public override int GetHashCode() => _value;

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(false, _value, _value, utf8Destination, out bytesWritten, format);
}
