// CreateThread: whom a user thread may create, and what the created thread is.

using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static class CreateThreadTests
{
    [GuestTest]
    internal static void APriorityMoreImportantThanTheCallersIsNotAllowed()
    {
        ExpectNotAllowed(Probe.Priority - 1, "one step more important"u8);
        ExpectNotAllowed(ThreadPriority.Most, "the most important"u8);
        ExpectNotAllowed(nuint.MaxValue, "minus one"u8);
        ExpectNotAllowed(unchecked((nuint)nint.MinValue), "the least number"u8);
    }

    [GuestTest]
    internal static void APriorityThatDoesNotExistIsNotAllowed()
    {
        ExpectNotAllowed(ThreadPriority.Least + 1, "one beyond the least"u8);
        ExpectNotAllowed(255, "255"u8);
        ExpectNotAllowed((nuint)nint.MaxValue, "the largest number"u8);
        if (nuint.Size == 8)
        {
            ExpectNotAllowed(Probe.Priority | ((nuint)1 << (nuint.Size == 8 ? 32 : 0)), "the caller's own with something in the upper half"u8);
        }
    }

    [GuestTest]
    internal static void TheCallersOwnPriorityAndAllLessImportantOnesAreAllowed()
    {
        for (int priority = Probe.Priority; priority <= ThreadPriority.Least; priority++)
        {
            int creator = Probe.Run(ProbeOperation.CreateThread, 0x1234, 0x5678, (nuint)(uint)priority);
            Probe.ExpectDone(creator, 0, "the creator goes on"u8);
            if (Expect.True(
                ThreadTable.TryFind(ThreadHandle.FromUntrusted((nint)Probe.Request(0).Result), out int slot), "the result is a handle"u8))
            {
                ref Thread thread = ref ThreadTable.At(slot);
                Expect.Equal((int)ThreadState.Created, (int)thread.State, "it waits for its start"u8);
                Expect.True(thread.IsUser, "it is a user thread"u8);
                Expect.Equal(priority, thread.Priority, "its priority"u8);
                Expect.Equal(Probe.Component, thread.Component, "its component"u8);
                Expect.Equal(ComponentTable.At(Probe.Component).Domain, thread.Domain, "its domain"u8);
                Expect.Equal(0x1234, thread.Function, "its function"u8);
                Expect.Equal(0x5678, thread.Argument, "its argument"u8);
                ThreadLifecycle.EndOther(slot);
            }
        }
    }

    [GuestTest]
    internal static void AFunctionOutsideTheCallersTextFaultsInTheNewThreadOnly()
    {
        int creator = Probe.Run(ProbeOperation.CreateThread, Machine.ImageTable.Description.KernelTextStart, 0, Probe.Priority);
        Probe.ExpectDone(creator, 0, "the creator goes on"u8);
        if (Expect.True(ThreadTable.TryFind(ThreadHandle.FromUntrusted((nint)Probe.Request(0).Result), out int slot), "a handle"u8))
        {
            Probe.Finish(slot);
            Probe.ExpectPageFault(slot, Machine.ImageTable.Description.KernelTextStart, PageFaultCode.FetchWithheld, "kernel text as a function"u8);
        }
    }

    [GuestTest]
    internal static void AStartedThreadThatIsMoreImportantRunsBeforeTheStarterGoesOn()
    {
        int important = Probe.Create(Probe.Component, 1, ProbeOperation.SystemCall, (nuint)SystemCall.Ticks);
        ThreadTable.At(important).Priority = Probe.Priority - 2;
        uint switches = Scheduler.SwitchCount;
        int starter = Probe.Create(
            Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.StartThread, (nuint)(uint)ThreadTable.HandleOf(important).Value);
        Probe.Finish(starter);
        Probe.ExpectDone(starter, 0, "the starter goes on"u8);
        Probe.ExpectDone(important, 1, "the started thread had run before the starter ended"u8);
        Expect.True(Scheduler.SwitchCount - switches >= 4, "to the starter, to the started, back, and back to the test"u8);
    }

    private static void ExpectNotAllowed(nuint priority, System.ReadOnlySpan<byte> what)
    {
        int before = KernelThreads.LiveCount;
        int slot = Probe.Run(ProbeOperation.CreateThread, 0, 1, priority);
        Probe.ExpectDone(slot, 0, what);
        Expect.Equal((int)SystemCallStatus.PriorityNotAllowed, (int)Probe.Request(0).Result, what);
        Expect.Equal(before, KernelThreads.LiveCount, what);
    }
}
