// The signed integer of 32 or 64 bits: ranges, comparison and formatting, as in .NET, without strings.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>A signed integer of the width of an address: 32 or 64 bits.</summary>
public readonly unsafe struct IntPtr : IComparable<nint>, IEquatable<nint>
{
    public static readonly nint Zero;

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly unsafe void* _pointer;

    public IntPtr(int value) => _pointer = (void*)(nint)value;

    public IntPtr(long value) => _pointer = (void*)checked((nint)value);

    public IntPtr(void* value) => _pointer = value;

    public static nint MaxValue => unchecked((nint)(Size == 8 ? long.MaxValue : int.MaxValue));

    public static nint MinValue => unchecked((nint)(Size == 8 ? long.MinValue : int.MinValue));

    /// <summary>Bytes an address takes.</summary>
    public static int Size => sizeof(void*);

    private nint _value => (nint)_pointer;

    public void* ToPointer() => _pointer;

    public int CompareTo(nint value) => _value < value ? -1 : _value > value ? 1 : 0;

    public bool Equals(nint other) => _value == other;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is nint other && _value == other;

    public override int GetHashCode() => ((long)_value).GetHashCode();

    /// <summary>Writes the number as UTF-8 text. Formats D, G, X, x, B with a precision; any other format fails with <c>NotSupported</c>.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IntegerFormat.TryFormat(_value < 0, (ulong)(_value < 0 ? -(long)_value : _value), (nuint)_value, utf8Destination, out bytesWritten, format);
}
