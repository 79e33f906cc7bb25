// The truth value.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>True or false.</summary>
public readonly struct Boolean : IComparable<bool>, IEquatable<bool>
{
    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly bool _value;

    public int CompareTo(bool value) => _value == value ? 0 : _value ? 1 : -1;

    public bool Equals(bool obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is bool other && _value == other;

    public override int GetHashCode() => _value ? 1 : 0;
}
