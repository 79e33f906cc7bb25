// Waiting: for a tick, and for the end of another thread.

using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class SleepAndJoinTests
{
    private static int s_target;

    [GuestTest]
    internal static void ASleepingKernelThreadNeverWakesEarly()
    {
        for (uint ticks = 1; ticks <= 12; ticks++)
        {
            ulong before = Clock.Ticks;
            ThreadLifecycle.Sleep(ticks);
            Expect.True(Clock.Ticks - before >= ticks, "as many ticks as asked for have passed"u8);
        }
    }

    [GuestTest]
    internal static void ASleepingUserThreadNeverWakesEarly()
    {
        for (uint ticks = 1; ticks <= 12; ticks++)
        {
            int slot = Probe.Run(ProbeOperation.SleepMeasured, ticks);
            Probe.ExpectDone(slot, 0, "a user thread sleeps and goes on"u8);
            Expect.True(Probe.Request(0).Result >= ticks, "as many ticks as asked for have passed"u8);
        }
    }

    [GuestTest]
    internal static void SleepersWakeInTheOrderOfTheirTicksWhateverTheOrderOfSleeping()
    {
        Trace.Clear();
        int last = KernelThreads.Start(&SleepAndNote, 24, 4);
        _ = KernelThreads.Start(&SleepAndNote, 8, 6);
        _ = KernelThreads.Start(&SleepAndNote, 16, 5);
        ThreadLifecycle.Join(last);
        Trace.Expect([8, 16, 24], "the earliest tick first"u8);
    }

    [GuestTest]
    internal static void ASleepOfTheLargestNumberOfTicksEndsOnlyWithTheThread()
    {
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.Sleep, nuint.MaxValue);
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitFor(slot, ThreadState.Sleeping);
        ThreadLifecycle.Sleep(3);
        Expect.Equal((int)ThreadState.Sleeping, (int)ThreadTable.At(slot).State, "it does not wrap around to an early tick"u8);
        ThreadLifecycle.EndOther(slot);
        Expect.Equal(0, Probe.Request(0).IsDone, "it never went on"u8);
    }

    [GuestTest]
    internal static void AJoinBeforeTheEndWaitsAndAJoinAfterItDoesNot()
    {
        Trace.Clear();
        int slot = KernelThreads.Start(&SleepAndNote, 3, 4);
        ThreadLifecycle.Join(slot);
        Trace.Expect([3], "the joined thread has done its work"u8);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(slot).State, "it has ended"u8);
        uint switches = Scheduler.SwitchCount;
        ThreadLifecycle.Join(slot);
        Expect.Equal((int)switches, (int)Scheduler.SwitchCount, "a join after the end gives the processor to nobody"u8);
    }

    [GuestTest]
    internal static void EveryJoinerIsWokenByTheEnd()
    {
        Trace.Clear();
        s_target = KernelThreads.Create(&Trace.AddAndEnd, 1, 9);
        int first = KernelThreads.Start(&JoinAndNote, 2, 4);
        int second = KernelThreads.Start(&JoinAndNote, 3, 5);
        int third = KernelThreads.Start(&JoinAndNote, 4, 6);
        KernelThreads.WaitFor(third, ThreadState.Joining);
        Expect.Equal((int)ThreadState.Joining, (int)ThreadTable.At(first).State, "the first waits"u8);
        ThreadLifecycle.Start(s_target);
        ThreadLifecycle.Join(third);
        Trace.Expect([1, 2, 3, 4], "all of them, by importance"u8);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(second).State, "the second has ended"u8);
    }

    [GuestTest]
    internal static void AUserThreadGetsTheExitCodeOfTheThreadItJoins()
    {
        ExpectChildOutcome(ProbeOperation.None, 0, 0, 0, "a thread that returns from Main"u8);
        ExpectChildOutcome(ProbeOperation.SystemCall, (nuint)SystemCall.Exit, 42, 42, "a thread that exits with a code"u8);
        ExpectChildOutcome(ProbeOperation.SystemCall, (nuint)SystemCall.Exit, int.MaxValue, int.MaxValue, "the largest code"u8);
        ExpectChildOutcome(
            ProbeOperation.SystemCall, (nuint)SystemCall.Exit, nuint.MaxValue, int.MaxValue, "a negative code can't be taken for a status"u8);
    }

    [GuestTest]
    internal static void AJoinOfAThreadThatFaultedSaysSo() =>
        ExpectChildOutcome(ProbeOperation.NullReference, 0, 0, (int)SystemCallStatus.ThreadFaulted, "a thread that a fault ended"u8);

    [GuestTest]
    internal static void AUserJoinAfterTheEndAnswersAtOnce()
    {
        int child = Probe.Create(Probe.Component, 1, ProbeOperation.SystemCall, (nuint)SystemCall.Exit, 7);
        int handle = ThreadTable.HandleOf(child).Value;
        ThreadLifecycle.Start(child);
        KernelThreads.WaitFor(child, ThreadState.Ended);
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.Join, (nuint)handle);
        Expect.True(slot != child, "an outcome that nobody has asked for is kept"u8);
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 0, "a join after the end"u8);
        Expect.Equal(7, (int)Probe.Request(0).Result, "the exit code is kept with the slot"u8);
    }

    private static void ExpectChildOutcome(
        ProbeOperation operation, nuint operand0, nuint operand1, int expected, System.ReadOnlySpan<byte> what)
    {
        ref ProbeRequest child = ref Probe.Request(1);
        child = default;
        child.Operation = operation;
        child.Operand0 = operand0;
        child.Operand1 = operand1;
        int slot = Probe.Run(ProbeOperation.RunChild, 1, Probe.Priority);
        Probe.ExpectDone(slot, 0, what);
        Expect.Equal(expected, (int)Probe.Request(0).Result, what);
    }

    private static void SleepAndNote(nint ticks)
    {
        ThreadLifecycle.Sleep((ulong)ticks);
        Trace.Add((int)ticks);
    }

    private static void JoinAndNote(nint note)
    {
        ThreadLifecycle.Join(s_target);
        Trace.Add((int)note);
    }
}
