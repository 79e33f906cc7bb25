// The types C# and ILC give to metadata tokens in code, for example the data of an array initialiser.
namespace System;

/// <summary>A type, as the <c>ldtoken</c> instruction yields it.</summary>
public struct RuntimeTypeHandle
{
#pragma warning disable CS0169 // The compiler writes it.
    private readonly nint _value;
#pragma warning restore CS0169
}

/// <summary>A method, as the <c>ldtoken</c> instruction yields it.</summary>
public struct RuntimeMethodHandle
{
#pragma warning disable CS0169 // The compiler writes it.
    private readonly nint _value;
#pragma warning restore CS0169
}

/// <summary>A field, as the <c>ldtoken</c> instruction yields it.</summary>
public struct RuntimeFieldHandle
{
#pragma warning disable CS0169 // The compiler writes it.
    private readonly nint _value;
#pragma warning restore CS0169
}
