// The ways into the kernel: which code they begin with, on which stack, and what the processor has pushed there.

using Iced.Intel;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Makes the first state of each entry.</summary>
internal sealed class KernelEntries(CodeWorld world, LinkScope kernel, bool kpti)
{
    /// <summary>The first vector of the interrupt controllers, and the number of their lines.</summary>
    public const int FirstInterrupt = 32;

    /// <inheritdoc cref="FirstInterrupt"/>
    public const int VectorCount = 48;

    /// <summary>The symbols of the entry stack of KPTI.</summary>
    public const string EntryStack = "entry_stack";

    /// <inheritdoc cref="EntryStack"/>
    public const string EntryStackEnd = "entry_stack_top";

    public const int Debug = 1;
    public const int NonMaskable = 2;
    public const int DoubleFault = 8;
    public const int MachineCheck = 18;

    // src/Ringfence.Machine: amd64/interrupts.asm and ia32/interrupts.asm, STUB_SIZE; the selectors are those of constants.inc.
    private const int StubBytes = 9;
    private const int KernelCode = 0x08;
    private const int UserCode32 = 0x1B;
    private const int UserCode64 = 0x2B;

    private static readonly string[] s_exceptions =
    [
        "divide error", "debug", "non-maskable interrupt", "breakpoint", "overflow", "bound range", "invalid opcode", "no coprocessor", "double fault", "coprocessor overrun",
        "invalid task segment", "segment not present", "stack fault", "general protection", "page fault", "vector 15", "x87 fault", "alignment check", "machine check", "SIMD fault",
        "virtualisation", "control protection",
    ];

    /// <summary>A vector in words.</summary>
    public static string NameOf(int vector) =>
        vector >= FirstInterrupt ? $"interrupt {vector - FirstInterrupt}" : vector < s_exceptions.Length ? s_exceptions[vector] : $"vector {vector}";

    /// <summary>Whether the vector of that name is a line of the interrupt controllers.</summary>
    public static bool IsInterrupt(string name) => name.StartsWith("interrupt ", StringComparison.Ordinal);

    /// <summary>Whether the vector of that name comes between any two instructions, also where interrupts are off.</summary>
    public static bool ComesAnywhere(string name) => name == NameOf(NonMaskable) || name == NameOf(Debug);

    /// <summary>Whether a vector has a stack of its own on x86-64.</summary>
    public static bool HasSeparateStack(int vector) => vector is Debug or NonMaskable or DoubleFault or MachineCheck;

    /// <summary>A system call, with its number.</summary>
    public WalkKey? SystemCall(int number)
    {
        StackState state = new();
        if (world.Bits == 32)
        {
            state.Pointer = EntryStackTop.Plus(-5 * world.WordBytes);
        }

        state.Write(Register.RAX, StackValue.Of(number));
        return Begin("system_call_entry", 0, state);
    }

    /// <summary>A vector that interrupts user mode.</summary>
    public WalkKey? InterruptOfUser(int vector) =>
        Interrupt(vector, HasOwnStack(vector) ? OwnStackTop(vector) : EntryStackTop, 5, world.Bits == 64 ? UserCode64 : UserCode32);

    /// <summary>A vector that interrupts the kernel.</summary>
    public WalkKey? InterruptOfKernel(int vector)
    {
        if (world.Bits == 32)
        {
            // A double fault switches the task; it has no stub of its own.
            return vector == DoubleFault
                ? Begin("double_fault_entry", 0, new StackState { Pointer = StackBases.Top(StackRoot.SeparateStack) })
                : Interrupt(vector, StackBases.Top(StackRoot.Entry), 3, KernelCode);
        }

        // The processor aligns the stack pointer to 16 before it pushes.
        return HasOwnStack(vector)
            ? Interrupt(vector, OwnStackTop(vector), 5, KernelCode)
            : Interrupt(vector, StackBases.Top(StackRoot.Entry).Plus(-world.WordBytes), 5, KernelCode);
    }

    /// <summary>A vector that interrupts an entry or an exit on the entry stack of KPTI; only where it takes the stack that it finds.</summary>
    public WalkKey? InterruptOfEntry(int vector) =>
        kpti && world.Bits == 32 && vector is Debug or NonMaskable or MachineCheck ? Interrupt(vector, EntryStackTop, 3, KernelCode) : null;

    /// <summary>Where a vector that has a stack of its own arrives under KPTI: a landing's name. Null if it has none.</summary>
    public string? LandingOf(int vector) => !kpti || !HasOwnStack(vector) ? null : vector switch
    {
        NonMaskable => "entry_non_maskable_landing",
        Debug => "entry_debug_landing",
        _ => "entry_double_fault_landing",
    };

    /// <summary>The symbol of a name in the kernel, local ones included.</summary>
    public static Symbol? Find(LinkScope kernel, string name) =>
        kernel.Find(name) ?? kernel.Files.SelectMany(static file => file.Symbols).FirstOrDefault(known => known.Name == name && known.Fragment is { IsLive: true });

    /// <summary>The first code of a thread, at the top of its kernel stack.</summary>
    public WalkKey? ThreadStart() => Begin("thread_entry", 0, new StackState { Pointer = StackBases.Top(StackRoot.KernelStack) });

    /// <summary>The boot entry: on x86-64 from long mode on, up to which hardly a word of the stack is used.</summary>
    public WalkKey? Boot() => Begin(world.Bits == 64 ? "long_mode_entry" : "boot_entry", 0, new StackState());

    private bool HasOwnStack(int vector) => world.Bits == 64 && HasSeparateStack(vector);

    private StackValue OwnStackTop(int vector) => LandingOf(vector) is { } landing ? AtSymbol(landing) : StackBases.Top(StackRoot.SeparateStack);

    // Where an entry from user mode begins.
    private StackValue EntryStackTop => kpti ? AtSymbol(EntryStackEnd) : StackBases.Top(StackRoot.KernelStack);

    private StackValue AtSymbol(string name) =>
        Find(kernel, name) is { } symbol ? StackValue.OnStack((int)StackRoot.Absolute, (long)symbol.Address) : StackValue.Unknown;

    private WalkKey? Interrupt(int vector, StackValue top, int pushedWords, int codeSelector)
    {
        bool hasErrorCode = vector is 8 or (>= 10 and <= 14) or 17 or 21 or 29 or 30;
        StackState state = new() { Pointer = top.Plus(-(pushedWords + (hasErrorCode ? 1 : 0)) * world.WordBytes) };
        state.WriteWord(state.Pointer.Plus((hasErrorCode ? 2 : 1) * world.WordBytes), StackValue.Of(codeSelector));
        return Begin("interrupt_stubs", vector * StubBytes, state);
    }

    private WalkKey? Begin(string symbol, int offset, StackState state)
    {
        return Find(kernel, symbol)?.Address is { } start && world.FunctionAt(start + (ulong)offset) is { } function ? new WalkKey(function, state) : null;
    }
}
