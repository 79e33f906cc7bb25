// The kernel objects that the test components declare (Probe/ObjectOperations.cs), by name, and as they were at boot.

using System;
using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class TestObjects
{
    /// <summary>Slot of a semaphore of 2 units, 3 at most; both components may take and give.</summary>
    public static int Units => Find("Units"u8);

    /// <summary>Slot of a lock of both components.</summary>
    public static int Lock => Find("Lock"u8);

    /// <summary>Slot of a semaphore of no unit; the probe gives, the neighbour takes.</summary>
    public static int Signal => Find("Signal"u8);

    /// <summary>Slot of a semaphore of one unit that the probe alone uses.</summary>
    public static int ProbesOwn => Find("ProbesOwn"u8);

    /// <summary>Slot of a semaphore of one unit that the neighbour alone uses.</summary>
    public static int NeighboursOwn => Find("NeighboursOwn"u8);

    /// <summary>Slot of a queue of 2 messages; the probe sends, the neighbour receives.</summary>
    public static int Orders => Find("Orders"u8);

    /// <summary>Slot of a queue of 3 messages; both components have both ends.</summary>
    public static int Echoes => Find("Echoes"u8);

    /// <summary>Slot of the probe's serial port.</summary>
    public static int SerialPort => Find("SerialPort2"u8);

    /// <summary>The handle by which user mode names an object.</summary>
    public static nuint HandleOf(int index) => (nuint)(uint)ObjectTable.HandleOf(index);

    /// <summary>Makes every declared object what it was at boot and removes created ones. Nobody waits for any.</summary>
    public static void Reset()
    {
        bool enabled = Processor.DisableInterrupts();
        for (int index = 0; index < ObjectTable.Capacity; index++)
        {
            ref KernelObject restored = ref ObjectTable.At(index);
            if (restored.IsCreated && restored.Kind != KernelObjectKind.None)
            {
                ObjectTable.Destroy(index);
            }

            restored.Count = restored.InitialCount;
            restored.FirstMessage = 0;
            restored.Held = default;
            restored.IsAbandoned = false;
        }

        SerialLine.Discard();
        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>Creates a thread that makes a system call. Not started.</summary>
    public static int CreateCaller(
        int component, int request, int priority, SystemCall call, nuint argument0, nuint argument1 = 0, nuint argument2 = 0, nuint argument3 = 0) =>
        CreateCallerIn(ComponentTable.At(component).Domain, component, request, priority, call, argument0, argument1, argument2, argument3);

    /// <summary>The same in another domain.</summary>
    public static int CreateCallerIn(
        int domain, int component, int request, int priority, SystemCall call, nuint argument0, nuint argument1 = 0, nuint argument2 = 0, nuint argument3 = 0)
    {
        int slot = Probe.CreateIn(domain, component, request, ProbeOperation.SystemCall, (nuint)call, argument0, argument1);
        Probe.Request(request).Operand3 = argument2;
        Probe.Request(request).Operand4 = argument3;
        ThreadTable.At(slot).Priority = priority;
        return slot;
    }

    /// <summary>Runs a thread of a component that makes a system call, to its end; what the call answered, or <see cref="long.MinValue"/> if it ended the thread.</summary>
    public static long Call(int component, SystemCall call, nuint argument0, nuint argument1 = 0, nuint argument2 = 0, nuint argument3 = 0)
    {
        int slot = CreateCaller(component, 0, Probe.Priority, call, argument0, argument1, argument2, argument3);
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForEnd(slot);
        return ThreadTable.At(slot).HasFaulted ? long.MinValue : Probe.Request(0).Result;
    }

    /// <summary>Starts a thread and waits until it waits for an object.</summary>
    public static void StartToBlock(int slot)
    {
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitFor(slot, ThreadState.Blocked);
    }

    /// <summary>Checks that a call ended the thread for its handle.</summary>
    public static void ExpectBadHandle(int component, SystemCall call, nuint handle, ReadOnlySpan<byte> what)
    {
        int slot = CreateCaller(component, 0, Probe.Priority, call, handle);
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForEnd(slot);
        if (Expect.True(ThreadTable.At(slot).HasFaulted && ThreadTable.At(slot).Fault.Kind == FaultKind.BadHandle, what))
        {
            Expect.Equal(handle, ThreadTable.At(slot).Fault.ErrorCode, what);
        }
    }

    /// <summary>Checks that a thread was ended because of an address, the first that it may not use so.</summary>
    public static void ExpectBadAddress(int slot, nuint address, ReadOnlySpan<byte> what)
    {
        KernelThreads.WaitForEnd(slot);
        if (Expect.True(ThreadTable.At(slot).HasFaulted && ThreadTable.At(slot).Fault.Kind == FaultKind.BadAddress, what))
        {
            Expect.Equal(address, ThreadTable.At(slot).Fault.ErrorCode, what);
        }
    }

    private static int Find(ReadOnlySpan<byte> name)
    {
        for (int index = 0; index < (int)ImageTable.Description.ObjectCount; index++)
        {
            ref readonly ObjectDescription description = ref ImageTable.DeclaredObject(index);
            if (ImageTable.Name(description.Name, description.NameLength).SequenceEqual(name))
            {
                return index;
            }
        }

        Expect.True(false, name);
        return 0;
    }
}
