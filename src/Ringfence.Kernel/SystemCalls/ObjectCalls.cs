// System calls on kernel objects: from a handle, which proves nothing, to the object that the caller may use so.

using System.Runtime.CompilerServices;
using Ringfence.Abi;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>
/// Carries out system calls on semaphores, queues and serial ports. From the look-up of a handle to the last use of the object interrupts are off. A handle
/// of another kind, of an earlier life of its slot, or of an object on which the caller's component has no such right ends the caller.
/// </summary>
internal static class ObjectCalls
{
    internal static long SemaphoreTake(nint handle, nuint timeoutTicks)
    {
        bool enabled = Processor.DisableInterrupts();
        int index = FindToTake(handle, KernelObjectKind.Semaphore);
        SystemCallStatus result = Semaphores.Take(index, timeoutTicks, CallersComponent);
        Processor.RestoreInterrupts(enabled);
        return (long)result;
    }

    internal static long SemaphoreGive(nint handle)
    {
        bool enabled = Processor.DisableInterrupts();
        int index = FindToGive(handle, KernelObjectKind.Semaphore);
        SystemCallStatus result = Semaphores.Give(index, CallersComponent);
        Scheduler.SwitchIfWanted();
        Processor.RestoreInterrupts(enabled);
        return (long)result;
    }

    internal static long SemaphoreCount(nint handle)
    {
        bool enabled = Processor.DisableInterrupts();
        int count = ObjectTable.At(FindToUse(handle, KernelObjectKind.Semaphore)).Count;
        Processor.RestoreInterrupts(enabled);
        return count;
    }

    internal static long CreateSemaphore(nint initialCount, nint limit)
    {
        if (limit is < 1 or > int.MaxValue || initialCount < 0 || initialCount > limit)
        {
            return (long)SystemCallStatus.SettingNotAllowed;
        }

        bool enabled = Processor.DisableInterrupts();
        uint caller = CallersBit;
        int index = ObjectTable.CreateSemaphore(caller, caller, (int)initialCount, (int)limit);
        long result = index < 0 ? (long)SystemCallStatus.NoObjectAvailable : ObjectTable.HandleOf(index);
        Processor.RestoreInterrupts(enabled);
        return result;
    }

    internal static long DestroySemaphore(nint handle)
    {
        bool enabled = Processor.DisableInterrupts();
        int index = FindToUse(handle, KernelObjectKind.Semaphore);
        if (!ObjectTable.At(index).IsCreated)
        {
            Refuse(handle);
        }

        ObjectTable.Destroy(index);
        Scheduler.SwitchIfWanted();
        Processor.RestoreInterrupts(enabled);
        return 0;
    }

    internal static long SendMessage(nint handle, nuint address, nuint timeoutTicks)
    {
        bool enabled = Processor.DisableInterrupts();
        int index = FindToGive(handle, KernelObjectKind.MessageQueue);
        return EndTransfer(MessageQueues.Send(index, address, timeoutTicks), enabled);
    }

    internal static long ReceiveMessage(nint handle, nuint address, nuint timeoutTicks)
    {
        bool enabled = Processor.DisableInterrupts();
        int index = FindToTake(handle, KernelObjectKind.MessageQueue);
        return EndTransfer(MessageQueues.Receive(index, address, timeoutTicks), enabled);
    }

    internal static long ReadSerial(nint handle, nuint address, nuint byteCount, nuint timeoutTicks)
    {
        bool enabled = Processor.DisableInterrupts();
        int index = FindToTake(handle, KernelObjectKind.SerialPort);
        int read = SerialLine.Read(index, address, byteCount, timeoutTicks);
        return EndTransfer((SystemCallStatus)read, enabled);
    }

    internal static long WriteSerial(nint handle, nuint address, nuint byteCount, nuint timeoutTicks)
    {
        bool enabled = Processor.DisableInterrupts();
        int index = FindToGive(handle, KernelObjectKind.SerialPort);
        int written = SerialLine.Write(index, address, byteCount, timeoutTicks);
        return EndTransfer((SystemCallStatus)written, enabled);
    }

    private static int CallersComponent => ThreadTable.At(Scheduler.Current).Component;

    // No bit for a thread of no component: shifted by -1, it would be the kernel's.
    private static uint CallersBit => CallersComponent < 0 ? 0 : 1u << CallersComponent;

    private static int FindToTake(nint handle, KernelObjectKind kind) => Find(handle, kind, toGive: false, toTake: true);

    private static int FindToGive(nint handle, KernelObjectKind kind) => Find(handle, kind, toGive: true, toTake: false);

    // Whoever may give or take.
    private static int FindToUse(nint handle, KernelObjectKind kind) => Find(handle, kind, toGive: true, toTake: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Find(nint handle, KernelObjectKind kind, bool toGive, bool toTake)
    {
        int index = ObjectTable.Find(handle, kind);
        uint components = index < 0 ? 0 : (toGive ? ObjectTable.At(index).GivingComponents : 0) | (toTake ? ObjectTable.At(index).TakingComponents : 0);
        if ((components & CallersBit) == 0)
        {
            Refuse(handle);
        }

        return index;
    }

    private static void Refuse(nint handle) => SystemCallDispatcher.EndCaller(FaultKind.BadHandle, (nuint)handle, 0);

    private static long EndTransfer(SystemCallStatus result, bool enabled)
    {
        if (result == Transfers.BadAddress)
        {
            SystemCallDispatcher.EndCaller(FaultKind.BadAddress, ThreadTable.At(Scheduler.Current).WaitAddress, 0);
        }

        Scheduler.SwitchIfWanted();
        Processor.RestoreInterrupts(enabled);
        return (long)result;
    }
}
