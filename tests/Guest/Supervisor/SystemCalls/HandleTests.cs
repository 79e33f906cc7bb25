// A handle is a number that user mode made up until the kernel has found the thread that it names, among those the caller may name.

using System;
using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static class HandleTests
{
    [GuestTest]
    internal static void NumbersThatNameNoThreadEndTheCaller()
    {
        ExpectRefused(0, "zero"u8);
        ExpectRefused(1, "a slot without a generation"u8);
        ExpectRefused(nuint.MaxValue, "minus one"u8);
        ExpectRefused(unchecked((nuint)nint.MinValue), "the least number"u8);
        ExpectRefused(int.MaxValue, "the largest 32-bit number"u8);
        ExpectRefused((nuint)nint.MaxValue, "the largest number"u8);
        ExpectRefused(0xFF | (1 << 8), "a slot beyond the table"u8);
        ExpectRefused((nuint)(uint)ThreadTable.Capacity | (1 << 8), "the first slot beyond the image's"u8);
        ExpectRefused((nuint)ThreadTable.Idle | (1 << 8), "the idle thread"u8);
    }

    [GuestTest]
    internal static void AForgedGenerationEndsTheCaller()
    {
        int other = Probe.Create(Probe.Component, 1, ProbeOperation.None);
        nuint handle = HandleOf(other);
        ExpectRefused(handle + (1 << KernelHandle.GenerationShift), "the generation to come"u8);
        ExpectRefused(handle - (1 << KernelHandle.GenerationShift), "the generation before"u8);
        ExpectRefused(handle | 0x4000_0000, "a generation far away"u8);
        Expect.Equal((int)ThreadState.Created, (int)ThreadTable.At(other).State, "the thread that was aimed at is as before"u8);
        ThreadLifecycle.EndOther(other);
    }

    [GuestTest]
    internal static void AValidHandleWithSomethingInTheUpperHalfEndsTheCaller()
    {
        if (nuint.Size == 4)
        {
            Expect.Skip("a register has no upper half on IA-32"u8);
            return;
        }

        int other = Probe.Create(Probe.Component, 1, ProbeOperation.None);
        ExpectRefused(HandleOf(other) | ((nuint)1 << (nuint.Size == 8 ? 32 : 0)), "a valid lower half"u8);
        ThreadLifecycle.EndOther(other);
    }

    [GuestTest]
    internal static void AStaleHandleEndsTheCaller()
    {
        int old = Probe.Run(ProbeOperation.None);
        nuint stale = HandleOf(old);

        // Slots are used again when no other is free, so all of them are taken once.
        Span<int> slots = stackalloc int[ThreadTable.MaximumCapacity];
        int count = 0;
        while (KernelThreads.LiveCount < ThreadTable.Capacity)
        {
            slots[count++] = Probe.Create(Probe.Component, 1, ProbeOperation.None);
        }

        for (int index = 0; index < count; index++)
        {
            if (slots[index] != old)
            {
                ThreadLifecycle.EndOther(slots[index]);
            }
        }

        Expect.True(ThreadTable.HandleOf(old).Value != (int)stale, "the slot has another thread"u8);
        ExpectRefused(stale, "the handle of the slot's last thread"u8);
        Expect.Equal((int)ThreadState.Created, (int)ThreadTable.At(old).State, "its present thread was not started"u8);
        ThreadLifecycle.EndOther(old);
    }

    [GuestTest]
    internal static void AnotherComponentsThreadEndsTheCaller()
    {
        int foreign = Probe.Create(Probe.Neighbour, 1, ProbeOperation.None);
        ExpectRefused(HandleOf(foreign), "a thread of the neighbour"u8);
        Expect.Equal((int)ThreadState.Created, (int)ThreadTable.At(foreign).State, "it was not started"u8);
        ThreadLifecycle.EndOther(foreign);
        ExpectRefused(HandleOf(foreign), "an ended thread of the neighbour"u8);
    }

    [GuestTest]
    internal static unsafe void AKernelThreadEndsTheCaller()
    {
        ExpectRefused(HandleOf(Scheduler.Current), "the test's own thread"u8);
        int other = KernelThreads.Create(&Trace.AddAndEnd, 1, 5);
        ExpectRefused(HandleOf(other), "a created kernel thread"u8);
        Expect.Equal((int)ThreadState.Created, (int)ThreadTable.At(other).State, "it was not started"u8);
        ThreadLifecycle.EndOther(other);
    }

    [GuestTest]
    internal static void AThreadThatJoinsItselfIsEnded()
    {
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.Join);
        Probe.Request(0).Operand1 = HandleOf(slot);
        Probe.Finish(slot);
        ExpectBadHandle(slot, HandleOf(slot), "a join of the caller"u8);
    }

    [GuestTest]
    internal static void StartingAThreadTwiceEndsTheCaller()
    {
        int other = Probe.Create(Probe.Component, 1, ProbeOperation.None);
        nuint handle = HandleOf(other);
        int starter = Probe.Run(ProbeOperation.SystemCall, (nuint)SystemCall.StartThread, handle);
        Probe.ExpectDone(starter, 0, "a first start"u8);
        Expect.Equal(0, (int)Probe.Request(0).Result, "what a start answers"u8);
        ThreadLifecycle.Join(other);
        Probe.ExpectDone(other, 1, "the started thread ran"u8);
        starter = Probe.Run(ProbeOperation.SystemCall, (nuint)SystemCall.StartThread, handle);
        ExpectBadHandle(starter, handle, "a start of a thread that has ended"u8);

        int self = Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.StartThread);
        Probe.Request(0).Operand1 = HandleOf(self);
        Probe.Finish(self);
        ExpectBadHandle(self, HandleOf(self), "a start of the caller, which runs"u8);
    }

    private static void ExpectRefused(nuint handle, ReadOnlySpan<byte> what)
    {
        ExpectRefused(SystemCall.Join, handle, what);
        ExpectRefused(SystemCall.StartThread, handle, what);
    }

    // A join that is not refused may wait for ever.
    private static void ExpectRefused(SystemCall call, nuint handle, ReadOnlySpan<byte> what)
    {
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)call, handle);
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForEnd(slot);
        ExpectBadHandle(slot, handle, what);
    }

    private static void ExpectBadHandle(int slot, nuint handle, ReadOnlySpan<byte> what)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        if (Expect.True(thread.HasFaulted && thread.Fault.Kind == FaultKind.BadHandle, what))
        {
            Expect.Equal(handle, thread.Fault.ErrorCode, what);
        }

        Expect.Equal(0, Probe.Request(0).IsDone, what);
    }

    private static nuint HandleOf(int slot) => (nuint)(uint)ThreadTable.HandleOf(slot).Value;
}
