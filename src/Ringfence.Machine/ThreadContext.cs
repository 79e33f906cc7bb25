// What a switch of threads saves and loads. The assembly source switch.asm of the architecture knows this layout.

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>A thread as the processor has it. The methods take addresses of contexts; interrupts are off; they return when the first thread is switched to again.</summary>
public struct ThreadContext
{
    /// <summary>Stack pointer while it isn't running.</summary>
    public nuint StackPointer;

    /// <summary>
    /// Where its kernel stack begins, growing down, and its state area, growing up: <see cref="ProcessorState.ByteCount"/> bytes for what the x87 unit and the SSE registers hold of
    /// user mode while the thread isn't running.
    /// </summary>
    public nuint KernelStackTop;

    /// <summary>What to load into the x87 unit and the SSE registers when it is switched to: its own area once it has been in user mode, before that <see cref="ProcessorState.Clean"/>, as for every kernel thread.</summary>
    public nuint LoadedState;

    /// <summary>From a kernel thread to a kernel thread: the stack alone.</summary>
    [RuntimeImport("*", "machine_switch_stack")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Switch(nuint previous, nuint next);

    /// <summary>From a user thread: its state is saved and the next one's loaded, and the data selectors that user mode may have loaded are cleared. Of what was in the processor, nothing stays.</summary>
    [RuntimeImport("*", "machine_switch_from_user")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void SwitchFromUser(nuint previous, nuint next);

    /// <summary>From a kernel thread to a user thread: what is in the processor is nobody's.</summary>
    [RuntimeImport("*", "machine_switch_to_user")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void SwitchToUser(nuint previous, nuint next);
}
