// Where addresses on stacks are counted from. A stack pointer that is aligned down starts a new base, whose place is known but for a few bytes: offsets from it stay exact, and so does
// what is put back from a register that was saved before.

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>The stacks that code may run on.</summary>
internal enum StackRoot
{
    /// <summary>The stack that a function was entered on, counted from the stack pointer at its first instruction.</summary>
    Entry = 0,

    /// <summary>The current thread's kernel stack, counted from its top.</summary>
    KernelStack = 1,

    /// <summary>The stack in kernel data of an exception that has one of its own, counted from its top.</summary>
    SeparateStack = 2,

    /// <summary>A stack that is named by its address: offsets are addresses.</summary>
    Absolute = 3,

    /// <summary>No stack to run on: memory of a caller that an argument points to.</summary>
    Caller = 4,
}

/// <summary>The bases met so far.</summary>
internal sealed class StackBases
{
    private readonly List<(StackRoot Root, long Depth)> _bases = [.. Enum.GetValues<StackRoot>().Select(static root => (root, 0L))];
    private readonly Dictionary<(ulong Place, StackValue Value, long Alignment), int> _aligned = [];

    /// <summary>The top of a stack, or the stack pointer at a function's first instruction.</summary>
    public static StackValue Top(StackRoot root) => StackValue.OnStack((int)root, 0);

    /// <summary>The stack that an address lies on.</summary>
    public StackRoot RootOf(StackValue value) => _bases[value.Base].Root;

    /// <summary>Bytes from the root down to the address, at most.</summary>
    public long DepthOf(StackValue value) => _bases[value.Base].Depth - value.Number;

    /// <summary>The address aligned down by the instruction at <paramref name="place"/>.</summary>
    /// <param name="place">The instruction.</param>
    /// <param name="value">The address, which is a multiple of <paramref name="step"/>.</param>
    /// <param name="alignment">A power of two.</param>
    /// <param name="step">Bytes of a word.</param>
    public StackValue AlignDown(ulong place, StackValue value, long alignment, long step)
    {
        if (!_aligned.TryGetValue((place, value, alignment), out int aligned))
        {
            aligned = _bases.Count;
            _bases.Add((RootOf(value), DepthOf(value) + alignment - step));
            _aligned.Add((place, value, alignment), aligned);
        }

        return StackValue.OnStack(aligned, 0);
    }
}
