// String literals: data in the image, never created at run time.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Internal.Runtime;

namespace System;

/// <summary>A string literal.</summary>
/// <remarks>The compiler writes the two fields when it lays a literal out and finds them by name.</remarks>
public sealed class String : IEquatable<string>
{
#pragma warning disable CS0649, CS0169 // Written by ILC, which lays literals out.
    private readonly int _stringLength;
    private char _firstChar;
#pragma warning restore CS0649, CS0169

    private String()
    {
    }

    /// <summary>Number of UTF-16 code units.</summary>
    public int Length
    {
        [Intrinsic]
        get => _stringLength;
    }

    // The name that references to the ordinary .NET carry.
    [IndexerName("Chars")]
    public char this[int index]
    {
        [Intrinsic]
        get
        {
            if ((uint)index >= (uint)_stringLength)
            {
                Failure.IndexOutOfRange();
            }

            return Unsafe.Add(ref _firstChar, index);
        }
    }

    public static implicit operator ReadOnlySpan<char>(string? value) =>
        value is null ? default : new ReadOnlySpan<char>(ref value._firstChar, value._stringLength);

    public static bool operator ==(string? a, string? b) => Equals(a, b);

    public static bool operator !=(string? a, string? b) => !Equals(a, b);

    public static bool Equals(string? a, string? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        if (a is null || b is null || a._stringLength != b._stringLength)
        {
            return false;
        }

        for (int i = 0; i < a._stringLength; i++)
        {
            if (Unsafe.Add(ref a._firstChar, i) != Unsafe.Add(ref b._firstChar, i))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsNullOrEmpty([NotNullWhen(false)] string? value) => value is null || value._stringLength == 0;

    public bool Equals([NotNullWhen(true)] string? value) => Equals(this, value);

    public override bool Equals([NotNullWhen(true)] object? obj) => ReferenceEquals(this, obj) || (obj is string other && Equals(this, other));

    public override int GetHashCode()
    {
        // FNV-1a: the value differs from .NET's, which differs from run to run.
        uint hash = 2166136261;
        for (int i = 0; i < _stringLength; i++)
        {
            hash = (hash ^ Unsafe.Add(ref _firstChar, i)) * 16777619;
        }

        return (int)hash;
    }

    /// <summary>The first code unit, for <c>fixed</c>; of an empty literal its terminating zero.</summary>
    public ref readonly char GetPinnableReference() => ref _firstChar;
}
