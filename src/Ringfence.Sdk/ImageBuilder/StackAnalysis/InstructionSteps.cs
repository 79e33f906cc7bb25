// What an instruction that doesn't branch does to the state. What isn't said here changes registers and words in ways that don't matter: they are forgotten.

using Iced.Intel;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Executes instructions on what is known.</summary>
internal sealed class InstructionSteps(CodeWorld world, StackBases bases, CodeFunction function)
{
    private const int InterruptFlagBit = 9;

    /// <summary>Registers that a call doesn't preserve.</summary>
    /// <param name="bits">32 or 64.</param>
    /// <param name="state">The state to change.</param>
    /// <param name="isKept">Registers that this callee keeps all the same; null for none.</param>
    public static void ForgetScratch(int bits, StackState state, Func<Register, bool>? isKept = null)
    {
        ReadOnlySpan<Register> registers = bits == 64
            ? [Register.RAX, Register.RCX, Register.RDX, Register.RSI, Register.RDI, Register.R8, Register.R9, Register.R10, Register.R11]
            : [Register.RAX, Register.RCX, Register.RDX];
        foreach (Register register in registers)
        {
            if (isKept is null || !isKept(register))
            {
                state.Write(register, StackValue.Unknown);
            }
        }

        state.Compared = null;
        state.ForgetBelowPointer();
    }

    /// <summary>Changes the state as the instruction does; returns what can't be followed, or null.</summary>
    public string? Execute(in Instruction instruction, StackState state)
    {
        StackNote? note = world.Notes.TryGetValue(instruction.IP, out StackNote noted) ? noted : null;
        StackValue pointer = state.Pointer;
        string? problem = ExecuteKnown(instruction, state);
        state.Pointer = note switch
        {
            StackNote.SameDepth => pointer,
            StackNote.KernelStackTop => StackBases.Top(StackRoot.KernelStack),
            StackNote.SeparateStackTop => StackBases.Top(StackRoot.SeparateStack),
            _ => state.Pointer,
        };
        return problem;
    }

    private string? ExecuteKnown(in Instruction instruction, StackState state)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Push:
                return Push(instruction, state, Operand(instruction, 0, state));
            case Mnemonic.Pushfd or Mnemonic.Pushfq:
                return Push(instruction, state, new StackValue(StackValueKind.Flags, 0, state.InterruptsOn ? 1 : 0));
            case Mnemonic.Pop:
                Pop(instruction, state);
                return null;
            case Mnemonic.Popfd or Mnemonic.Popfq:
                StackValue flags = state.ReadWord(state.Pointer);
                state.InterruptsOn = flags.Kind == StackValueKind.Flags ? flags.Number != 0 : state.InterruptsOn;
                state.Pointer = state.Pointer.Plus(instruction.StackPointerIncrement);
                state.Compared = null;
                return null;
            case Mnemonic.Enter:
                return Enter(instruction, state);
            case Mnemonic.Leave:
                state.Pointer = state.Read(Register.RBP);
                state.Write(Frame, state.ReadWord(state.Pointer));
                state.Pointer = state.Pointer.Plus(world.WordBytes);
                return null;
            case Mnemonic.Mov:
                Move(instruction, state);
                return null;
            case Mnemonic.Movzx:
                StackValue source = Operand(instruction, 1, state);
                state.Write(instruction.Op0Register, source.IsNumber ? source : StackValue.Unknown);
                return null;
            case Mnemonic.Lea:
                state.Write(instruction.Op0Register, Address(instruction, state, isValue: true));
                return null;
            case Mnemonic.Xchg when instruction is { Op0Kind: OpKind.Register, Op1Kind: OpKind.Register }:
                StackValue first = state.Read(instruction.Op0Register);
                state.Write(instruction.Op0Register, state.Read(instruction.Op1Register));
                state.Write(instruction.Op1Register, first);
                return null;
            case Mnemonic.Add or Mnemonic.Sub or Mnemonic.And or Mnemonic.Shr or Mnemonic.Inc or Mnemonic.Dec when instruction.Op0Kind == OpKind.Register:
                bool isBelowStack = instruction.Mnemonic == Mnemonic.Add && state.Read(instruction.Op0Register).IsNumber && Operand(instruction, 1, state).IsStack;
                state.Write(instruction.Op0Register, Compute(instruction, state));

                // A distance down from a place on a stack: the sum of a large number and an address carries.
                state.Compared = isBelowStack ? new Comparison(0, 1, 32, IsTest: false) : null;
                return null;
            case Mnemonic.Cmp or Mnemonic.Test:
                state.Compared = Compare(instruction, state);
                return null;
            case Mnemonic.Cli:
                state.InterruptsOn = false;
                return null;
            case Mnemonic.Sti:
                state.InterruptsOn = true;
                return null;
            default:
                if (instruction is { OpCount: 1, Op0Kind: OpKind.Register } && KnownCondition.Of(instruction.ConditionCode, state.Compared) is { } isSet)
                {
                    state.Write(instruction.Op0Register, StackValue.Of(isSet ? 1 : 0));
                    return null;
                }

                return Forget(instruction, state);
        }
    }

    private Register Frame => world.Bits == 64 ? Register.RBP : Register.EBP;

    private static string? Push(in Instruction instruction, StackState state, StackValue value)
    {
        if (!state.Pointer.IsStack)
        {
            return "a push on a stack that could not be followed";
        }

        state.Pointer = state.Pointer.Plus(instruction.StackPointerIncrement);
        state.WriteWord(state.Pointer, value);
        return null;
    }

    private void Pop(in Instruction instruction, StackState state)
    {
        StackValue value = state.ReadWord(state.Pointer);
        state.Pointer = state.Pointer.Plus(instruction.StackPointerIncrement);
        if (instruction.Op0Kind == OpKind.Register)
        {
            state.Write(instruction.Op0Register, value);
        }
        else
        {
            state.WriteWord(Address(instruction, state, isValue: false), value);
        }
    }

    private string? Enter(in Instruction instruction, StackState state)
    {
        state.Pointer = state.Pointer.Plus(-world.WordBytes);
        state.WriteWord(state.Pointer, state.Read(Register.RBP));
        state.Write(Frame, state.Pointer);
        state.Pointer = state.Pointer.Plus(-instruction.Immediate16);
        return instruction.Immediate8_2nd == 0 ? null : "ENTER with nested frames";
    }

    private void Move(in Instruction instruction, StackState state)
    {
        StackValue value = Operand(instruction, 1, state);
        if (instruction.Op0Kind == OpKind.Memory)
        {
            int bytes = instruction.MemorySize.GetSize();
            value = bytes == world.WordBytes || (value.IsNumber && bytes == sizeof(int)) ? value
                : value.IsNumber && bytes == 1 ? value with { Kind = StackValueKind.Byte }
                : StackValue.Unknown;
            state.WriteWord(Address(instruction, state, isValue: false), value);
        }
        else if (instruction.Op0Kind == OpKind.Register)
        {
            state.Write(instruction.Op0Register, instruction.Op1Kind == OpKind.Memory && IsTableLoad(instruction, state, out long index)
                ? new StackValue(StackValueKind.TableEntry, 0, index)
                : value);
        }
    }

    // The load of a switch, its index known.
    private static bool IsTableLoad(in Instruction instruction, StackState state, out long index)
    {
        StackValue value = instruction.MemoryIndexScale == 4 ? state.Read(instruction.MemoryIndex) : StackValue.Unknown;
        index = value.Number;
        return value.IsNumber;
    }

    private StackValue Compute(in Instruction instruction, StackState state)
    {
        StackValue left = state.Read(instruction.Op0Register);
        StackValue right = instruction.OpCount == 1 ? StackValue.Of(1) : Operand(instruction, 1, state, isOperation: true);
        right = right.IsNumber ? StackValue.Of(SignExtend(right.Number)) : right;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Add when left.Kind == StackValueKind.TableEntry:
                return left;
            case Mnemonic.Add or Mnemonic.Inc when right.IsNumber:
                return left.Plus(right.Number);
            case Mnemonic.Add when left.IsNumber && right.IsStack:
                return right.Plus(SignExtend(left.Number));
            case Mnemonic.Sub or Mnemonic.Dec when right.IsNumber:
                return left.Plus(-right.Number);
            case Mnemonic.Sub when left.IsStack && right.IsStack && left.Base == right.Base:
                return StackValue.Of(left.Number - right.Number);
            case Mnemonic.And when left.IsStack && right.IsNumber && IsAlignment(right.Number):
                return bases.AlignDown(instruction.IP, left, -right.Number, world.WordBytes);
            case Mnemonic.And when left.Kind == StackValueKind.ShiftedFlags && right.IsNumber && right.Number == 1:
                return StackValue.Of(left.Number);
            case Mnemonic.And when left.IsNumber && right.IsNumber:
                return StackValue.Of(left.Number & right.Number);
            case Mnemonic.Shr when left.Kind == StackValueKind.Flags && right.Number == InterruptFlagBit:
                return left with { Kind = StackValueKind.ShiftedFlags };
            case Mnemonic.Shr when left.IsNumber && right.IsNumber && right.Number is >= 0 and < 64:
                return StackValue.Of((long)((ulong)left.Number >> (int)right.Number));
            default:
                return StackValue.Unknown;
        }
    }

    private static bool IsAlignment(long mask) => mask < 0 && long.IsPow2(-mask);

    private long SignExtend(long number) => world.Bits == 64 ? number : (int)number;

    // Numbers, or two places on one stack, which compare as their offsets do, brought above zero.
    private Comparison? Compare(in Instruction instruction, StackState state)
    {
        const long AboveZero = 1L << 40;
        StackValue left = Operand(instruction, 0, state, isOperation: true);
        StackValue right = Operand(instruction, 1, state, isOperation: true);
        bool isTest = instruction.Mnemonic == Mnemonic.Test;
        int bits = (instruction.Op0Kind == OpKind.Memory ? instruction.MemorySize.GetSize() : instruction.Op0Register.GetSize()) * 8;
        return IsPlain(left) && IsPlain(right) ? new Comparison(left.Number, right.Number, bits, isTest)
            : left.IsStack && right.IsStack && left.Base == right.Base && !isTest ? new Comparison(left.Number + AboveZero, right.Number + AboveZero, 64, false)
            : null;

        // A stack that is named by its address is at a number.
        static bool IsPlain(StackValue value) => value.IsNumber || (value.IsStack && value.Base == (int)StackRoot.Absolute);
    }

    // Numbers that compiled code brings along don't matter, and would only multiply what there is to follow; in operations they do, and in assembly sources.
    private StackValue Operand(in Instruction instruction, int index, StackState state, bool isOperation = false)
    {
        OpKind kind = instruction.GetOpKind(index);
        if (kind == OpKind.Register)
        {
            return state.Read(instruction.GetOpRegister(index));
        }

        if (kind == OpKind.Memory)
        {
            StackValue word = state.ReadWord(Address(instruction, state, isValue: false));
            int bytes = instruction.MemorySize.GetSize();
            return bytes == world.WordBytes && word.Kind != StackValueKind.Byte ? word
                : (word.IsNumber && bytes is 1 or 2 or 4) || (word.Kind == StackValueKind.Byte && bytes == 1) ? StackValue.Of(word.Number & ((1L << (bytes * 8)) - 1))
                : StackValue.Unknown;
        }

        bool isImmediate = kind is >= OpKind.Immediate8 and <= OpKind.Immediate32to64;
        if (isImmediate && index == 1 && instruction.Mnemonic == Mnemonic.Mov && instruction.Op0Kind == OpKind.Register
            && StackState.Index(instruction.Op0Register) == StackState.Index(Register.RSP))
        {
            return StackValue.OnStack((int)StackRoot.Absolute, (long)instruction.GetImmediate(1));
        }

        return isImmediate && (isOperation || !function.IsCompiled || IsStackAllocation(instruction)) ? StackValue.Of((long)instruction.GetImmediate(index)) : StackValue.Unknown;
    }

    // C#'s stackalloc: a negative number is loaded, and the stack pointer added to it.
    private bool IsStackAllocation(in Instruction instruction)
    {
        Instruction next = world.InstructionAt(instruction.NextIP);
        return instruction is { Mnemonic: Mnemonic.Mov, Op0Kind: OpKind.Register } && next is { Mnemonic: Mnemonic.Add, Op0Kind: OpKind.Register, Op1Kind: OpKind.Register }
            && next.Op0Register == instruction.Op0Register && StackState.Index(next.Op1Register) == StackState.Index(Register.RSP);
    }

    // Where an operand in memory lies, or what LEA makes of it.
    private StackValue Address(in Instruction instruction, StackState state, bool isValue)
    {
        if (JumpTable.AbsoluteAddress(instruction) is { } address)
        {
            StackValue absolute = StackValue.OnStack((int)StackRoot.Absolute, (long)address);
            bool isPointer = isValue && instruction.Op0Register.GetFullRegister() == Register.RSP;
            return !isValue || isPointer ? absolute : StackValue.Unknown;
        }

        if (instruction.MemoryIndex != Register.None || instruction.MemoryBase == Register.None)
        {
            return StackValue.Unknown;
        }

        StackValue from = state.Read(instruction.MemoryBase);
        return from.IsStack || isValue ? from.Plus(SignExtend((long)instruction.MemoryDisplacement64)) : StackValue.Unknown;
    }

    private string? Forget(in Instruction instruction, StackState state)
    {
        InstructionEffects effects = world.EffectsAt(instruction);
        foreach ((Register from, long displacement) in effects.WrittenWords)
        {
            if (state.Read(from) is { IsStack: true } address)
            {
                state.WriteWord(address.Plus(SignExtend(displacement)), StackValue.Unknown);
            }
        }

        foreach (Register register in effects.WrittenRegisters)
        {
            state.Write(register, StackValue.Unknown);
        }

        if (instruction.RflagsModified != RflagsBits.None)
        {
            state.Compared = null;
        }

        int increment = instruction.StackPointerIncrement;
        if (increment == 0)
        {
            return null;
        }

        string? problem = increment < 0 && !state.Pointer.IsStack ? "a push on a stack that could not be followed" : null;
        state.Pointer = state.Pointer.Plus(increment);
        for (int offset = 0; offset < -increment; offset += world.WordBytes)
        {
            state.WriteWord(state.Pointer.Plus(offset), StackValue.Unknown);
        }

        return problem;
    }
}
