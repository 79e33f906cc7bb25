// What the analysis of stacks knows of a register or a word of a stack: a place on a stack, a number, or nothing.

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Kinds of knowledge.</summary>
internal enum StackValueKind
{
    Unknown = 0,

    /// <summary>An address on a stack: an offset from one of the bases of <see cref="StackBases"/>.</summary>
    Stack,

    /// <summary>A number, zero-extended.</summary>
    Number,

    /// <summary>A number of which only the low byte is known.</summary>
    Byte,

    /// <summary>The flags register as PUSHF stores it: only whether interrupts are on, 1 or 0, is known.</summary>
    Flags,

    /// <summary>The same, with that bit shifted to the lowest place.</summary>
    ShiftedFlags,

    /// <summary>What a table of jumps holds at a known index.</summary>
    TableEntry,
}

/// <summary>A value of the analysis.</summary>
/// <param name="Kind">What is known.</param>
/// <param name="Base">The base of an address on a stack.</param>
/// <param name="Number">The offset, number, bit or index.</param>
internal readonly record struct StackValue(StackValueKind Kind, int Base, long Number)
{
    public static StackValue Unknown => default;

    public bool IsStack => Kind == StackValueKind.Stack;

    public bool IsNumber => Kind == StackValueKind.Number;

    public bool IsKnown => Kind != StackValueKind.Unknown;

    public static StackValue OnStack(int stackBase, long offset) => new(StackValueKind.Stack, stackBase, offset);

    public static StackValue Of(long number) => new(StackValueKind.Number, 0, number);

    /// <summary>The value moved by a number of bytes; addresses and numbers only.</summary>
    public StackValue Plus(long bytes) => Kind is StackValueKind.Stack or StackValueKind.Number ? this with { Number = Number + bytes } : Unknown;
}
