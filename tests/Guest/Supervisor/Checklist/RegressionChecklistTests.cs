// Cases that a list of acceptance tests adds to what other systems test (RF): each is a way in which page tables that are edited in place, or that are many, have gone wrong.

using System;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class RegressionChecklistTests
{
    private const nuint PageBytes = PageSize.ByteCount;
    private const int OldPage = 1;
    private const int NewPage = 2;
    private const int Counter = 3;
    private const uint StormHertz = 10_000;
    private const int StormTicks = 20;

    private static int s_slot;
    private static int s_domain;
    private static uint s_moves;
    private static uint s_countAtMove;

    private static int StackPages => (int)ImageTable.Description.UserStackPageCount;

    // A is a thread of one domain, B another of the same, C one of another domain, S a kernel thread. B and C have never run, so that their stacks are granted in no set.
    [GuestTest]
    internal static void Rf1EveryTransitionWritesTheEntriesThatItMustAndNoOther()
    {
        if (StackOwnership.SkipUnlessOfThread())
        {
            return;
        }

        int domain = TestDomain.Create();
        int other = TestDomain.Create();
        TestDomain.AddPage(domain, OldPage);
        TestDomain.AddPage(other, NewPage);
        int difference = LeafSnapshot.HasSetForEachDomain ? StackPages : (2 * StackPages) + 2;

        int a = Probe.StartBlocked(domain, 0, ProbeOperation.SleepTwice);
        LeafSnapshot.Take();
        _ = KernelThreads.Run(&Trace.AddAndEnd, 1, 3);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "A to S"u8);
        Wake(a);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "A to S to A"u8);
        int c = Probe.StartBlocked(other, 1, ProbeOperation.SleepTwice);
        Expect.Equal(difference, LeafSnapshot.ChangeCount, "A to C"u8);
        EndBoth(a, c);

        a = Probe.StartBlocked(domain, 0, ProbeOperation.SleepTwice);
        LeafSnapshot.Take();
        int b = Probe.StartBlocked(domain, 1, ProbeOperation.SleepTwice);
        Expect.Equal(2 * StackPages, LeafSnapshot.ChangeCount, "A to B"u8);
        EndBoth(a, b);

        a = Probe.StartBlocked(domain, 0, ProbeOperation.SleepTwice);
        LeafSnapshot.Take();
        _ = KernelThreads.Run(&Trace.AddAndEnd, 1, 3);
        c = Probe.StartBlocked(other, 1, ProbeOperation.SleepTwice);
        Expect.Equal(difference, LeafSnapshot.ChangeCount, "A to S to C, as A to C"u8);
        EndBoth(a, c);
        TestDomain.Destroy(domain);
        TestDomain.Destroy(other);
    }

    [GuestTest]
    internal static void Rf3AStackThatIsUsedAgainIsTheNewThreadsAndADeadThreadsStackIsNobodys()
    {
        if (StackOwnership.SkipUnlessOfThread())
        {
            return;
        }

        int domain = TestDomain.Create();
        int first = Probe.StartBlocked(domain, 0, ProbeOperation.SleepTwice);
        nuint stack = AddressLayout.UserStackPages(first).First.Address.Value;
        Expect.True(LeafSnapshot.HasRights(domain, stack, LeafRights.UserReadWrite), "the stack of the thread that ran last"u8);
        ThreadLifecycle.EndOther(first);
        Expect.True(!LeafSnapshot.IsUserAnywhere(stack), "after its end it is nobody's, in no set"u8);

        // The same slot, the same addresses, another life; and in between, other threads.
        ThreadLifecycle.Join(first);
        int second = first;
        int attempts = 0;
        do
        {
            second = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.LocalAddress);
            if (second != first)
            {
                Probe.ExpectDone(Probe.Finish(second), 0, "a thread between"u8);
            }
        }
        while (second != first && ++attempts < 2 * ThreadTable.Capacity);

        Expect.Equal(first, second, "the slot is used again"u8);
        Expect.True(!LeafSnapshot.IsUserAnywhere(stack), "before it has run its stack is still nobody's"u8);
        Probe.ExpectDone(Probe.Finish(second), 0, "the thread that has the stack now"u8);
        nuint local = (nuint)Probe.Request(0).Result;
        Expect.True(AddressLayout.UserStackPages(first).Contains(new VirtualAddress(local).Page), "it has used the stack"u8);
        TestDomain.Destroy(domain);
    }

    // The move is made in the place of an interrupt handler or a system call: after it the thread returns without a switch.
    [GuestTest]
    internal static void Rf4AThreadThatIsMovedWhileItRunsReturnsWithTheRightsOfItsNewDomain()
    {
#if AUDIT
        ExpectMovedOnReturn(ProbeOperation.CountForever);
        ExpectMovedOnReturn(ProbeOperation.CallForever);
#else
        Expect.Skip("only an audited image lets a test move a thread on its way back"u8);
#endif
    }

    [GuestTest]
    internal static void Rf5AStormOfTheTimerDuringTheEntryToUserModeLeavesTheTablesAsTheLawDemands()
    {
        int domain = TestDomain.Create();
        int other = TestDomain.Create();
        TestDomain.AddPage(domain, Counter);
        Probe.ScratchWord(Counter) = 0;
        int bystander = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Counter));
        ThreadLifecycle.Start(bystander);
        KernelThreads.WaitForCount(Counter, 0);
        s_domain = other;
        for (int round = 0; round < 100 && !Expect.HasFailed; round++)
        {
            ref ProbeRequest request = ref Probe.Request(1);
            request = default;
            request.Operation = ProbeOperation.LocalAddress;
            IntervalTimer.Start(StormHertz);
            int slot = KernelThreads.Start(&MoveAndDrop, 1, Probe.Priority);
            ThreadLifecycle.Sleep(StormTicks);

            // In an emulator an audit may take longer than a tick of the storm, and user mode would get nowhere.
            Clock.Start();
            KernelThreads.WaitForEnd(slot);
            Probe.ExpectDone(slot, 1, "a thread that entered user mode"u8);
        }

        KernelThreads.WaitForCount(Counter, Probe.ScratchWord(Counter));
        Expect.True(!ThreadTable.At(bystander).HasFaulted, "the thread that ran between them"u8);
        ThreadLifecycle.EndOther(bystander);
        TestDomain.Destroy(domain);
        TestDomain.Destroy(other);
    }

    [GuestTest]
    internal static void Rf6APartitionOverWhatCannotBeGrantedIsRefusedAndNoEntryChanges()
    {
        int domain = TestDomain.Create();
        nuint userStack = AddressLayout.UserStackPages(2).First.Address.Value;
        nuint scratch = Probe.ScratchAddress(OldPage);
        LeafSnapshot.Take();
        ExpectRefused(domain, userStack, PageBytes, DomainErrorCode.OverlapsStack, "a thread's stack"u8);
        ExpectRefused(domain, userStack - PageBytes, PageBytes, DomainErrorCode.OverlapsGuard, "a guard"u8);
        ExpectRefused(domain, AddressLayout.KernelStackStart(2), PageBytes, DomainErrorCode.NotGrantable, "a kernel stack"u8);
        ExpectRefused(domain, ImageTable.Description.KernelDataStart, PageBytes, DomainErrorCode.NotGrantable, "kernel data"u8);
        ExpectRefused(domain, ImageTable.Description.PageTablesStart, PageBytes, DomainErrorCode.OverlapsPageTable, "page tables"u8);
        ExpectRefused(domain, AddressLayout.ViewEnd, PageBytes, DomainErrorCode.NotMapped, "pages that aren't mapped"u8);
        ExpectRefused(domain, scratch + 8, PageBytes, DomainErrorCode.MisalignedStart, "a start within a page"u8);
        ExpectRefused(domain, scratch, PageBytes + 8, DomainErrorCode.MisalignedSize, "a size of a page and a bit"u8);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed in any set"u8);
        TestDomain.Destroy(domain);
    }

    // Beside DomainTests.Rf7TheKernelWritesThroughItsViewWhatTheLiveDomainMayOnlyRead: an interrupt handler, while the thread that may only read runs.
    [GuestTest]
    internal static void Rf7AnInterruptHandlerWritesThroughTheViewWhatTheInterruptedThreadMayOnlyRead()
    {
#if AUDIT
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, OldPage, PartitionRights.ReadOnly);
        TestDomain.AddPage(domain, Counter);
        Probe.ScratchWord(OldPage) = 0;
        Probe.ScratchWord(Counter) = 0;
        s_slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Counter));
        ReturnAudit.BeforeReturn = &WriteReadOnlyPage;
        ThreadLifecycle.Start(s_slot);
        KernelThreads.WaitForCount(OldPage, 10);
        ReturnAudit.BeforeReturn = null;
        KernelThreads.WaitForCount(Counter, Probe.ScratchWord(Counter));
        Expect.True(!ThreadTable.At(s_slot).HasFaulted, "the interrupted thread goes on"u8);
        ThreadLifecycle.EndOther(s_slot);
        TestDomain.Destroy(domain);
#else
        Expect.Skip("only an audited image lets a test act on the way back to user mode"u8);
#endif
    }

    [GuestTest]
    internal static void Rf9ABufferIsJudgedToItsLastByteAndNoSizeOrAddressWrapsPastTheJudgement()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, OldPage);
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.None);
        nuint start = Probe.ScratchAddress(OldPage);
        nuint top = unchecked((nuint)0 - 1);
        Expect.True(Check(slot, start, 0).IsAllowed, "no bytes of a partition"u8);
        Expect.True(Check(slot, ImageTable.Description.KernelDataStart, 0).IsAllowed, "no bytes of the kernel's: nothing is touched"u8);
        Expect.True(Check(slot, start, PageBytes).IsAllowed, "all bytes of a partition"u8);
        Expect.True(Check(slot, start + PageBytes - 1, 1).IsAllowed, "its last byte"u8);
        ExpectDenied(slot, start + PageBytes - 1, 2, start + PageBytes, "one byte beyond"u8);
        ExpectDenied(slot, start - 1, 2, start - 1, "one byte before"u8);
        ExpectDenied(slot, top, 1, top, "the last byte of the address space"u8);
        Expect.Equal((int)DenialReason.WrapsAround, (int)Check(slot, top, 2).Reason, "and one more"u8);
        Expect.Equal((int)DenialReason.WrapsAround, (int)Check(slot, start, top).Reason, "the largest size"u8);
        Expect.Equal((int)DenialReason.WrapsAround, (int)Check(slot, start, unchecked(0 - start + 1)).Reason, "a size that ends at the start of the address space"u8);
        ExpectDenied(slot, 0, 1, 0, "a page that isn't mapped"u8);
        Probe.ExpectDone(Probe.Finish(slot), 0, "the thread"u8);
        TestDomain.Destroy(domain);
    }

    // Zephyr issue 119134: a check that looked at as many slots as there are partitions missed one behind a hole.
    [GuestTest]
    internal static void Rf11AfterTheMiddleOfThreeWasRemovedAnOverlapWithTheThirdIsStillSeen()
    {
        int domain = TestDomain.Create();
        for (int page = OldPage; page < OldPage + 5; page += 2)
        {
            TestDomain.AddPage(domain, page);
        }

        TestDomain.RemovePage(domain, OldPage + 2);
        DomainError error = TestDomain.Add(domain, Probe.ScratchAddress(OldPage + 3), 2 * PageBytes, PartitionRights.ReadWrite);
        Expect.Equal((int)DomainErrorCode.OverlapsPartition, (int)error.Code, "a partition over the third"u8);
        Expect.Equal(Probe.ScratchAddress(OldPage + 4), error.OffendingValue, "which is named"u8);
        FenceCheck.ExpectDenied(domain, Probe.ScratchAddress(OldPage + 3), "the page that was asked for with it"u8);
        Expect.True(TestDomain.Add(domain, Probe.ScratchAddress(OldPage + 2), 2 * PageBytes, PartitionRights.ReadOnly).IsNone, "one that fits between"u8);
        FenceCheck.ExpectReadOnly(domain, Probe.ScratchAddress(OldPage + 3), "its last page"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Rf11EveryPartitionOfAFullDomainCanBeRemovedInAnyOrder()
    {
        for (int step = 1; step <= 7; step += 2)
        {
            int domain = TestDomain.Create();
            int room = Math.Min(ScratchPages.PageCount, Protection.PartitionCapacity - TestDomain.OwnPartitionCount);
            for (int page = 0; page < room; page++)
            {
                TestDomain.AddPage(domain, page);
            }

            for (int index = 0; index < room; index++)
            {
                int page = ((index * step) + 3) % room;
                if (Protection.DomainAt(domain).IndexOf(TestDomain.PageOf(page).First) >= 0)
                {
                    TestDomain.RemovePage(domain, page);
                    Expect.True(LeafSnapshot.IsRevoked(domain, Probe.ScratchAddress(page)), "a removed partition"u8);
                }
            }

            for (int page = 0; page < room; page++)
            {
                bool isHeld = Protection.DomainAt(domain).IndexOf(TestDomain.PageOf(page).First) >= 0;
                Expect.True(isHeld == FenceCheck.IsWritable(domain, Probe.ScratchAddress(page)), "what the domain holds can be written, and nothing else"u8);
            }

            TestDomain.Destroy(domain);
        }
    }

    // That these tests are run on all formats and strategies is the host's affair; that the image is of the format that it says is this one's.
    [GuestTest]
    internal static void Rf12TheProcessorWalksTablesOfTheFormatThatTheImageIsBuiltFor()
    {
        const nuint PhysicalAddressExtension = 1 << 5; // CR4
        bool hasWideEntries = (Processor.ReadControl4() & PhysicalAddressExtension) != 0;
#if FORMAT_IA32
        Expect.True(!hasWideEntries, "CR4.PAE"u8);
#else
        const uint ExtendedFeatures = 0xC0000080;
        const ulong LongModeActive = 1 << 10;
        Expect.True(hasWideEntries, "CR4.PAE"u8);
        bool isLong = (Processor.ReadModelRegister(ExtendedFeatures) & LongModeActive) != 0;
        Expect.True(isLong == (nuint.Size == 8), "EFER.LMA"u8);
#endif
        Expect.True((Processor.ReadControl0() & 0x80010000) == 0x80010000, "CR0.PG and CR0.WP"u8);
    }

    [GuestTest]
    internal static void Rf13TheWorstSwitchWritesAnEntryForEachPageThatDiffersAndOneOnlyWhereEachDomainHasASet()
    {
        if (StackOwnership.SkipUnlessOfThread())
        {
            return;
        }

        int domain = TestDomain.Create();
        int other = TestDomain.Create();
        int half = ScratchPages.PageCount / 2;
        for (int page = 0; page < half; page++)
        {
            TestDomain.AddPage(domain, page);
            TestDomain.AddPage(other, half + page);
        }

        int first = Probe.StartBlocked(domain, 0, ProbeOperation.SleepTwice);
        LeafSnapshot.Take();
        int second = Probe.StartBlocked(other, 1, ProbeOperation.SleepTwice);
        int expected = LeafSnapshot.HasSetForEachDomain ? StackPages : (2 * StackPages) + ScratchPages.PageCount;
        Expect.Equal(expected, LeafSnapshot.ChangeCount, "pages changed by a switch between two domains that share nothing"u8);
        EndBoth(first, second);
        TestDomain.Destroy(domain);
        TestDomain.Destroy(other);
    }

    private static LawVerdict Check(int slot, nuint address, nuint byteCount) =>
        Protection.Check(slot, new VirtualAddress(address), byteCount, Access.Write);

    private static void ExpectDenied(int slot, nuint address, nuint byteCount, nuint deniedAddress, ReadOnlySpan<byte> what)
    {
        LawVerdict verdict = Check(slot, address, byteCount);
        Expect.True(!verdict.IsAllowed, what);
        Expect.Equal(deniedAddress, verdict.DeniedAddress.Value, what);
    }

    private static void ExpectRefused(int domain, nuint start, nuint byteCount, DomainErrorCode code, ReadOnlySpan<byte> what) =>
        Expect.Equal((int)code, (int)TestDomain.Add(domain, start, byteCount, PartitionRights.ReadOnly).Code, what);

    // Lets a sleeping thread run in user mode until it sleeps again.
    private static void Wake(int slot)
    {
        bool enabled = Processor.DisableInterrupts();
        ThreadTable.At(slot).WakeTick = 0;
        Clock.Expect(0);
        Processor.RestoreInterrupts(enabled);
        for (int tick = 0; tick < 5000 && Probe.Request(0).Operand2 == 0; tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        Expect.Equal(1, Probe.Request(0).Operand2, "the thread has run in user mode"u8);
        KernelThreads.WaitFor(slot, ThreadState.Sleeping);
    }

    private static void EndBoth(int first, int second)
    {
        ThreadLifecycle.EndOther(first);
        ThreadLifecycle.EndOther(second);
    }

    private static void MoveAndDrop(nint request)
    {
        Protection.MoveThread(Scheduler.Current, s_domain);
        ThreadLifecycle.DropToUser(Probe.Component, 0, (nuint)request);
    }

#if AUDIT
    private static void ExpectMovedOnReturn(ProbeOperation operation)
    {
        int domain = TestDomain.Create();
        s_domain = TestDomain.Create();
        TestDomain.AddPage(domain, OldPage);
        Probe.ScratchWord(OldPage) = 0;
        s_slot = Probe.CreateIn(domain, Probe.Component, 0, operation, Probe.ScratchAddress(OldPage));
        ThreadLifecycle.Start(s_slot);
        KernelThreads.WaitForCount(OldPage, 10);
        s_moves = 0;
        ReturnAudit.BeforeReturn = &MoveCurrent;
        KernelThreads.WaitForEnd(s_slot);
        ReturnAudit.BeforeReturn = null;
        Expect.Equal(1u, s_moves, "it was moved on its way back"u8);
        Expect.Equal(s_countAtMove, Probe.ScratchWord(OldPage), "and has not counted since"u8);
        ref Thread thread = ref ThreadTable.At(s_slot);
        Expect.True(thread.HasFaulted && thread.Fault.IsPageFault, "its next access, whichever that is, faults"u8);
        Expect.Equal(Probe.ScratchAddress(OldPage), thread.Fault.Address, "at the page of the domain that it left"u8);
        TestDomain.Destroy(domain);
        TestDomain.Destroy(s_domain);
    }

    private static void MoveCurrent()
    {
        if (Scheduler.Current == s_slot && s_moves == 0)
        {
            s_moves++;
            s_countAtMove = Probe.ScratchWord(OldPage);
            Protection.MoveThread(s_slot, s_domain);
        }
    }

    private static void WriteReadOnlyPage()
    {
        if (Scheduler.Current == s_slot)
        {
            Probe.ScratchWord(OldPage)++;
        }
    }
#endif
}
