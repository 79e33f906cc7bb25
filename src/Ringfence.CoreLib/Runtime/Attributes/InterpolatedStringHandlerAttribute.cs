// Interpolated strings work on metal where a method takes a handler of its own: the compiler looks for this mark on the handler's type.

namespace System.Runtime.CompilerServices;

/// <summary>Marks a type that the compiler may build from an interpolated string.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = false, Inherited = false)]
public sealed class InterpolatedStringHandlerAttribute : Attribute
{
}
