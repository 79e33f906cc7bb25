// System calls arrive here from the entry stub, which has checked the number and looked the handler up: the method exported as KernelCall and the name in the enum SystemCall. The image builder makes the
// table, and takes the handlers out of the kernel that no component of the image calls.
//
// Arguments are values in registers: they are copied by being passed, so nothing can change them after a check. Memory that they
// name is copied by UserMemory before it is looked at. A handler has two parameters at most, or all five (the stub of IA-32 pushes the last three).

using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>
/// Carries out system calls on behalf of the current user thread: those on threads, time and the console. Interrupts are off, and off again when a handler returns (images built with the audit check that).
/// </summary>
public static class SystemCallHandlers
{
    // Bytes copied at once from user memory to the console; a piece of a line is written with interrupts off.
    private const int ConsoleChunkByteCount = 128;

    [RuntimeExport("KernelCallExit")]
    private static long Exit(nint exitCode)
    {
        ThreadLifecycle.ExitCurrent((int)exitCode);
        return 0;
    }

    [RuntimeExport("KernelCallFail")]
    private static long Fail(nint reason, nint stackPointer)
    {
        EndCaller(FaultKind.FailedCheck, (nuint)reason, (nuint)stackPointer);
        return 0;
    }

    [RuntimeExport("KernelCallYield")]
    private static long Yield()
    {
        Scheduler.Yield();
        return 0;
    }

    [RuntimeExport("KernelCallSleep")]
    private static long Sleep(nint ticks)
    {
        ThreadLifecycle.Sleep((nuint)ticks);
        return 0;
    }

    [RuntimeExport("KernelCallSleepUntil")]
    private static long SleepUntil(nint tickLow, nint tickHigh) => (long)ThreadLifecycle.SleepUntil((uint)tickLow | ((ulong)(uint)tickHigh << 32));

    [RuntimeExport("KernelCallCurrentThread")]
    private static long CurrentThread() => ThreadTable.HandleOf(Scheduler.Current).Value;

    [RuntimeExport("KernelCallTicks")]
    private static long Ticks() => (long)Clock.Ticks;

    [RuntimeExport("KernelCallTickFrequency")]
    private static long TickFrequency() => (long)ImageTable.Description.TickFrequencyHertz;

    [RuntimeExport("KernelCallRestartCount")]
    private static long RestartCount() => ComponentTable.At(Scheduler.CurrentThread.Component).RestartCount;

    [RuntimeExport("KernelCallArgument")]
    private static long Argument() => (nint)Scheduler.CurrentThread.Argument;

    [RuntimeExport("KernelCallNothing")]
    private static long DoNothing(nint mark)
    {
#if COUNT
        MarkMeasurement((CountingMark)mark);
#endif
        return 0;
    }

#if COUNT
    private static void MarkMeasurement(CountingMark mark)
    {
        if (mark == CountingMark.Begin)
        {
            // The run with interrupts off that has led here is no part of the stretch.
            Processor.EnableInterrupts();
            EventCounter.Begin();
            _ = Processor.DisableInterrupts();
        }
        else if (mark == CountingMark.End)
        {
            EventCounter.End();
        }
    }
#endif

    // The number is beyond the table, or one that no component of the image has in its code.
    [RuntimeExport("KernelBadSystemCall")]
    private static long RefuseNumber(nint number)
    {
        EndCaller(FaultKind.BadSystemCall, (nuint)number, 0);
        return 0;
    }

#if ARCHITECTURE_AMD64
    [RuntimeExport("KernelBadReturnAddress")]
    private static void RefuseReturnAddress(nuint address) =>
        Panic.Stop("a system call would return to an address that no user text can have:"u8, address);
#endif

    [RuntimeExport("KernelCallJoin")]
    private static long Join(nint handle)
    {
        int slot = FindOwn(handle);
        if (slot == Scheduler.Current)
        {
            EndCaller(FaultKind.BadHandle, (nuint)handle, 0);
        }

        ThreadLifecycle.Join(slot);
        ref Thread ended = ref ThreadTable.At(slot);
        return ended.HasFaulted ? (long)SystemCallStatus.ThreadFaulted : ended.ExitCode & int.MaxValue;
    }

    [RuntimeExport("KernelCallCreateThread")]
    private static long CreateThread(nint function, nint argument, nint priority, nint unused3, nint unused4)
    {
        ref Thread caller = ref Scheduler.CurrentThread;
        if (priority < caller.Priority || priority > ThreadPriority.Least)
        {
            return (long)SystemCallStatus.PriorityNotAllowed;
        }

        // Interrupts being off, the caller can't be moved to another domain while the new thread inherits this one.
        int slot = ThreadTable.HasSpareSlot
            ? ThreadLifecycle.CreateUserThread(caller.Component, caller.Domain, (nuint)function, (nuint)argument, (int)priority)
            : Thread.None;
        return slot < 0 ? (long)SystemCallStatus.NoThreadAvailable : ThreadTable.HandleOf(slot).Value;
    }

    [RuntimeExport("KernelCallStartThread")]
    private static long StartThread(nint handle)
    {
        int slot = FindOwn(handle);
        if (!ThreadLifecycle.Start(slot))
        {
            EndCaller(FaultKind.BadHandle, (nuint)handle, 0);
        }

        Scheduler.SwitchIfWanted();
        return 0;
    }

    [RuntimeExport("KernelCallWriteConsole")]
    private static long WriteConsole(nint start, nint length)
    {
        nuint address = (nuint)start;
        nuint byteCount = (nuint)length;
        ConsoleChunk chunk = default;
        nuint written = 0;
        while (written < byteCount)
        {
            // Between two pieces interrupts are let in.
            Processor.EnableInterrupts();
            _ = Processor.DisableInterrupts();
            KernelConsole.WaitForRoom(2 * ConsoleChunkByteCount); // all of them line feeds, at worst
            nuint count = byteCount - written < ConsoleChunkByteCount ? byteCount - written : ConsoleChunkByteCount;
            Span<byte> piece = ((Span<byte>)chunk)[..(int)count];
            LawVerdict verdict = address + written < address
                ? Protection.Check(Scheduler.Current, new Paging.VirtualAddress(address), byteCount, Paging.Access.Read)
                : UserMemory.Read(Scheduler.Current, address + written, piece);
            if (!verdict.IsAllowed)
            {
                EndCaller(FaultKind.BadAddress, verdict.DeniedAddress.Value, 0);
            }

            KernelConsole.Write(piece);
            written += count;
        }

        return (long)written;
    }

    // The thread of the caller's own component that a handle names. Any other handle ends the caller.
    private static int FindOwn(nint value)
    {
        int component = Scheduler.CurrentThread.Component;
        if (!ThreadTable.TryFind(ThreadHandle.FromUntrusted(value), out int slot) || !ThreadTable.At(slot).IsUser
            || ThreadTable.At(slot).Component != component)
        {
            EndCaller(FaultKind.BadHandle, (nuint)value, 0);
        }

        return slot;
    }

    /// <summary>Ends the calling thread with a report, because of a value that it passed. Never returns.</summary>
    internal static void EndCaller(FaultKind kind, nuint value, nuint stackPointer)
    {
        KernelConsole.WaitForRoom(FaultReport.UsualByteCount);
        _ = Processor.DisableInterrupts();
        FaultRecord fault = new(kind, value, 0, stackPointer);
        FaultReport.Write(in fault);
        ThreadLifecycle.FaultCurrent(in fault);
    }

    [InlineArray(ConsoleChunkByteCount)]
    private struct ConsoleChunk
    {
        private byte _first;
    }
}
