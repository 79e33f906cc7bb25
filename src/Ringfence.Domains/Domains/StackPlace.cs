// A user stack as its owner keeps it: with what a strategy has found out about where it lies, so that no switch to it has to find that again.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// A user stack, and where its entries are, once they are known. Keep it with the thread whose stack it is, hand it to each switch to that thread, and make a new one for a new stack: what is known rests on the pages' base rights and their leaf
/// table, which stay as they are while they are a stack. The default value is no stack.
/// </summary>
public struct StackPlace
{
    private readonly UserStack _stack;

    /// <summary>Of a stack of which nothing is known.</summary>
    public StackPlace(in UserStack stack) => _stack = stack;

    /// <summary>The stack.</summary>
    public readonly UserStack Stack
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _stack;
    }

    /// <summary>Its first page.</summary>
    internal readonly PageNumber FirstPage
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _stack.Pages.First;
    }

    /// <summary>The address of the first page's entry, or 0 where that isn't known; for an audit, which compares it with the one that a walk finds.</summary>
    public nuint Entry
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        readonly get;
        internal set;
    }
}
