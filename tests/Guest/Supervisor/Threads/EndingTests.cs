// Ending a thread, whatever it is doing, and giving its slot to another: nothing of the old life reaches the new one.

using System;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class EndingTests
{
    private const int Page = 3;

    private static int s_target;

    [GuestTest]
    internal static void AThreadThatWasNeverStartedCanBeEnded()
    {
        Trace.Clear();
        int slot = KernelThreads.Create(&Trace.AddAndEnd, 1, 5);
        ExpectEnded(slot, "a created thread"u8);
        Expect.True(!ThreadLifecycle.Start(slot), "an ended thread can't be started"u8);
        ThreadLifecycle.Sleep(2);
        Trace.Expect([], "it never runs"u8);
    }

    [GuestTest]
    internal static void EndingReadyThreadsLeavesTheOthersInTheirOrder()
    {
        Span<int> slots = stackalloc int[5];
        for (int ended = 1; ended <= 4; ended++)
        {
            Trace.Clear();
            for (int note = 1; note <= 4; note++)
            {
                slots[note] = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, note, 5);
            }

            ExpectEnded(slots[ended], "a ready thread"u8);
            int last = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 5, 5);
            ThreadLifecycle.Join(last);
            Expect.Equal(4, Trace.Count, "all others ran"u8);
            for (int index = 0, note = 1; index < Trace.Count; index++, note++)
            {
                note += note == ended ? 1 : 0;
                Expect.Equal(note, Trace.At(index), "in the order in which they were started"u8);
            }
        }
    }

    [GuestTest]
    internal static void EndingTheOnlyReadyThreadOfAPriorityEmptiesItsQueue()
    {
        Trace.Clear();
        int slot = KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 1, 5);
        ExpectEnded(slot, "the only thread of its priority"u8);
        ThreadLifecycle.Join(KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 6, 6));
        ThreadLifecycle.Join(KernelThreads.StartUndisturbed(&Trace.AddAndEnd, 2, 5));
        Trace.Expect([6, 2], "the queue works on"u8);
    }

    [GuestTest]
    internal static void ASleepingThreadThatWasEndedNeverWakes()
    {
        Trace.Clear();
        int slot = KernelThreads.Start(&SleepAndNote, 1, 5);
        KernelThreads.WaitFor(slot, ThreadState.Sleeping);
        ExpectEnded(slot, "a sleeping thread"u8);
        ThreadLifecycle.Sleep(8);
        Trace.Expect([], "its tick has passed and it did not wake"u8);
    }

    [GuestTest]
    internal static void AJoiningThreadThatWasEndedIsNotWokenByItsTarget()
    {
        Trace.Clear();
        s_target = KernelThreads.Create(&Trace.AddAndEnd, 9, 6);
        int joiner = KernelThreads.Start(&JoinAndNote, 1, 5);
        KernelThreads.WaitFor(joiner, ThreadState.Joining);
        ExpectEnded(joiner, "a joining thread"u8);
        ThreadLifecycle.Start(s_target);
        ThreadLifecycle.Join(s_target);
        ThreadLifecycle.Sleep(1);
        Trace.Expect([9], "only the target ran"u8);
    }

    [GuestTest]
    internal static void APreemptedUserThreadThatWasEndedRunsNoFurther()
    {
        Probe.ScratchWord(Page) = 0;
        int slot = Probe.Create(Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Page));
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForCount(Page, 100);
        Expect.Equal((int)ThreadState.Ready, (int)ThreadTable.At(slot).State, "it was preempted"u8);
        nuint stack = AddressLayout.UserStackPages(slot).First.Address.Value;
        Expect.True(LeafSnapshot.HasRights(FenceCheck.ProbeDomain, stack, LeafRights.UserReadWrite), "its stack is live"u8);
        ExpectEnded(slot, "a preempted user thread"u8);
        Expect.True(LeafSnapshot.IsRevoked(FenceCheck.ProbeDomain, stack), "its stack was revoked at once"u8);
        uint count = Probe.ScratchWord(Page);
        ThreadLifecycle.Sleep(3);
        Expect.Equal(count, Probe.ScratchWord(Page), "it counts no further"u8);
    }

    [GuestTest]
    internal static void TheEndOfAThreadLetsAMoreImportantJoinerRunAtOnce()
    {
        Trace.Clear();
        s_target = KernelThreads.Create(&Trace.AddAndEnd, 99, 9);
        int joiner = KernelThreads.Start(&JoinAndNote, 1, 3);
        int ender = KernelThreads.Start(&EndTargetAndNote, 2, 7);
        ThreadLifecycle.Join(ender);
        Trace.Expect([1, 2], "the joiner before the next statement of the one who ended its target"u8);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(joiner).State, "the joiner has ended"u8);
    }

    [GuestTest]
    internal static void ARecycledSlotStartsWithoutAnythingOfItsLastThread()
    {
        int old = Probe.Run(ProbeOperation.NullReference, 8);
        int generation = ThreadTable.At(old).Generation;
        uint stackGeneration = ThreadTable.At(old).StackGeneration;
        Expect.True(ThreadTable.At(old).HasFaulted, "the last thread of the slot faulted"u8);
        Span<int> others = stackalloc int[ThreadTable.MaximumCapacity];
        int otherCount = 0;
        int recycled = -1;
        while (recycled < 0 && otherCount < ThreadTable.Capacity)
        {
            int slot = ThreadLifecycle.CreateUserThread(Probe.Component, ComponentTable.At(Probe.Component).Domain, 0, 5, 11);
            recycled = slot == old ? slot : -1;
            others[otherCount++] = slot;
        }

        ref Thread thread = ref ThreadTable.At(old);
        Expect.Equal(old, recycled, "the slot is used again"u8);
        Expect.Equal(generation + 1, thread.Generation, "under the next generation"u8);
        Expect.Equal((int)(stackGeneration + 1), (int)thread.StackGeneration, "with a stack of the next generation"u8);
        Expect.Equal((int)ThreadState.Created, (int)thread.State, "created"u8);
        Expect.True(!thread.HasFaulted && thread.ExitCode == 0 && thread.JoinTarget == Thread.None && thread.WakeTick == 0, "without an outcome"u8);
        Expect.True(thread.Fault.ErrorCode == 0 && thread.Fault.Address == 0 && thread.Fault.InstructionPointer == 0, "without a fault"u8);
        Expect.Equal(11, thread.Priority, "with its own priority"u8);
        Expect.Equal(5, thread.Argument, "with its own argument"u8);
        for (int index = 0; index < otherCount; index++)
        {
            ThreadLifecycle.EndOther(others[index]);
        }
    }

    [GuestTest]
    internal static void ANewUserThreadsStackIsAllZero()
    {
        for (int round = 0; round < 3; round++)
        {
            for (int slot = 0; slot < ThreadTable.Capacity; slot++)
            {
                // As if every stack were full of its last owner's secrets.
                if (ThreadTable.At(slot).State is ThreadState.Free or ThreadState.Ended)
                {
                    StackView(slot).Fill(0xC5);
                }
            }

            int probe = Probe.Create(Probe.Component, 0, ProbeOperation.CountNonZero);
            nuint stack = AddressLayout.UserStackPages(probe).First.Address.Value;
            Expect.Equal(-1, StackView(probe).IndexOfAnyExcept((byte)0), "nothing is on the stack before the first instruction"u8);

            // User mode looks at what it has not used itself: all but the top.
            Probe.Request(0).Operand0 = stack;
            Probe.Request(0).Operand1 = (nuint)StackView(probe).Length - 1024;
            Probe.Finish(probe);
            Probe.ExpectDone(probe, 0, "the thread can read its whole stack"u8);
            Expect.Equal(0, (int)Probe.Request(0).Result, "bytes of another thread that user mode found on its stack"u8);
        }
    }

    private static Span<byte> StackView(int slot)
    {
        PageRange pages = AddressLayout.UserStackPages(slot);
        return UserMemory.View(pages.First.Address.Value, (nuint)pages.Count.ByteCount);
    }

    private static void ExpectEnded(int slot, ReadOnlySpan<byte> what)
    {
        ThreadLifecycle.EndOther(slot);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(slot).State, what);
        Expect.Equal(-1, ThreadTable.At(slot).ExitCode, what);
        Expect.True(!ThreadTable.At(slot).HasFaulted, what);
    }

    private static void SleepAndNote(nint note)
    {
        ThreadLifecycle.Sleep(4);
        Trace.Add((int)note);
    }

    private static void JoinAndNote(nint note)
    {
        ThreadLifecycle.Join(s_target);
        Trace.Add((int)note);
    }

    private static void EndTargetAndNote(nint note)
    {
        ThreadLifecycle.EndOther(s_target);
        Trace.Add((int)note);
    }
}
