// Arrays exist only as data that the compiler lays out: static read-only tables. Creating one is a link error.
using System.Runtime.CompilerServices;

namespace System;

/// <summary>The base of all arrays.</summary>
public abstract class Array
{
    private protected Array()
    {
    }

    /// <summary>Number of elements.</summary>
    public int Length => (int)Unsafe.As<RawArrayData>(this).Length;
}

/// <summary>The base type ILC gives to arrays of one dimension; the interfaces of .NET's arrays are absent.</summary>
internal abstract class Array<T> : Array
{
}

/// <summary>How ILC lays an array out: the length right after the type pointer, then the elements.</summary>
internal sealed class RawArrayData
{
    public uint Length;

    // The elements start at the next multiple of the address size.
    public nuint Data;
}
