// The UTF-16 code unit, with the ASCII classes that parsers need.
using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>A UTF-16 code unit.</summary>
public readonly struct Char : IComparable<char>, IEquatable<char>
{
    public const char MaxValue = '\uFFFF';
    public const char MinValue = '\0';

    /// <summary>The value itself: the compiler lays the primitive out as this field.</summary>
    private readonly char _value;

    public static bool IsAscii(char c) => c < 0x80;

    public static bool IsAsciiDigit(char c) => IsBetween(c, '0', '9');

    public static bool IsAsciiLetterLower(char c) => IsBetween(c, 'a', 'z');

    public static bool IsAsciiLetterUpper(char c) => IsBetween(c, 'A', 'Z');

    public static bool IsAsciiLetter(char c) => IsAsciiLetterLower((char)(c | 0x20));

    public static bool IsAsciiLetterOrDigit(char c) => IsAsciiLetter(c) || IsAsciiDigit(c);

    public static bool IsAsciiHexDigit(char c) => IsAsciiDigit(c) || IsBetween((char)(c | 0x20), 'a', 'f');

    public static bool IsBetween(char c, char minInclusive, char maxInclusive) => (uint)(c - minInclusive) <= (uint)(maxInclusive - minInclusive);

    public int CompareTo(char value) => _value - value;

    public bool Equals(char obj) => _value == obj;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is char other && _value == other;

    public override int GetHashCode() => _value | (_value << 16);
}
