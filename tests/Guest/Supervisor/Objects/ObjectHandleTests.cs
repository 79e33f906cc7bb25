// A handle of a kernel object is a number that user mode made up until the kernel has found an object of that kind, in that life, which the caller's
// component may use so. Any other ends the caller.

using System;
using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static class ObjectHandleTests
{
    [GuestTest]
    internal static void NumbersThatNameNoObjectEndTheCallerOfEveryCall()
    {
        ReadOnlySpan<nuint> forged =
        [
            0, 1, int.MaxValue, nuint.MaxValue, (nuint)nint.MaxValue, unchecked((nuint)nint.MinValue),
            TestObjects.HandleOf(TestObjects.Units) + 1, // the next slot: whatever is there, it is no object of this kind, or has no such right
            TestObjects.HandleOf(TestObjects.Units) ^ (1 << KernelHandle.GenerationShift),
            TestObjects.HandleOf(TestObjects.Units) + (2u << KernelHandle.GenerationShift),
            TestObjects.HandleOf(TestObjects.Units) | 0x80,
            0xFF | ((nuint)KernelObjectKind.Semaphore << KernelHandle.KindShift) | (1 << KernelHandle.GenerationShift),
            (nuint)(uint)ObjectTable.Capacity | ((nuint)KernelObjectKind.Semaphore << KernelHandle.KindShift) | (1 << KernelHandle.GenerationShift),
        ];
        ReadOnlySpan<SystemCall> calls =
        [
            SystemCall.SemaphoreTake, SystemCall.SemaphoreGive, SystemCall.SemaphoreCount, SystemCall.DestroySemaphore,
            SystemCall.SendMessage, SystemCall.ReceiveMessage, SystemCall.ReadSerial, SystemCall.WriteSerial,
        ];
        for (int call = 0; call < calls.Length; call++)
        {
            for (int index = 0; index < forged.Length; index++)
            {
                TestObjects.ExpectBadHandle(Probe.Component, calls[call], forged[index], "a forged handle"u8);
            }
        }

        Expect.Equal(2, ObjectTable.At(TestObjects.Units).Count, "the object that was aimed at is as before"u8);
    }

    [GuestTest]
    internal static void AValidHandleWithSomethingInTheUpperHalfEndsTheCaller()
    {
        if (nuint.Size == 4)
        {
            Expect.Skip("a register has no upper half on IA-32"u8);
            return;
        }

        nuint upper = (nuint)1 << (nuint.Size == 8 ? 32 : 0);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreTake, TestObjects.HandleOf(TestObjects.Units) | upper, "a valid lower half"u8);
    }

    [GuestTest]
    internal static void AHandleOfAnotherKindEndsTheCaller()
    {
        nuint semaphore = TestObjects.HandleOf(TestObjects.Units);
        nuint queue = TestObjects.HandleOf(TestObjects.Echoes);
        nuint port = TestObjects.HandleOf(TestObjects.SerialPort);
        nuint thread = (nuint)(uint)ThreadTable.HandleOf(Probe.Create(Probe.Component, 1, ProbeOperation.None)).Value;
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreTake, queue, "a queue taken from"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreGive, thread, "a thread given to"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.ReceiveMessage, semaphore, "a semaphore received from"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SendMessage, port, "a port sent to"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.ReadSerial, queue, "a queue read"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.WriteSerial, semaphore, "a semaphore written"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.Join, semaphore, "a semaphore joined"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.StartThread, port, "a port started"u8);
    }

    [GuestTest]
    internal static void AnObjectOfAnotherComponentEndsTheCaller()
    {
        nuint neighbours = TestObjects.HandleOf(TestObjects.NeighboursOwn);
        nuint probes = TestObjects.HandleOf(TestObjects.ProbesOwn);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreTake, neighbours, "the neighbour's, taken"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreCount, neighbours, "the neighbour's, counted"u8);
        TestObjects.ExpectBadHandle(Probe.Neighbour, SystemCall.SemaphoreGive, probes, "the probe's, given to"u8);
        TestObjects.ExpectBadHandle(Probe.Neighbour, SystemCall.ReadSerial, TestObjects.HandleOf(TestObjects.SerialPort), "the probe's port, read"u8);
        TestObjects.ExpectBadHandle(Probe.Neighbour, SystemCall.WriteSerial, TestObjects.HandleOf(TestObjects.SerialPort), "the probe's port, written"u8);
        Expect.Equal(1, ObjectTable.At(TestObjects.NeighboursOwn).Count, "it is as before"u8);
        Expect.Equal(1, ObjectTable.At(TestObjects.ProbesOwn).Count, "so is the other"u8);
    }

    [GuestTest]
    internal static void ARightThatWasNotDeclaredEndsTheCaller()
    {
        nuint signal = TestObjects.HandleOf(TestObjects.Signal);
        nuint orders = TestObjects.HandleOf(TestObjects.Orders);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreTake, signal, "a giver takes"u8);
        TestObjects.ExpectBadHandle(Probe.Neighbour, SystemCall.SemaphoreGive, signal, "a taker gives"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.ReceiveMessage, orders, "a sender receives"u8);
        TestObjects.ExpectBadHandle(Probe.Neighbour, SystemCall.SendMessage, orders, "a receiver sends"u8);
        Expect.Equal(0, (int)TestObjects.Call(Probe.Component, SystemCall.SemaphoreCount, signal), "either right lets it be counted"u8);
        Expect.Equal(0, (int)TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreCount, signal), "either right lets it be counted"u8);
    }

    [GuestTest]
    internal static void ADeclaredObjectCannotBeDestroyed()
    {
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.DestroySemaphore, TestObjects.HandleOf(TestObjects.ProbesOwn), "a declared semaphore"u8);
        Expect.Equal(1, (int)TestObjects.Call(Probe.Component, SystemCall.SemaphoreCount, TestObjects.HandleOf(TestObjects.ProbesOwn)), "it is still there"u8);
    }
}
