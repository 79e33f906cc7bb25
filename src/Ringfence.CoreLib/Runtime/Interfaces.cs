// The interfaces that structs and generic code here are written against.
namespace System;

/// <summary>A type whose values have an order.</summary>
public interface IComparable<in T>
    where T : allows ref struct
{
    int CompareTo(T? other);
}

/// <summary>A type whose values can be compared for equality without boxing.</summary>
public interface IEquatable<T>
    where T : allows ref struct
{
    bool Equals(T? other);
}

/// <summary>A type that has something to end: what <c>using</c> calls.</summary>
public interface IDisposable
{
    void Dispose();
}

/// <summary>Exists so that TryFormat has .NET's signature; no culture exists here, so always pass <c>null</c>.</summary>
public interface IFormatProvider
{
}
