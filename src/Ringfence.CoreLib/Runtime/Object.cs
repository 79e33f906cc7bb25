// The root of all types. Only what needs neither allocation nor type descriptions at run time exists.
using Internal.Runtime;

namespace System;

/// <summary>The root of all types.</summary>
/// <remarks>There is no <c>ToString</c>, <c>GetType</c> or finaliser: using one is a C# error.</remarks>
public unsafe class Object
{
    /// <summary>Where compiled code finds the type: ILC puts the pointer to it at the start of every object.</summary>
    internal MethodTable* _methodTable;

    public Object()
    {
    }

    public virtual bool Equals(object? obj) => ReferenceEquals(this, obj);

    public virtual int GetHashCode() => 0;

    public static bool ReferenceEquals(object? objA, object? objB) => objA == objB;
}
