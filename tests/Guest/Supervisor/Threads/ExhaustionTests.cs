// When no slot is left, a request for a thread is refused, and granted again after an end.

using System;
using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class ExhaustionTests
{
    private static bool s_isMainGivenAway;

    [GuestTest]
    internal static void AFullTableRefusesKernelThreadsAndRecovers()
    {
        Span<int> slots = stackalloc int[ThreadTable.MaximumCapacity];
        int created = Fill(slots, 0);
        Expect.Equal(ThreadTable.Capacity, KernelThreads.LiveCount, "every slot of the image is in use"u8);
        Expect.Equal(-1, ThreadLifecycle.CreateKernelThread(&Trace.AddAndEnd, 1, 5), "one thread more"u8);
        Expect.Equal(-1, ThreadLifecycle.CreateUserThread(Probe.Component, 1, 0, 0, 5), "one user thread more"u8);
        ThreadLifecycle.EndOther(slots[0]);
        Expect.Equal(slots[0], ThreadLifecycle.CreateKernelThread(&Trace.AddAndEnd, 1, 5), "the slot that became free"u8);
        End(slots[..created]);
        Expect.Equal(1, KernelThreads.LiveCount, "all but the test's own thread have ended"u8);
    }

    [GuestTest]
    internal static void AFullTableRefusesAUserThreadWithAStatusAndTheCallerGoesOn()
    {
        Span<int> slots = stackalloc int[ThreadTable.MaximumCapacity];
        int probe = Probe.Create(Probe.Component, 0, ProbeOperation.CreateThread, 0, 1, Probe.Priority);
        int created = Fill(slots, 0);
        Probe.Finish(probe);
        Probe.ExpectDone(probe, 0, "the caller goes on"u8);
        Expect.Equal((int)SystemCallStatus.NoThreadAvailable, (int)Probe.Request(0).Result, "what CreateThread answers"u8);

        // The probe's own slot is free now; it takes it again, and one more is needed for what it creates.
        ThreadLifecycle.EndOther(slots[created - 1]);
        probe = Probe.Create(Probe.Component, 0, ProbeOperation.CreateThread, 0, 1, Probe.Priority);
        Probe.Finish(probe);
        Probe.ExpectDone(probe, 0, "the caller goes on again"u8);
        int handle = (int)Probe.Request(0).Result;
        if (Expect.True(ThreadTable.TryFind(ThreadHandle.FromUntrusted(handle), out int slot), "a handle of a created thread"u8))
        {
            Expect.Equal(slots[created - 1], slot, "in the slot that became free"u8);
            Expect.Equal((int)ThreadState.Created, (int)ThreadTable.At(slot).State, "not started"u8);
            ThreadLifecycle.EndOther(slot);
        }

        End(slots[..created]);
    }

    [GuestTest]
    internal static void TheLastSlotIsKeptForAComponentThatMayHaveToBeRestarted()
    {
        Span<int> slots = stackalloc int[ThreadTable.MaximumCapacity];
        int probe = Probe.Create(Probe.Component, 0, ProbeOperation.CreateThread, 0, 1, Probe.Priority);
        int created = Fill(slots, 0);
        ThreadLifecycle.EndOther(slots[0]);
        ComponentTable.At(Probe.Neighbour).State = ComponentState.Faulted;
        Probe.Finish(probe);
        Probe.ExpectDone(probe, 0, "the caller goes on"u8);
        Expect.Equal((int)SystemCallStatus.NoThreadAvailable, (int)Probe.Request(0).Result, "one slot is left, and it is kept"u8);

        Probe.Request(0) = default;
        Expect.True(ComponentTable.StartMain(Probe.Neighbour), "the component can be started again"u8);
        Expect.True(ThreadTable.TryFind(ComponentTable.At(Probe.Neighbour).MainThread, out int main), "it has a main thread"u8);
        ThreadLifecycle.Join(main);
        Probe.ExpectDone(main, 0, "which runs"u8);
        End(slots[..created]);
    }

    [GuestTest]
    internal static void AnOutcomeThatNobodyAskedForIsKeptWhileAJoinedThreadsSlotIsThere()
    {
        int kept = KernelThreads.Start(&Trace.AddAndEnd, 1, 5);
        KernelThreads.WaitFor(kept, ThreadState.Ended);
        for (int round = 0; round < 2 * ThreadTable.Capacity; round++)
        {
            int slot = KernelThreads.Run(&Trace.AddAndEnd, 1, 5);
            Expect.True(slot != kept, "slots of joined threads are used first"u8);
        }
    }

    [GuestTest]
    internal static void AmongThreadsThatNobodyJoinedTheOneThatEndedLongestAgoGivesItsSlot()
    {
        Span<int> slots = stackalloc int[ThreadTable.MaximumCapacity];
        int created = Fill(slots, 0);
        ThreadLifecycle.EndOther(slots[2]);
        ThreadLifecycle.EndOther(slots[0]);
        ThreadLifecycle.EndOther(slots[1]);
        Expect.Equal(slots[2], KernelThreads.Create(&Trace.AddAndEnd, 1, 5), "the first to end"u8);
        Expect.Equal(slots[0], KernelThreads.Create(&Trace.AddAndEnd, 1, 5), "the second to end"u8);
        Expect.Equal(slots[1], KernelThreads.Create(&Trace.AddAndEnd, 1, 5), "the third to end"u8);
        End(slots[..created]);
    }

    [GuestTest]
    internal static void ASlotIsKeptUntilWhoeverWaitedForItsThreadHasRun()
    {
        int target = KernelThreads.Create(&Trace.AddAndEnd, 1, 5);
        int joiner = KernelThreads.Start(&Join, target, 5);
        KernelThreads.WaitFor(joiner, ThreadState.Joining);
        ThreadLifecycle.EndOther(target);
        Expect.Equal((int)ThreadState.Ready, (int)ThreadTable.At(joiner).State, "who waited has yet to look at the outcome"u8);
        Span<int> slots = stackalloc int[ThreadTable.MaximumCapacity];
        int created = Fill(slots, 0);
        for (int index = 0; index < created; index++)
        {
            Expect.True(slots[index] != target, "the slot is given to nobody else"u8);
        }

        KernelThreads.WaitForEnd(joiner);
        Expect.Equal(target, ThreadLifecycle.CreateKernelThread(&Trace.AddAndEnd, 1, 5), "from then on it is"u8);
        ThreadLifecycle.EndOther(target);
        End(slots[..created]);
    }

    [GuestTest]
    internal static void TheSlotOfTheMainThreadIsNotGivenAwayWhenThatHasEnded()
    {
        Expect.Equal(ThreadTable.Main, Scheduler.Current, "the tests run in the main thread"u8);
        s_isMainGivenAway = true;
        KernelThreads.Run(&LookForSlotsWithoutMain, 0, 5);
        Expect.True(!s_isMainGivenAway, "other slots alone are found"u8);
    }

    // As if the main thread had faulted, for a moment in which nobody else runs.
    private static void LookForSlotsWithoutMain(nint argument)
    {
        Span<int> slots = stackalloc int[ThreadTable.MaximumCapacity];
        bool enabled = Processor.DisableInterrupts();
        ref Thread main = ref ThreadTable.At(ThreadTable.Main);
        ThreadState state = main.State;
        main.State = ThreadState.Ended;
        int created = Fill(slots, 0);
        main.State = state;
        Processor.RestoreInterrupts(enabled);
        s_isMainGivenAway = slots[..created].IndexOf(ThreadTable.Main) >= 0;
        End(slots[..created]);
    }

    private static void Join(nint slot) => ThreadLifecycle.Join((int)slot);

    private static int Fill(Span<int> slots, int created)
    {
        while (created < slots.Length)
        {
            int slot = ThreadLifecycle.CreateKernelThread(&Trace.AddAndEnd, 1, 5);
            if (slot < 0)
            {
                break;
            }

            slots[created++] = slot;
        }

        return created;
    }

    private static void End(ReadOnlySpan<int> slots)
    {
        for (int index = 0; index < slots.Length; index++)
        {
            ThreadLifecycle.EndOther(slots[index]);
        }
    }
}
