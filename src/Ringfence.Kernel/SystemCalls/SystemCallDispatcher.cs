// System calls arrive here from the entry stub, with the number already checked against the table's bound.
//
// Arguments are values in registers: they are copied by being passed, so nothing can change them after a check. Memory that they
// name is copied by UserMemory before it is looked at.

using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Carries out system calls on behalf of the current user thread. Interrupts are on.</summary>
public static class SystemCallDispatcher
{
    // Bytes copied at once from user memory to the console; a piece of a line is written with interrupts off.
    private const int ConsoleChunkByteCount = 128;

    [RuntimeExport("KernelSystemCall")]
    private static long Dispatch(nint argument0, nint argument1, nint argument2, nint argument3, nint argument4, nint number)
    {
        switch ((SystemCall)number)
        {
            case SystemCall.Exit:
                ThreadLifecycle.ExitCurrent((int)argument0);
                return 0;
            case SystemCall.Fail:
                EndCaller(FaultKind.FailedCheck, (nuint)argument0, (nuint)argument1);
                return 0;
            case SystemCall.Yield:
                ThreadLifecycle.Yield();
                return 0;
            case SystemCall.Sleep:
                ThreadLifecycle.Sleep((nuint)argument0);
                return 0;
            case SystemCall.Join:
                return Join(argument0);
            case SystemCall.CreateThread:
                return CreateThread((nuint)argument0, (nuint)argument1, argument2);
            case SystemCall.StartThread:
                return StartThread(argument0);
            case SystemCall.CurrentThread:
                return ThreadTable.HandleOf(Scheduler.Current).Value;
            case SystemCall.WriteConsole:
                return WriteConsole((nuint)argument0, (nuint)argument1);
            case SystemCall.Ticks:
                return (long)Clock.Ticks;
            case SystemCall.RestartCount:
                return ComponentTable.At(ThreadTable.At(Scheduler.Current).Component).RestartCount;
            case SystemCall.Nothing:
#if COUNT
                MarkMeasurement((CountingMark)argument0);
#endif
                return 0;
            case SystemCall.Argument:
                return (nint)ThreadTable.At(Scheduler.Current).Argument;
            case SystemCall.SleepUntil:
                return (long)ThreadLifecycle.SleepUntil((uint)argument0 | ((ulong)(uint)argument1 << 32));
            case SystemCall.SemaphoreTake:
                return ObjectCalls.SemaphoreTake(argument0, (nuint)argument1);
            case SystemCall.SemaphoreGive:
                return ObjectCalls.SemaphoreGive(argument0);
            case SystemCall.SemaphoreCount:
                return ObjectCalls.SemaphoreCount(argument0);
            case SystemCall.CreateSemaphore:
                return ObjectCalls.CreateSemaphore(argument0, argument1);
            case SystemCall.DestroySemaphore:
                return ObjectCalls.DestroySemaphore(argument0);
            case SystemCall.SendMessage:
                return ObjectCalls.SendMessage(argument0, (nuint)argument1, (nuint)argument2);
            case SystemCall.ReceiveMessage:
                return ObjectCalls.ReceiveMessage(argument0, (nuint)argument1, (nuint)argument2);
            case SystemCall.ReadSerial:
                return ObjectCalls.ReadSerial(argument0, (nuint)argument1, (nuint)argument2, (nuint)argument3);
            case SystemCall.WriteSerial:
                return ObjectCalls.WriteSerial(argument0, (nuint)argument1, (nuint)argument2, (nuint)argument3);
            case SystemCall.TickFrequency:
                return (long)ImageTable.Description.TickFrequencyHertz;
            default:
                EndCaller(FaultKind.BadSystemCall, (nuint)number, 0);
                return 0;
        }
    }

#if COUNT
    private static void MarkMeasurement(CountingMark mark)
    {
        if (mark == CountingMark.Begin)
        {
            EventCounter.Begin();
        }
        else if (mark == CountingMark.End)
        {
            EventCounter.End();
        }
    }
#endif

    // The stub found the number beyond the table.
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

    // From the look-up of a handle to the last use of its slot interrupts are off: the slot could be given to another thread between.
    private static long Join(nint handle)
    {
        bool enabled = Processor.DisableInterrupts();
        int slot = FindOwn(handle);
        if (slot == Scheduler.Current)
        {
            EndCaller(FaultKind.BadHandle, (nuint)handle, 0);
        }

        ThreadLifecycle.Join(slot);
        ref Thread ended = ref ThreadTable.At(slot);
        long outcome = ended.HasFaulted ? (long)SystemCallStatus.ThreadFaulted : ended.ExitCode & int.MaxValue;
        Processor.RestoreInterrupts(enabled);
        return outcome;
    }

    private static long CreateThread(nuint function, nuint argument, nint priority)
    {
        ref Thread caller = ref ThreadTable.At(Scheduler.Current);
        if (priority < caller.Priority || priority > ThreadPriority.Least)
        {
            return (long)SystemCallStatus.PriorityNotAllowed;
        }

        // The caller can't be moved to another domain while the new thread inherits this one.
        bool enabled = Processor.DisableInterrupts();
        int slot = ThreadTable.HasSpareSlot
            ? ThreadLifecycle.CreateUserThread(caller.Component, caller.Domain, function, argument, (int)priority)
            : Thread.None;
        long result = slot < 0 ? (long)SystemCallStatus.NoThreadAvailable : ThreadTable.HandleOf(slot).Value;
        Processor.RestoreInterrupts(enabled);
        return result;
    }

    private static long StartThread(nint handle)
    {
        bool enabled = Processor.DisableInterrupts();
        int slot = FindOwn(handle);
        if (!ThreadLifecycle.Start(slot))
        {
            EndCaller(FaultKind.BadHandle, (nuint)handle, 0);
        }

        Scheduler.SwitchIfWanted();
        Processor.RestoreInterrupts(enabled);
        return 0;
    }

    private static long WriteConsole(nuint address, nuint byteCount)
    {
        ConsoleChunk chunk = default;
        nuint written = 0;
        while (written < byteCount)
        {
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

            bool enabled = Processor.DisableInterrupts();
            KernelConsole.Write(piece);
            Processor.RestoreInterrupts(enabled);
            written += count;
        }

        return (long)written;
    }

    // The thread of the caller's own component that a handle names. Any other handle ends the caller.
    private static int FindOwn(nint value)
    {
        int component = ThreadTable.At(Scheduler.Current).Component;
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
