// The stubs of the system calls, one each (src/Ringfence.Machine/common/calls.inc). Those that a component uses are linked into it, and the kernel of its image has the calls of the linked ones.

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.App;

/// <summary>The system calls by name; see <see cref="Abi.SystemCall"/> for arguments and results.</summary>
internal static class SystemCalls
{
    [RuntimeImport("*", "RingfenceCallExit")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long Exit(nint exitCode);

    [RuntimeImport("*", "RingfenceCallYield")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long Yield();

    [RuntimeImport("*", "RingfenceCallSleep")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long Sleep(nint ticks);

    [RuntimeImport("*", "RingfenceCallJoin")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long Join(nint handle);

    [RuntimeImport("*", "RingfenceCallCreateThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long CreateThread(nint function, nint argument, nint priority);

    [RuntimeImport("*", "RingfenceCallStartThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long StartThread(nint handle);

    [RuntimeImport("*", "RingfenceCallCurrentThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long CurrentThread();

    [RuntimeImport("*", "RingfenceCallWriteConsole")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long WriteConsole(nint address, nint byteCount);

    [RuntimeImport("*", "RingfenceCallTicks")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long Ticks();

    [RuntimeImport("*", "RingfenceCallRestartCount")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long RestartCount();

    [RuntimeImport("*", "RingfenceCallNothing")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long Nothing(nint mark);

    [RuntimeImport("*", "RingfenceCallArgument")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long Argument();

    [RuntimeImport("*", "RingfenceCallSleepUntil")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long SleepUntil(nint tickLow, nint tickHigh);

    [RuntimeImport("*", "RingfenceCallSemaphoreTake")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long SemaphoreTake(nint handle, nint timeoutTicks);

    [RuntimeImport("*", "RingfenceCallSemaphoreGive")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long SemaphoreGive(nint handle);

    [RuntimeImport("*", "RingfenceCallSemaphoreCount")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long SemaphoreCount(nint handle);

    [RuntimeImport("*", "RingfenceCallCreateSemaphore")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long CreateSemaphore(nint initialCount, nint limit);

    [RuntimeImport("*", "RingfenceCallDestroySemaphore")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long DestroySemaphore(nint handle);

    [RuntimeImport("*", "RingfenceCallSendMessage")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long SendMessage(nint handle, nint address, nint timeoutTicks);

    [RuntimeImport("*", "RingfenceCallReceiveMessage")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long ReceiveMessage(nint handle, nint address, nint timeoutTicks);

    [RuntimeImport("*", "RingfenceCallReadSerial")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long ReadSerial(nint handle, nint address, nint byteCount, nint timeoutTicks);

    [RuntimeImport("*", "RingfenceCallWriteSerial")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long WriteSerial(nint handle, nint address, nint byteCount, nint timeoutTicks);

    [RuntimeImport("*", "RingfenceCallTickFrequency")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern long TickFrequency();
}
