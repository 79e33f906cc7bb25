// A function under the circumstances of a call: whether interrupts are on, and the few arguments that are known. The kernel's handler of interrupts is so looked at once for each vector, its
// dispatcher of system calls once for each number, and a branch that neither takes isn't counted for them.

using System.Text;
using Iced.Intel;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>What is known when a function is entered.</summary>
internal sealed class WalkKey : IEquatable<WalkKey>
{
    // How far above the stack pointer, or above what an argument points to, words are handed on.
    private const int HandedOnBytes = 0x200;

    private readonly string _text;

    public WalkKey(CodeFunction function, StackState entry)
    {
        Function = function;
        Entry = entry;
        StringBuilder text = new();
        text.Append(function.Address).Append(entry.InterruptsOn ? '+' : '-');
        for (Register register = Register.RAX; register <= Register.R15; register++)
        {
            if (register != Register.RSP && entry.Read(register) is { IsKnown: true } value)
            {
                Append(text.Append((int)register).Append('='), value);
                HasFacts = true;
            }
        }

        foreach ((int stackBase, long offset, StackValue value) in entry.Words)
        {
            Append(text.Append(stackBase).Append(',').Append(offset).Append('='), value);
            HasFacts = true;
        }

        Append(text, entry.Pointer);
        _text = text.ToString();
    }

    public CodeFunction Function { get; }

    /// <summary>The state at the first instruction.</summary>
    public StackState Entry { get; }

    /// <summary>Whether anything but the stack pointer is known.</summary>
    public bool HasFacts { get; }

    public bool Equals(WalkKey? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as WalkKey);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The call of a function about which nothing is known.</summary>
    public static WalkKey Plain(CodeFunction function, bool interruptsOn) =>
        new(function, new StackState { InterruptsOn = interruptsOn, Pointer = StackBases.Top(StackRoot.Entry) });

    /// <summary>The call that an instruction makes.</summary>
    /// <param name="world">The code.</param>
    /// <param name="function">What is called.</param>
    /// <param name="caller">The state of the caller, the return address pushed.</param>
    public static WalkKey OfCall(CodeWorld world, CodeFunction function, StackState caller)
    {
        StackState entry = new() { InterruptsOn = caller.InterruptsOn, Pointer = StackBases.Top(StackRoot.Entry) };
        StackValue pointer = caller.Pointer;
        foreach ((int stackBase, long offset, StackValue value) in caller.Words)
        {
            if (value.IsNumber && stackBase == pointer.Base && offset >= pointer.Number && offset < pointer.Number + HandedOnBytes)
            {
                entry.WriteWord(StackValue.OnStack((int)StackRoot.Entry, offset - pointer.Number), value);
            }
        }

        bool hasPointer = false;
        foreach (Register register in ArgumentRegisters(world.Bits))
        {
            StackValue argument = caller.Read(register);
            if (argument.Kind is StackValueKind.Number or StackValueKind.Byte)
            {
                entry.Write(register, argument);
            }
            else if (argument.IsStack && !hasPointer)
            {
                foreach ((int stackBase, long offset, StackValue value) in caller.Words)
                {
                    if (value.IsNumber && stackBase == argument.Base && offset >= argument.Number && offset < argument.Number + HandedOnBytes)
                    {
                        entry.WriteWord(StackValue.OnStack((int)StackRoot.Caller, offset - argument.Number), value);
                        hasPointer = true;
                    }
                }

                if (hasPointer)
                {
                    entry.Write(register, StackBases.Top(StackRoot.Caller));
                }
            }
        }

        return new WalkKey(function, entry);
    }

    private static void Append(StringBuilder text, StackValue value) =>
        text.Append((int)value.Kind).Append(',').Append(value.Base).Append(',').Append(value.Number).Append(';');

    // System V on 64 bits; on 32 the compiler's own convention, whose further arguments are on the stack.
    private static Register[] ArgumentRegisters(int bits) => bits == 64
        ? [Register.RDI, Register.RSI, Register.RDX, Register.RCX, Register.R8, Register.R9]
        : [Register.ECX, Register.EDX];
}
