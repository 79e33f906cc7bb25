// The base of all structs. A struct that wants equality writes it: comparing fields by description needs reflection.
using System.Diagnostics.CodeAnalysis;
using Internal.Runtime;

namespace System;

/// <summary>The base of all structs.</summary>
public abstract class ValueType
{
    /// <summary>Fails with <c>NotSupported</c>: .NET would compare the fields, which takes their description at run time.</summary>
    public override bool Equals([NotNullWhen(true)] object? obj)
    {
        Failure.NotSupported();
        return false;
    }

    /// <summary>Fails with <c>NotSupported</c>, for the same reason.</summary>
    public override int GetHashCode()
    {
        Failure.NotSupported();
        return 0;
    }
}

/// <summary>The base of all enumerations. Names of values do not exist at run time.</summary>
public abstract class Enum : ValueType
{
}

/// <summary>The absence of a value.</summary>
public struct Void
{
}
