// What the analysis of stacks in the image builder can't see in machine code, said where the code is. The builder knows these attributes by name, so an assembly that doesn't refer to this one
// brings its own copy.

using System;

namespace Ringfence.Abi;

/// <summary>
/// The method may be entered again before it has returned, directly or through others, but no more than so many of its calls are open at once. Without it a recursion is reported, and an image whose stacks are
/// sized by analysis isn't built.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MaximumRecursionAttribute : Attribute
{
    /// <summary>Takes the number of calls that may be open at once, 1 or more; the code has to keep to it.</summary>
    public MaximumRecursionAttribute(int calls) => Calls = calls;

    /// <summary>Calls that may be open at once.</summary>
    public int Calls { get; }
}

/// <summary>
/// The calls through function pointers in this method reach no other functions than those of its component, or of the kernel, that have the called signature and whose address is taken somewhere in it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CallsThroughPointerAttribute : Attribute;

/// <summary>The method never returns and ends the machine: what it needs of a stack isn't counted. On a stack without room for it the machine ends, too, with less to read.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EndsMachineAttribute : Attribute;
