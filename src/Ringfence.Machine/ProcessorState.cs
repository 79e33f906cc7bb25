// What the x87 unit and the SSE registers hold, control words included: state of user threads. Every kernel thread runs with the same, the clean one: no value lives in these registers
// across a call, so a kernel thread that gives the processor away leaves nothing in them that it will miss, and one that is interrupted has them on its stack.

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>Areas of that state, in the format of FXSAVE (Intel SDM vol. 1, 10.5.1), aligned to 16. <see cref="ThreadContext"/> says when one is saved or loaded.</summary>
public static unsafe class ProcessorState
{
    /// <summary>Bytes of an area that holds it.</summary>
    public const int ByteCount = 512;

    /// <summary>Where the clean state is: every exception masked, every register zero.</summary>
    public static nuint Clean
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(delegate*<void>)&CleanSymbol;
    }

    [RuntimeImport("*", "machine_clean_state")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void CleanSymbol();
}
