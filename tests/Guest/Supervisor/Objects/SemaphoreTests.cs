// Counting semaphores: no unit is lost or made, and who waits is served by importance, then by age.

using System;
using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class SemaphoreTests
{
    private const nuint Forever = uint.MaxValue;

    [GuestTest]
    internal static void TakingAndGivingCountBetweenZeroAndTheLimit()
    {
        nuint units = TestObjects.HandleOf(TestObjects.Units);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Component, SystemCall.SemaphoreTake, units), "a first unit"u8);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, units, Forever), "a second unit"u8);
        Expect.Equal(0, (int)TestObjects.Call(Probe.Component, SystemCall.SemaphoreCount, units), "units left"u8);
        ExpectStatus(SystemCallStatus.TimedOut, TestObjects.Call(Probe.Component, SystemCall.SemaphoreTake, units), "no unit, and no time"u8);
        for (int count = 1; count <= 3; count++)
        {
            ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Component, SystemCall.SemaphoreGive, units), "a unit given"u8);
            Expect.Equal(count, (int)TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreCount, units), "units now"u8);
        }

        ExpectStatus(SystemCallStatus.LimitReached, TestObjects.Call(Probe.Component, SystemCall.SemaphoreGive, units), "one beyond the limit"u8);
        Expect.Equal(3, ObjectTable.At(TestObjects.Units).Count, "units at the limit"u8);
    }

    [GuestTest]
    internal static void AWaiterGetsTheUnitThatIsGivenAndNobodyElseDoes()
    {
        int signal = TestObjects.Signal;
        int waiter = TestObjects.CreateCaller(Probe.Neighbour, 1, 12, SystemCall.SemaphoreTake, TestObjects.HandleOf(signal), Forever);
        TestObjects.StartToBlock(waiter);
        int later = TestObjects.CreateCaller(Probe.Neighbour, 2, 5, SystemCall.SemaphoreTake, TestObjects.HandleOf(signal));

        // The giver is more important than the waiter, and the later taker more important than both.
        int giver = TestObjects.CreateCaller(Probe.Component, 3, 8, SystemCall.SemaphoreGive, TestObjects.HandleOf(signal));
        ThreadLifecycle.Start(giver);
        KernelThreads.WaitForEnd(giver);
        Expect.Equal(0, ObjectTable.At(signal).Count, "the unit was never free"u8);
        ThreadLifecycle.Start(later);
        KernelThreads.WaitForEnd(later);
        KernelThreads.WaitForEnd(waiter);
        ExpectStatus(SystemCallStatus.TimedOut, Probe.Request(2).Result, "a later and more important taker"u8);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(1).Result, "the waiter"u8);
        Probe.ExpectDone(waiter, 1, "the waiter goes on"u8);
    }

    [GuestTest]
    internal static void WaitersAreServedByImportanceAndAmongEqualsInTheOrderOfWaiting()
    {
        int index = CreateForKernel();
        Trace.Clear();
        int last = KernelThreads.Start(&TakeAndNote, Note(index, 1), 9);
        KernelThreads.WaitFor(last, ThreadState.Blocked);
        StartWaiter(index, 2, 5);
        StartWaiter(index, 3, 7);
        StartWaiter(index, 4, 5);
        StartWaiter(index, 5, 3);
        StartWaiter(index, 6, 7);
        for (int unit = 0; unit < 6; unit++)
        {
            // One at a time: of several that are ready at once the most important would run first whatever the order of waking.
            Give(index);
            ThreadLifecycle.Sleep(2);
        }

        ThreadLifecycle.Join(last);
        Trace.Expect([5, 2, 4, 3, 6, 1], "by priority, then by the order of waiting"u8);
        Destroy(index);
    }

    [GuestTest]
    internal static void AMoreImportantWaiterRunsBeforeTheGiverGoesOn()
    {
        int index = CreateForKernel();
        Trace.Clear();
        int waiter = KernelThreads.Start(&TakeAndNote, Note(index, 1), 4);
        KernelThreads.WaitFor(waiter, ThreadState.Blocked);
        int giver = KernelThreads.Start(&GiveAndNote, Note(index, 2), 6);
        ThreadLifecycle.Join(giver);
        ThreadLifecycle.Join(waiter);
        Trace.Expect([1, 2], "the waiter, then the giver"u8);
        Destroy(index);
    }

    [GuestTest]
    internal static void AWaitEndsWithItsTickAndLeavesNoTrace()
    {
        nuint signal = TestObjects.HandleOf(TestObjects.Signal);
        for (uint ticks = 1; ticks <= 6; ticks++)
        {
            ulong before = Clock.Ticks;
            ExpectStatus(SystemCallStatus.TimedOut, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, signal, ticks), "nobody gives"u8);
            Expect.True(Clock.Ticks - before >= ticks, "as many ticks as asked for have passed"u8);
        }

        Expect.True(ObjectTable.At(TestObjects.Signal).FirstWaiter.IsNone, "nobody is left in the list"u8);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Component, SystemCall.SemaphoreGive, signal), "a unit given afterwards"u8);
        Expect.Equal(1, ObjectTable.At(TestObjects.Signal).Count, "goes to nobody"u8);
    }

    [GuestTest]
    internal static void OneOfSeveralWaitersCanTimeOutWhereverItStandsInTheList()
    {
        int signal = TestObjects.Signal;
        nuint handle = TestObjects.HandleOf(signal);
        Span<int> slots = stackalloc int[3];
        for (int timedOut = 0; timedOut < 3; timedOut++)
        {
            for (int place = 0; place < 3; place++)
            {
                slots[place] = TestObjects.CreateCaller(
                    Probe.Neighbour, place + 1, 5 + place, SystemCall.SemaphoreTake, handle, place == timedOut ? 20 : Forever);
                TestObjects.StartToBlock(slots[place]);
            }

            KernelThreads.WaitForEnd(slots[timedOut]);
            Give(signal);
            Give(signal);
            for (int place = 0; place < 3; place++)
            {
                KernelThreads.WaitForEnd(slots[place]);
                ExpectStatus(place == timedOut ? SystemCallStatus.TimedOut : SystemCallStatus.Success, Probe.Request(place + 1).Result, "each gets what it is due"u8);
            }

            Expect.Equal(0, ObjectTable.At(signal).Count, "no unit is left over"u8);
        }
    }

    [GuestTest]
    internal static void AWaiterThatIsEndedTakesNoUnitWithIt()
    {
        int signal = TestObjects.Signal;
        int waiter = TestObjects.CreateCaller(Probe.Neighbour, 1, 6, SystemCall.SemaphoreTake, TestObjects.HandleOf(signal), Forever);
        int other = TestObjects.CreateCaller(Probe.Neighbour, 2, 7, SystemCall.SemaphoreTake, TestObjects.HandleOf(signal), Forever);
        TestObjects.StartToBlock(waiter);
        TestObjects.StartToBlock(other);
        ThreadLifecycle.EndOther(waiter);
        Give(signal);
        KernelThreads.WaitForEnd(other);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(2).Result, "the unit goes to the next"u8);
        Give(signal);
        Expect.Equal(1, ObjectTable.At(signal).Count, "and with nobody waiting to the count"u8);
    }

    [GuestTest]
    internal static void ACreatedSemaphoreLivesUntilItIsDestroyed()
    {
        Expect.Equal((int)SystemCallStatus.SettingNotAllowed, (int)TestObjects.Call(Probe.Component, SystemCall.CreateSemaphore, 0, 0), "a limit of 0"u8);
        Expect.Equal((int)SystemCallStatus.SettingNotAllowed, (int)TestObjects.Call(Probe.Component, SystemCall.CreateSemaphore, 2, 1), "2 units of 1"u8);
        Expect.Equal(
            (int)SystemCallStatus.SettingNotAllowed, (int)TestObjects.Call(Probe.Component, SystemCall.CreateSemaphore, nuint.MaxValue, 1), "-1 units"u8);
        nuint handle = (nuint)TestObjects.Call(Probe.Component, SystemCall.CreateSemaphore, 1, 5);
        Expect.Equal(1, (int)TestObjects.Call(Probe.Component, SystemCall.SemaphoreCount, handle), "units at the start"u8);
        TestObjects.ExpectBadHandle(Probe.Neighbour, SystemCall.SemaphoreCount, handle, "it is its creator's alone"u8);
        TestObjects.ExpectBadHandle(Probe.Neighbour, SystemCall.DestroySemaphore, handle, "nobody else can destroy it"u8);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Component, SystemCall.SemaphoreTake, handle), "its unit"u8);
        int waiter = TestObjects.CreateCaller(Probe.Component, 1, 6, SystemCall.SemaphoreTake, handle, Forever);
        TestObjects.StartToBlock(waiter);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Component, SystemCall.DestroySemaphore, handle), "the end of it"u8);
        KernelThreads.WaitForEnd(waiter);
        ExpectStatus(SystemCallStatus.ObjectDestroyed, Probe.Request(1).Result, "who waits is told"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreGive, handle, "its handle is stale"u8);
        nuint next = (nuint)TestObjects.Call(Probe.Component, SystemCall.CreateSemaphore, 0, 1);
        Expect.True(next != handle, "the slot's next life has another handle"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreGive, handle, "the old handle doesn't name it"u8);
        Expect.Equal(0, (int)TestObjects.Call(Probe.Component, SystemCall.SemaphoreCount, next), "it is untouched"u8);
    }

    [GuestTest]
    internal static void AFullObjectTableIsAnAnswer()
    {
        int room = ObjectTable.Capacity - (int)ImageTable.Description.ObjectCount;
        Expect.True(room > 0, "the image has room for created objects"u8);
        for (int count = 0; count < room; count++)
        {
            Expect.True(TestObjects.Call(Probe.Component, SystemCall.CreateSemaphore, 0, 1) > 0, "as many as there is room for"u8);
        }

        ExpectStatus(SystemCallStatus.NoObjectAvailable, TestObjects.Call(Probe.Component, SystemCall.CreateSemaphore, 0, 1), "and no more"u8);
    }

    private static void ExpectStatus(SystemCallStatus expected, long actual, ReadOnlySpan<byte> what) => Expect.Equal((int)expected, (int)actual, what);

    private static int CreateForKernel()
    {
        bool enabled = Processor.DisableInterrupts();
        int index = ObjectTable.CreateSemaphore(KernelObject.KernelBit, KernelObject.KernelBit, 0, 10);
        Processor.RestoreInterrupts(enabled);
        Expect.True(index >= 0, "there is room for a semaphore"u8);
        return index;
    }

    private static void Destroy(int index)
    {
        bool enabled = Processor.DisableInterrupts();
        ObjectTable.Destroy(index);
        Processor.RestoreInterrupts(enabled);
    }

    private static void StartWaiter(int index, int note, int priority) =>
        KernelThreads.WaitFor(KernelThreads.Start(&TakeAndNote, Note(index, note), priority), ThreadState.Blocked);

    private static nint Note(int index, int note) => index | (note << 8);

    private static void Give(int index)
    {
        bool enabled = Processor.DisableInterrupts();
        Semaphores.Give(index, Thread.NoComponent);
        Scheduler.SwitchIfWanted();
        Processor.RestoreInterrupts(enabled);
    }

    private static void TakeAndNote(nint note)
    {
        bool enabled = Processor.DisableInterrupts();
        SystemCallStatus status = Semaphores.Take((int)note & 0xFF, Forever, Thread.NoComponent);
        Processor.RestoreInterrupts(enabled);
        Trace.Add(status == SystemCallStatus.Success ? (int)note >> 8 : -1);
    }

    private static void GiveAndNote(nint note)
    {
        Give((int)note & 0xFF);
        Trace.Add((int)note >> 8);
    }
}
