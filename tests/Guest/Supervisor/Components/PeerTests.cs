// What the end of a component means for the objects that it used and for those who wait for it. The rules are said in Kernel/Objects/Peers.cs.

using System;
using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class PeerTests
{
    private const nuint Forever = uint.MaxValue;
    private const int SenderPage = 8;
    private const int ReceiverPage = 9;

    [GuestTest]
    internal static void ALockWhoseHolderEndsIsGivenBackAndTheNextHolderIsTold()
    {
        int held = TestObjects.Lock;
        nuint handle = TestObjects.HandleOf(held);
        int waiter = TestObjects.CreateCaller(Probe.Neighbour, 1, 12, SystemCall.SemaphoreTake, handle, Forever);
        int faulting = Probe.Create(Probe.Component, 2, ProbeOperation.LockAndFault);
        ThreadLifecycle.Start(faulting);
        KernelThreads.WaitForEnd(faulting);
        Expect.True(ThreadTable.At(faulting).HasFaulted, "the holder faulted"u8);
        TestObjects.StartToBlock(waiter);
        End(Probe.Component, ComponentState.Stopped);
        KernelThreads.WaitForEnd(waiter);
        ExpectStatus(SystemCallStatus.HolderEnded, Probe.Request(1).Result, "the one that waited"u8);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreGive, handle), "it gives the lock back"u8);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, handle), "the one after isn't told any more"u8);
    }

    [GuestTest]
    internal static void ALockThatNobodyWaitsForIsFreeAfterItsHolderEndedAndSaysSoOnce()
    {
        nuint handle = TestObjects.HandleOf(TestObjects.Lock);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Component, SystemCall.SemaphoreTake, handle), "the lock is taken"u8);
        ExpectStatus(SystemCallStatus.NotHolder, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreGive, handle), "only its holder gives it back"u8);
        ExpectStatus(SystemCallStatus.TimedOut, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, handle), "it is not free"u8);
        End(Probe.Component, ComponentState.Finished);
        ExpectStatus(SystemCallStatus.HolderEnded, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, handle), "it is free, and its past is told"u8);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreGive, handle), "given back"u8);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, handle), "told once"u8);
    }

    [GuestTest]
    internal static void UnitsOfASemaphoreThatIsNoLockStayAsTheyAre()
    {
        nuint handle = TestObjects.HandleOf(TestObjects.Units);
        TestObjects.Call(Probe.Component, SystemCall.SemaphoreTake, handle);
        End(Probe.Component, ComponentState.Stopped);
        Expect.Equal(1, ObjectTable.At(TestObjects.Units).Count, "a unit that was taken stays taken"u8);
    }

    [GuestTest]
    internal static void ObjectsThatTheComponentAloneUsesAreAsAtBootAndCreatedOnesAreGone()
    {
        nuint own = TestObjects.HandleOf(TestObjects.ProbesOwn);
        TestObjects.Call(Probe.Component, SystemCall.SemaphoreTake, own);
        nuint created = (nuint)TestObjects.Call(Probe.Component, SystemCall.CreateSemaphore, 0, 1);
        TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, TestObjects.HandleOf(TestObjects.NeighboursOwn));
        End(Probe.Component, ComponentState.Stopped);
        Expect.Equal(1, ObjectTable.At(TestObjects.ProbesOwn).Count, "its own semaphore"u8);
        TestObjects.ExpectBadHandle(Probe.Component, SystemCall.SemaphoreGive, created, "the semaphore that its last life created"u8);
        Expect.Equal(0, ObjectTable.At(TestObjects.NeighboursOwn).Count, "nothing of the neighbour's changes"u8);
    }

    [GuestTest]
    internal static void WhatWasSentToALifeThatIsOverDoesNotReachTheNext()
    {
        Send(1);
        Send(2);
        int waiting = StartSender(3);
        End(Probe.Neighbour, ComponentState.Stopped);
        KernelThreads.WaitForEnd(waiting);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(1).Result, "one that still waited sends to the next life"u8);
        ComponentTable.At(Probe.Neighbour).State = ComponentState.Running;
        Expect.Equal(3, (int)Receive(), "the first message of the next life"u8);
        Expect.Equal(0, ObjectTable.At(TestObjects.Orders).Count, "and the only one"u8);
    }

    [GuestTest]
    internal static void WhatALifeThatIsOverHasSentIsReceived()
    {
        Send(1);
        Send(2);
        End(Probe.Component, ComponentState.Stopped);
        Expect.Equal(1, (int)Receive(), "the first message"u8);
        Expect.Equal(2, (int)Receive(), "the second message"u8);
    }

    [GuestTest]
    internal static void AWaitThatNobodyCanEndAnyMoreEndsByItself()
    {
        int taker = TestObjects.CreateCaller(Probe.Neighbour, 1, 6, SystemCall.SemaphoreTake, TestObjects.HandleOf(TestObjects.Signal), Forever);
        int receiver = CreateReceiver(2);
        TestObjects.StartToBlock(taker);
        TestObjects.StartToBlock(receiver);
        End(Probe.Component, ComponentState.Stopped);
        KernelThreads.WaitForEnd(taker);
        KernelThreads.WaitForEnd(receiver);
        ExpectStatus(SystemCallStatus.PeerEnded, Probe.Request(1).Result, "the taker of a semaphore that nobody gives"u8);
        ExpectStatus(SystemCallStatus.PeerEnded, Probe.Request(2).Result, "the receiver from a queue that nobody sends to"u8);
        ExpectStatus(
            SystemCallStatus.PeerEnded, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, TestObjects.HandleOf(TestObjects.Signal), Forever),
            "a wait that makes no sense from the start"u8);

        ComponentTable.At(Probe.Component).State = ComponentState.Running;
        int again = TestObjects.CreateCaller(Probe.Neighbour, 1, 6, SystemCall.SemaphoreTake, TestObjects.HandleOf(TestObjects.Signal), Forever);
        TestObjects.StartToBlock(again);
        ExpectStatus(
            SystemCallStatus.Success, TestObjects.Call(Probe.Component, SystemCall.SemaphoreGive, TestObjects.HandleOf(TestObjects.Signal)),
            "the next life gives"u8);
        KernelThreads.WaitForEnd(again);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(1).Result, "a wait for the next life"u8);
    }

    [GuestTest]
    internal static void AWaitForAComponentThatIsRestartedEndsAndTheNextIsForItsNextLife()
    {
        nuint signal = TestObjects.HandleOf(TestObjects.Signal);
        int taker = TestObjects.CreateCaller(Probe.Neighbour, 1, 6, SystemCall.SemaphoreTake, signal, Forever);
        int receiver = CreateReceiver(2);
        TestObjects.StartToBlock(taker);
        TestObjects.StartToBlock(receiver);
        End(Probe.Component, ComponentState.Faulted);
        KernelThreads.WaitForEnd(taker);
        KernelThreads.WaitForEnd(receiver);
        ExpectStatus(SystemCallStatus.PeerRestarted, Probe.Request(1).Result, "the taker: what the last life had promised is lost"u8);
        ExpectStatus(SystemCallStatus.PeerRestarted, Probe.Request(2).Result, "the receiver likewise"u8);

        // Also between the two lives.
        int again = TestObjects.CreateCaller(Probe.Neighbour, 1, 6, SystemCall.SemaphoreTake, signal, Forever);
        TestObjects.StartToBlock(again);
        ComponentTable.At(Probe.Component).State = ComponentState.Running;
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Component, SystemCall.SemaphoreGive, signal), "the next life gives"u8);
        KernelThreads.WaitForEnd(again);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(1).Result, "a wait for the next life"u8);
    }

    [GuestTest]
    internal static void ARestartLeavesAloneWhatItsComponentHadSentAndWaitsThatOthersCanEnd()
    {
        Send(1);
        Send(2);
        int sender = StartSender(3);
        End(Probe.Component, ComponentState.Faulted);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(sender).State, "the component's own waiter has ended with it"u8);
        Expect.Equal(2, ObjectTable.At(TestObjects.Orders).Count, "and what it had sent is there"u8);
        nuint units = TestObjects.HandleOf(TestObjects.Units);
        TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, units);
        TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreTake, units);
        int waiter = TestObjects.CreateCaller(Probe.Neighbour, 1, 6, SystemCall.SemaphoreTake, units, Forever);
        TestObjects.StartToBlock(waiter);
        End(Probe.Component, ComponentState.Faulted);
        ThreadLifecycle.Sleep(3);
        Expect.Equal((int)ThreadState.Blocked, (int)ThreadTable.At(waiter).State, "the neighbour may give as well"u8);
    }

    [GuestTest]
    internal static void ASenderToAComponentThatStaysDownIsTold()
    {
        End(Probe.Neighbour, ComponentState.Stopped);
        Send(1);
        Send(2);
        int sender = CreateSender(3);
        ThreadLifecycle.Start(sender);
        KernelThreads.WaitForEnd(sender);
        ExpectStatus(SystemCallStatus.PeerEnded, Probe.Request(1).Result, "a full queue that nobody receives from"u8);
    }

    [GuestTest]
    internal static void AWaitThatAnotherComponentCanEndGoesOn()
    {
        nuint units = TestObjects.HandleOf(TestObjects.Units);
        TestObjects.Call(Probe.Component, SystemCall.SemaphoreTake, units);
        TestObjects.Call(Probe.Component, SystemCall.SemaphoreTake, units);
        int waiter = TestObjects.CreateCaller(Probe.Neighbour, 1, 6, SystemCall.SemaphoreTake, units, Forever);
        TestObjects.StartToBlock(waiter);
        End(Probe.Component, ComponentState.Stopped);
        ThreadLifecycle.Sleep(3);
        Expect.Equal((int)ThreadState.Blocked, (int)ThreadTable.At(waiter).State, "the neighbour itself may give"u8);
        ExpectStatus(SystemCallStatus.Success, TestObjects.Call(Probe.Neighbour, SystemCall.SemaphoreGive, units), "and does"u8);
        KernelThreads.WaitForEnd(waiter);
        ExpectStatus(SystemCallStatus.Success, Probe.Request(1).Result, "the waiter"u8);
    }

    [GuestTest]
    internal static void AThreadEndedInAWaitLeavesItsComponentsObjectsInOrder()
    {
        int waiting = CreateReceiver(2);
        TestObjects.StartToBlock(waiting);
        End(Probe.Neighbour, ComponentState.Stopped);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(waiting).State, "the waiting thread has ended"u8);
        Expect.True(ObjectTable.At(TestObjects.Orders).FirstWaiter.IsNone, "nobody waits"u8);
        ComponentTable.At(Probe.Neighbour).State = ComponentState.Running;
        Send(4);
        Expect.Equal(4, (int)Receive(), "the next life receives"u8);
    }

    private static void ExpectStatus(SystemCallStatus expected, long actual, ReadOnlySpan<byte> what) => Expect.Equal((int)expected, (int)actual, what);

    // What the supervisor does when a component faulted (one that is restarted stays in that state until it runs again), and the end of its last thread
    // when it finished.
    private static void End(int component, ComponentState state)
    {
        ComponentTable.EndThreads(component);
        bool enabled = Processor.DisableInterrupts();
        ComponentTable.At(component).State = state;
        Peers.OnComponentEnded(component, isRestarted: state == ComponentState.Faulted);
        Scheduler.SwitchIfWanted();
        Processor.RestoreInterrupts(enabled);
    }

    private static int CreateSender(uint number)
    {
        Probe.ScratchWord(SenderPage) = number;
        return TestObjects.CreateCaller(
            Probe.Component, 1, 6, SystemCall.SendMessage, TestObjects.HandleOf(TestObjects.Orders), Probe.ScratchAddress(SenderPage), Forever);
    }

    private static int StartSender(uint number)
    {
        int slot = CreateSender(number);
        TestObjects.StartToBlock(slot);
        return slot;
    }

    private static int CreateReceiver(int request) => TestObjects.CreateCaller(
        Probe.Neighbour, request, 6, SystemCall.ReceiveMessage, TestObjects.HandleOf(TestObjects.Orders), Probe.ScratchAddress(ReceiverPage), Forever);

    private static void Send(uint number)
    {
        Probe.ScratchWord(SenderPage) = number;
        ExpectStatus(
            SystemCallStatus.Success,
            TestObjects.Call(Probe.Component, SystemCall.SendMessage, TestObjects.HandleOf(TestObjects.Orders), Probe.ScratchAddress(SenderPage)),
            "a message is sent"u8);
    }

    private static uint Receive()
    {
        Probe.ScratchWord(ReceiverPage) = 0;
        TestObjects.Call(Probe.Neighbour, SystemCall.ReceiveMessage, TestObjects.HandleOf(TestObjects.Orders), Probe.ScratchAddress(ReceiverPage));
        return Probe.ScratchWord(ReceiverPage);
    }
}
