// System calls on kernel objects: from a handle, which proves nothing, to the object that the caller may use so.

using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Abi;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>
/// Carries out system calls on semaphores, queues and serial ports. Interrupts are off, from the look-up of a handle to the last use of the object. A handle
/// of another kind, of an earlier life of its slot, or of an object on which the caller's component has no such right ends the caller.
/// </summary>
internal static class ObjectCalls
{
    [RuntimeExport("KernelCallSemaphoreTake")]
    private static long SemaphoreTake(nint handle, nint timeoutTicks)
    {
        int index = FindToTake(handle, KernelObjectKind.Semaphore);
        return (long)Semaphores.Take(ref ObjectTable.At(index), index, (nuint)timeoutTicks, CallersComponent);
    }

    [RuntimeExport("KernelCallSemaphoreGive")]
    private static long SemaphoreGive(nint handle)
    {
        int index = FindToGive(handle, KernelObjectKind.Semaphore);
        SystemCallStatus result = Semaphores.Give(ref ObjectTable.At(index), CallersComponent);
        Scheduler.SwitchIfWanted();
        return (long)result;
    }

    [RuntimeExport("KernelCallSemaphoreCount")]
    private static long SemaphoreCount(nint handle) => ObjectTable.At(FindToUse(handle, KernelObjectKind.Semaphore)).Count;

    [RuntimeExport("KernelCallCreateSemaphore")]
    private static long CreateSemaphore(nint initialCount, nint limit)
    {
        if (limit is < 1 or > int.MaxValue || initialCount < 0 || initialCount > limit)
        {
            return (long)SystemCallStatus.SettingNotAllowed;
        }

        uint caller = CallersBit;
        int index = ObjectTable.CreateSemaphore(caller, caller, (int)initialCount, (int)limit);
        return index < 0 ? (long)SystemCallStatus.NoObjectAvailable : ObjectTable.HandleOf(index);
    }

    [RuntimeExport("KernelCallDestroySemaphore")]
    private static long DestroySemaphore(nint handle)
    {
        int index = FindToUse(handle, KernelObjectKind.Semaphore);
        if (!ObjectTable.At(index).IsCreated)
        {
            Refuse(handle);
        }

        ObjectTable.Destroy(index);
        Scheduler.SwitchIfWanted();
        return 0;
    }

    [RuntimeExport("KernelCallSendMessage")]
    private static long SendMessage(nint handle, nint address, nint timeoutTicks, nint unused3, nint unused4)
    {
        int index = FindToGive(handle, KernelObjectKind.MessageQueue);
        return EndTransfer(MessageQueues.Send(index, (nuint)address, (nuint)timeoutTicks));
    }

    [RuntimeExport("KernelCallReceiveMessage")]
    private static long ReceiveMessage(nint handle, nint address, nint timeoutTicks, nint unused3, nint unused4)
    {
        int index = FindToTake(handle, KernelObjectKind.MessageQueue);
        return EndTransfer(MessageQueues.Receive(index, (nuint)address, (nuint)timeoutTicks));
    }

    [RuntimeExport("KernelCallReadSerial")]
    private static long ReadSerial(nint handle, nint address, nint byteCount, nint timeoutTicks, nint unused4)
    {
        int index = FindToTake(handle, KernelObjectKind.SerialPort);
        int read = SerialLine.Read(index, (nuint)address, (nuint)byteCount, (nuint)timeoutTicks);
        return EndTransfer((SystemCallStatus)read);
    }

    [RuntimeExport("KernelCallWriteSerial")]
    private static long WriteSerial(nint handle, nint address, nint byteCount, nint timeoutTicks, nint unused4)
    {
        int index = FindToGive(handle, KernelObjectKind.SerialPort);
        int written = SerialLine.Write(index, (nuint)address, (nuint)byteCount, (nuint)timeoutTicks);
        return EndTransfer((SystemCallStatus)written);
    }

    private static int CallersComponent => Scheduler.CurrentThread.Component;

    // No bit for a thread of no component, whose number shifts to the kernel's.
    private static uint CallersBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (1u << CallersComponent) & ~KernelObject.KernelBit;
    }

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

    private static void Refuse(nint handle) => SystemCallHandlers.EndCaller(FaultKind.BadHandle, (nuint)handle, 0);

    private static long EndTransfer(SystemCallStatus result)
    {
        if (result == Transfers.BadAddress)
        {
            SystemCallHandlers.EndCaller(FaultKind.BadAddress, Scheduler.CurrentThread.WaitAddress, 0);
        }

        Scheduler.SwitchIfWanted();
        return (long)result;
    }
}
