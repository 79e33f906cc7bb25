// The unsigned integer of 32 or 64 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>A unsigned integer of the width of an address: 32 or 64 bits.</summary>
public readonly unsafe struct UIntPtr : IComparable<nuint>, IEquatable<nuint>
{
    public static readonly nuint Zero;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly unsafe void* _pointer;

    public UIntPtr(uint value) => _pointer = (void*)(nuint)value;

    public UIntPtr(ulong value) => _pointer = (void*)checked((nuint)value);

    public UIntPtr(void* value) => _pointer = value;

    public static nuint MaxValue => unchecked((nuint)(Size == 8 ? ulong.MaxValue : uint.MaxValue));

    public static nuint MinValue => unchecked((nuint)(Size == 8 ? ulong.MinValue : uint.MinValue));

    /// <summary>Bytes an address takes.</summary>
    public static int Size => sizeof(void*);

    private nuint _value => (nuint)_pointer;

    public void* ToPointer() => _pointer;

    public int CompareTo(nuint value) => _value < value ? -1 : _value > value ? 1 : 0;

    public bool Equals(nuint other) => _value == other;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is nuint other && _value == other;

    public override int GetHashCode() => ((ulong)_value).GetHashCode();

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(false, _value, _value, utf8Destination, out bytesWritten, format);
}
