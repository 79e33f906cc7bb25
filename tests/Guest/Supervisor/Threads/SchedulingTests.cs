// Who runs when: priorities, first come first served among equals, turns by the tick.

using System.Threading;
using Ringfence.Abi;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class SchedulingTests
{
    private const int RecordedTurns = 12;

    private static int s_other;
    private static int s_stop;
    private static int s_turnOwner;
    private static ulong s_firstTurnTick;
    private static ulong s_lastTurnTick;

    [GuestTest]
    internal static void MoreImportantThreadsRunFirst()
    {
        Trace.Clear();
        int least = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, ThreadPriority.Least, ThreadPriority.Least);
        int first = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 3, 3);
        int second = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 7, 7);
        Trace.Expect([], "the creator is more important than all of them"u8);
        ThreadLifecycle.Join(least);
        Trace.Expect([3, 7, ThreadPriority.Least], "the order of priorities, 0 first"u8);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(first).State, "the first has ended"u8);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(second).State, "the second has ended"u8);
    }

    [GuestTest]
    internal static void EqualsRunInTheOrderInWhichTheyWereStarted()
    {
        Trace.Clear();
        int last = Thread.None;
        for (int note = 1; note <= 5; note++)
        {
            last = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, note, 6);
        }

        ThreadLifecycle.Join(last);
        Trace.Expect([1, 2, 3, 4, 5], "first started, first run"u8);
    }

    [GuestTest]
    internal static void AMoreImportantThreadPreemptsAtOnceAndTheInterruptedOneKeepsItsPlace()
    {
        Trace.Clear();
        s_other = KernelThreads.Create(&Trace.AddAndEnd, 30, 3);
        int interrupted = KernelThreads.StartUndisturbed(&StartTheOther, 10, 5);
        int equal = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 50, 5);
        ThreadLifecycle.Join(equal);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(interrupted).State, "the interrupted one ended before its equal ran"u8);
        Trace.Expect([10, 30, 11, 50], "preemption within Start, then the interrupted one before its equal"u8);
    }

    [GuestTest]
    internal static void ALessOrEquallyImportantThreadDoesNotPreempt()
    {
        Trace.Clear();
        s_other = KernelThreads.Create(&Trace.AddAndEnd, 30, 5);
        ThreadLifecycle.Join(KernelThreads.StartUndisturbed(&StartTheOther, 10, 5));
        ThreadLifecycle.Join(s_other);
        s_other = KernelThreads.Create(&Trace.AddAndEnd, 60, 6);
        ThreadLifecycle.Join(KernelThreads.StartUndisturbed(&StartTheOther, 20, 5));
        ThreadLifecycle.Join(s_other);
        Trace.Expect([10, 11, 30, 20, 21, 60], "the starter goes on"u8);
    }

    [GuestTest]
    internal static void AThreadThatYieldsGoesBehindItsEqualsOnly()
    {
        Trace.Clear();
        int first = KernelThreads.StartUndisturbed(&NoteYieldNote, 10, 5);
        int second = KernelThreads.StartUndisturbed(&NoteYieldNote, 20, 5);
        int lessImportant = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 60, 6);
        ThreadLifecycle.Join(lessImportant);
        Trace.Expect([10, 20, 11, 21, 60], "turns between equals; the less important one waits"u8);
        Expect.True(ThreadTable.At(first).State == ThreadState.Ended && ThreadTable.At(second).State == ThreadState.Ended, "both ended"u8);
    }

    [GuestTest]
    internal static void AYieldWithoutEqualsReturnsAtOnce()
    {
        Trace.Clear();
        int lessImportant = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 1, 1);
        uint switches = Scheduler.SwitchCount;
        ThreadLifecycle.Yield();
        ThreadLifecycle.Sleep(0);
        Expect.Equal((int)switches, (int)Scheduler.SwitchCount, "a yield to nobody switches to nobody"u8);
        Trace.Expect([], "a less important thread gets nothing from a yield"u8);
        ThreadLifecycle.Join(lessImportant);
    }

    [GuestTest]
    internal static void EqualsTakeTurnsByTheTick()
    {
        Trace.Clear();
        s_stop = 0;
        s_turnOwner = 0;
        int first = KernelThreads.Start(&SpinAndNoteTurns, 1, 9);
        int second = KernelThreads.Start(&SpinAndNoteTurns, 2, 9);
        ThreadLifecycle.Join(first);
        ThreadLifecycle.Join(second);
        Trace.Expect([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2], "strictly one after the other"u8);

        // Twelve turns begin; eleven whole ones lie between the first beginning and the last. A tick can come between the switch and the note of it.
        int ticks = (int)(s_lastTurnTick - s_firstTurnTick);
        Expect.True(ticks >= (Scheduler.SliceTicks * (RecordedTurns - 1)) - 1, "a turn is not shorter than its slice"u8);
        Expect.True(ticks <= (Scheduler.SliceTicks * (RecordedTurns - 1)) + 1, "a turn is not longer than its slice"u8);
    }

    [GuestTest]
    internal static void AMoreImportantSpinnerIsNotInterruptedByItsSlice()
    {
        Trace.Clear();
        int spinner = KernelThreads.Start(&SpinForManySlices, 1, 4);
        int lessImportant = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 5, 5);
        ThreadLifecycle.Join(lessImportant);
        Trace.Expect([1, 2, 5], "the less important thread waits for the end of the spinner"u8);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(spinner).State, "the spinner ended first"u8);
    }

    [GuestTest]
    internal static void TheMachineIdlesWhileNobodyCanRun()
    {
        ulong before = Clock.Ticks;
        uint switches = Scheduler.SwitchCount;
        ThreadLifecycle.Sleep(5);
        Expect.True(Clock.Ticks - before >= 5, "ticks go on while idle"u8);
        Expect.Equal(2, (int)(Scheduler.SwitchCount - switches), "to the idle thread and back"u8);
    }

    private static void StartTheOther(nint note)
    {
        Trace.Add((int)note);
        ThreadLifecycle.Start(s_other);
        Trace.Add((int)note + 1);
    }

    private static void NoteYieldNote(nint note)
    {
        Trace.Add((int)note);
        ThreadLifecycle.Yield();
        Trace.Add((int)note + 1);
    }

    private static void SpinAndNoteTurns(nint self)
    {
        while (Volatile.Read(ref s_stop) == 0)
        {
            if (Volatile.Read(ref s_turnOwner) == (int)self)
            {
                continue;
            }

            bool enabled = Processor.DisableInterrupts();
            s_turnOwner = (int)self;
            if (Trace.Count < RecordedTurns)
            {
                Trace.Add((int)self);
                s_lastTurnTick = Clock.Ticks;
                s_firstTurnTick = Trace.Count == 1 ? s_lastTurnTick : s_firstTurnTick;
            }

            s_stop = Trace.Count == RecordedTurns ? 1 : 0;
            Processor.RestoreInterrupts(enabled);
        }
    }

    private static void SpinForManySlices(nint note)
    {
        Trace.Add((int)note);
        ulong end = Clock.Ticks + (5 * Scheduler.SliceTicks);
        while (Clock.Ticks < end)
        {
        }

        Trace.Add((int)note + 1);
    }
}
