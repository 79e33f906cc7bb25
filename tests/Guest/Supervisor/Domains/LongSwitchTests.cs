// Switches of more entries than one step writes: interrupts are let in between two steps, and whatever they bring, the thread that runs next has its own rights and no others (the audit looks at each).
// Checked by planting, one mistake at a time: without a limit in Protection.TryApply all but one of these tests fail; without the two instructions that let interrupts in, the first; with no limit in
// Protection.Follow, the second; without the choice of a more important thread, those with a kernel thread in the middle; if an unfinished switch counts as finished, a handler may switch there, or Protection.BeginEdit
// does not forget whose the tables are, the audit panics.

#if AUDIT // What is measured and where it is interrupted exists in such images only.
using System;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class LongSwitchTests
{
    private const int PartitionCount = 16;
    private const int PagesEach = WidePages.PageCount / PartitionCount;
    private const int Urgent = 2;

    private static int s_narrow;
    private static int s_wide;
    private static int s_other;
    private static int s_incoming;
    private static int s_urgent;
    private static int s_target;
    private static uint s_auditsBefore;

    [GuestTest]
    internal static void NoMoreEntriesThanTheLimitAreWrittenBeforeInterruptsAreLetIn()
    {
        CreateDomains();
        int first = Probe.StartBlocked(s_narrow, 0);
        LongestEdit.Reset();
        LeafSnapshot.Take();
        int second = Probe.StartBlocked(s_wide, 1);
        ExpectLongAndBounded("from narrow to wide"u8);
        LongestEdit.Reset();
        LeafSnapshot.Take();
        int third = Probe.StartBlocked(s_other, 2);
        ExpectLongAndBounded("from wide to wide with other rights"u8);
        LongestEdit.Reset();
        LeafSnapshot.Take();
        int fourth = Probe.StartBlocked(s_narrow, 3);
        ExpectLongAndBounded("from wide to narrow"u8);
        End(first);
        End(second);
        End(third);
        End(fourth);
        DestroyDomains();
    }

    [GuestTest]
    internal static void APartitionOfManyPagesIsAddedToAndRemovedFromTheLiveDomainInSteps()
    {
        CreateDomains();
        int slot = Probe.StartBlocked(s_narrow, 0);
        LongestEdit.Reset();
        LeafSnapshot.Take();
        Expect.True(TestDomain.Add(s_narrow, WideAddress(0), WidePages.PageCount * PageSize.ByteCount, PartitionRights.ReadWrite).IsNone, "all wide pages at once"u8);
        ExpectLongAndBounded("a partition added"u8);
        LongestEdit.Reset();
        LeafSnapshot.Take();
        Expect.True(Protection.RemovePartition(s_narrow, WideRange).IsNone, "all of them removed"u8);
        ExpectLongAndBounded("a partition removed"u8);
        End(slot);
        DestroyDomains();
    }

    [GuestTest]
    internal static void AThreadThatRunsInTheMiddleOfAnEditOfItsDomainHasWhatTheDomainHasThen()
    {
        CreateDomains();
        Expect.True(TestDomain.Add(s_narrow, WideAddress(0), WidePages.PageCount * PageSize.ByteCount, PartitionRights.ReadWrite).IsNone, "all wide pages at once"u8);
        s_urgent = Probe.CreateIn(s_narrow, Probe.Component, 0, ProbeOperation.SleepThenWrite, WideAddress(WidePages.PageCount - 1), 7, Probe.LongTime);
        ThreadTable.At(s_urgent).Priority = Urgent;
        ThreadLifecycle.Start(s_urgent);
        KernelThreads.WaitFor(s_urgent, ThreadState.Sleeping);

        // Nobody else has been in user mode since: the tables are its own, until the first step.
        Scheduler.BetweenSteps = &WakeUrgentAndSwitch;
        KernelThreads.Run(&RemoveWide, 0, Urgent + 1);
        if (!IsStepwise)
        {
            Scheduler.BetweenSteps = null;
            WakeUrgent();
        }

        KernelThreads.WaitForEnd(s_urgent);
        Expect.True(Scheduler.BetweenSteps == null, "the edit was interrupted"u8);
        Probe.ExpectPageFault(s_urgent, WideAddress(WidePages.PageCount - 1), PageFaultCode.WriteWithheld, "a page that was removed, though not yet taken back"u8);
        DestroyDomains();
    }

    [GuestTest]
    internal static void AMoreImportantKernelThreadRunsInTheMiddleOfALongSwitch()
    {
        Prepare(&AddAndStop);
        Expect.Equal(0, Trace.Count, "the kernel thread has not run before"u8);
        RunIncoming(&StartUrgent);
        Trace.Expect([1], "it ran in the middle"u8);
        Probe.ExpectDone(s_incoming, 1, "and the switch was completed after it"u8);
        Finish();
    }

    [GuestTest]
    internal static void TheThreadThatALongSwitchGoesToCanBeEndedInTheMiddle()
    {
        Prepare(&EndIncoming);
        RunIncoming(&StartUrgent);
        Trace.Expect([2], "it was ended in the middle"u8);
        Expect.True(!ThreadTable.At(s_incoming).HasFaulted && Probe.Request(1).IsDone == 0, "it never ran"u8);
        nuint stack = AddressLayout.UserStackPages(s_incoming).First.Address.Value;
        Expect.True(LeafSnapshot.IsRevoked(ThreadTable.At(s_incoming).Domain, stack), "its stack is nobody's"u8);
        Finish();
    }

    [GuestTest]
    internal static void TheThreadThatALongSwitchGoesToCanBeMovedInTheMiddle()
    {
        Prepare(&MoveIncoming);
        RunIncoming(&StartUrgent);
        Trace.Expect([3], "it was moved in the middle"u8);
        Probe.ExpectPageFault(s_incoming, WideAddress(0), PageFaultCode.WriteWithheld, "a page of the domain that it is in no more"u8);
        Finish();
    }

    [GuestTest]
    internal static void TheDomainThatALongSwitchGoesToCanChangeInTheMiddle()
    {
        Prepare(&RemoveFirst);
        RunIncoming(&StartUrgent);
        Trace.Expect([4], "a partition was removed in the middle"u8);
        Probe.ExpectPageFault(s_incoming, WideAddress(0), PageFaultCode.WriteWithheld, "a page of the removed partition"u8);
        Finish();
    }

    [GuestTest]
    internal static void AMoreImportantUserThreadIsSwitchedToInTheMiddle()
    {
        for (int round = 0; round < 2; round++)
        {
            Prepare(null);
            s_urgent = Probe.CreateIn(round == 0 ? s_narrow : s_other, Probe.Component, 2, round == 0 ? ProbeOperation.None : ProbeOperation.Write, WideAddress(3), 7);
            ThreadTable.At(s_urgent).Priority = Urgent;
            RunIncoming(&StartUrgent);
            KernelThreads.WaitForEnd(s_urgent);
            if (round == 0)
            {
                Probe.ExpectDone(s_urgent, 2, "the more important thread"u8);
            }
            else
            {
                Probe.ExpectPageFault(s_urgent, WideAddress(3), PageFaultCode.WriteDenied, "a page that its domain may read only"u8);
            }

            Probe.ExpectDone(s_incoming, 1, "the thread chosen first"u8);
            Finish();
        }
    }

    [GuestTest]
    internal static void TheThreadThatGaveTheProcessorAwayCanGetItBackInTheMiddle()
    {
        if (!IsStepwise)
        {
            Expect.Skip("a switch between domains edits stacks alone here, which is never long"u8);
            return;
        }

        // A user thread sleeps, and is woken by the tick that comes while the tables become those of the next one.
        CreateDomains();
        s_urgent = Probe.CreateIn(s_narrow, Probe.Component, 0, ProbeOperation.SleepMeasured, Probe.LongTime);
        ThreadTable.At(s_urgent).Priority = Urgent;
        s_incoming = Probe.CreateIn(s_wide, Probe.Component, 1, ProbeOperation.Write, WideAddress(0), 1);
        Scheduler.BetweenSteps = &WakeUrgent;
        ThreadLifecycle.Start(s_incoming);
        ThreadLifecycle.Start(s_urgent);
        KernelThreads.WaitForEnd(s_urgent);
        KernelThreads.WaitForEnd(s_incoming);
        Scheduler.BetweenSteps = null;
        Probe.ExpectDone(s_urgent, 0, "the thread that was woken"u8);
        Probe.ExpectDone(s_incoming, 1, "the thread that was chosen first"u8);
        DestroyDomains();
    }

    // Under a strategy in which domains have tables of their own a switch edits stacks alone, and links a few tables, which is never long.
#if STRATEGY_COMMON
    private static bool IsStepwise => true;
#else
    private static bool IsStepwise => false;
#endif

    private static PageRange WideRange
    {
        get
        {
            ref readonly SharedPartitionDescription wide = ref ImageTable.SharedPartition(FindWide());
            return PageRange.FromFirstToEnd(new VirtualAddress(wide.Start).Page, new VirtualAddress(wide.End).Page);
        }
    }

    private static nuint WideAddress(int page) => WideRange.First.Address.Value + ((nuint)(uint)page * PageSize.ByteCount);

    private static int FindWide()
    {
        for (int index = 0; index < (int)ImageTable.Description.SharedPartitionCount; index++)
        {
            ref readonly SharedPartitionDescription shared = ref ImageTable.SharedPartition(index);
            if (ImageTable.Name(shared.Name, shared.NameLength).SequenceEqual("Wide"u8))
            {
                return index;
            }
        }

        Expect.True(false, "the image has the partition Wide"u8);
        return 0;
    }

    private static void CreateDomains()
    {
        s_narrow = TestDomain.Create();
        s_wide = TestDomain.Create();
        s_other = TestDomain.Create();
        for (int index = 0; index < PartitionCount; index++)
        {
            Expect.True(TestDomain.Add(s_wide, WideAddress(index * PagesEach), PagesEach * PageSize.ByteCount, PartitionRights.ReadWrite).IsNone, "to write"u8);
            Expect.True(TestDomain.Add(s_other, WideAddress(index * PagesEach), PagesEach * PageSize.ByteCount, PartitionRights.ReadOnly).IsNone, "to read"u8);
        }
    }

    private static void DestroyDomains()
    {
        TestDomain.Destroy(s_narrow);
        TestDomain.Destroy(s_wide);
        TestDomain.Destroy(s_other);
    }

    private static void End(int slot) => ThreadLifecycle.EndOther(slot);

    private static void ExpectLongAndBounded(ReadOnlySpan<byte> what)
    {
        if (IsStepwise)
        {
            Expect.True(LeafSnapshot.ChangeCount > Protection.SwitchStepEntryLimit, what);
            Expect.True(LongestEdit.EntryWrites <= Protection.SwitchStepEntryLimit, what);
        }
    }

    // A thread of the narrow domain is the last that ran; one of the wide domain will write to a wide page; an urgent one waits to be made ready.
    private static void Prepare(delegate*<nint, void> urgentBody)
    {
        Trace.Clear();
        CreateDomains();
        Probe.Finish(Probe.CreateIn(s_narrow, Probe.Component, 0, ProbeOperation.None));
        s_incoming = Probe.CreateIn(s_wide, Probe.Component, 1, ProbeOperation.Write, WideAddress(0), 1);
        s_target = s_narrow;
        s_urgent = urgentBody == null ? Thread.None : KernelThreads.Create(urgentBody, 0, Urgent);
    }

    private static void RunIncoming(delegate*<void> betweenSteps)
    {
        uint steps = Scheduler.StepCount;
        Scheduler.BetweenSteps = betweenSteps;
        ThreadLifecycle.Start(s_incoming);
        if (!IsStepwise)
        {
            // There is no middle: what would have happened there happens before.
            Scheduler.BetweenSteps = null;
            betweenSteps();
        }

        KernelThreads.WaitForEnd(s_incoming);
        Expect.True(!IsStepwise || Scheduler.StepCount > steps, "the switch took more than one step"u8);
        KernelThreads.WaitForEnd(s_urgent);
    }

    private static void Finish() => DestroyDomains();

    // What follows runs in the middle of the switch, as a handler of an interrupt.
    private static void StartUrgent()
    {
        s_auditsBefore = AuditCount;
        Scheduler.MakeReady(s_urgent);
    }

    // The audit counts returns to user mode.
    private static void ExpectMiddle() =>
        Expect.True(!IsStepwise || AuditCount == s_auditsBefore, "no user thread has run since the switch was interrupted"u8);

    private static uint AuditCount => ReturnAudit.Count;

    private static void WakeUrgent()
    {
        if (Expect.Equal((int)ThreadState.Sleeping, (int)ThreadTable.At(s_urgent).State, "it sleeps"u8))
        {
            Scheduler.MakeReady(s_urgent);
        }
    }

    // As the end of an interrupt does.
    private static void WakeUrgentAndSwitch()
    {
        WakeUrgent();
        Scheduler.SwitchIfWanted();
    }

    private static void RemoveWide(nint argument) => Expect.True(Protection.RemovePartition(s_narrow, WideRange).IsNone, "all wide pages are removed"u8);

    private static void AddAndStop(nint argument)
    {
        ExpectMiddle();
        Trace.Add(1);
        Expect.Equal((int)ThreadState.Ready, (int)ThreadTable.At(s_incoming).State, "the thread chosen first is ready again"u8);
    }

    private static void EndIncoming(nint argument)
    {
        ExpectMiddle();
        ThreadLifecycle.EndOther(s_incoming);
        Trace.Add(2);
    }

    private static void MoveIncoming(nint argument)
    {
        ExpectMiddle();
        Expect.True(Protection.MoveThread(s_incoming, s_target).IsNone, "it is moved"u8);
        Trace.Add(3);
    }

    private static void RemoveFirst(nint argument)
    {
        ExpectMiddle();
        PageRange pages = PageRange.CreateTruncated(WideRange.First, new PageCount(PagesEach));
        Expect.True(Protection.RemovePartition(s_wide, pages).IsNone, "it is removed"u8);
        Trace.Add(4);
    }
}
#endif
