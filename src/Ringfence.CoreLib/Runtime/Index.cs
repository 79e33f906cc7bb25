// Positions from the start or the end of a sequence: the types behind ^i and a..b.
using System.Diagnostics.CodeAnalysis;
using Internal.Runtime;

namespace System;

/// <summary>A position counted from the start or from the end.</summary>
public readonly struct Index : IEquatable<Index>
{
    /// <summary>The position; one's complement if it counts from the end.</summary>
    private readonly int _value;

    public Index(int value, bool fromEnd = false)
    {
        if (value < 0)
        {
            Failure.ArgumentOutOfRange();
        }

        _value = fromEnd ? ~value : value;
    }

    public static Index Start => default;

    public static Index End => new(0, fromEnd: true);

    public int Value => _value < 0 ? ~_value : _value;

    public bool IsFromEnd => _value < 0;

    public static implicit operator Index(int value) => FromStart(value);

    public static Index FromStart(int value) => new(value);

    public static Index FromEnd(int value) => new(value, fromEnd: true);

    public int GetOffset(int length) => _value < 0 ? _value + length + 1 : _value;

    public bool Equals(Index other) => _value == other._value;

    public override bool Equals([NotNullWhen(true)] object? value) => value is Index other && _value == other._value;

    public override int GetHashCode() => _value;
}
