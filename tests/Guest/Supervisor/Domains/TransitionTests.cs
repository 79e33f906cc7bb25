// What each event does to the live page tables: exactly the pages whose rights differ, and nothing where nothing differs.

using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class TransitionTests
{
    private const int Shared = 0;
    private const int FirstOnly = 1;
    private const int SecondOnly = 2;
    private const int ReadOnlyInSecond = 3;
    private const int Counter = 4;

    private static int s_domain;

    [GuestTest]
    internal static void KernelThreadsBetweenTwoRunsOfAUserThreadTouchNothing()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, Counter);
        Probe.ScratchWord(Counter) = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Counter));
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForCount(Counter, 10);
        LeafSnapshot.Take();
        for (int round = 0; round < 4; round++)
        {
            uint count = Probe.ScratchWord(Counter);
            _ = KernelThreads.Run(&Trace.AddAndEnd, 1, 3);
            Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed by a kernel thread"u8);
            KernelThreads.WaitForCount(Counter, count);
            Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed from the user thread to itself"u8);
        }

        ThreadLifecycle.EndOther(slot);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void AnotherThreadOfTheSameDomainChangesTheTwoStacksOnly()
    {
        if (StackOwnership.SkipUnlessOfThread())
        {
            return;
        }

        int domain = TestDomain.Create();
        int first = Probe.StartBlocked(domain, 0);
        LeafSnapshot.Take();
        int second = Probe.StartBlocked(domain, 1);
        nuint pages = ImageTable.Description.UserStackPageCount;
        Expect.Equal((int)(2 * pages), LeafSnapshot.ChangeCount, "the pages of two stacks"u8);
        Expect.True(LeafSnapshot.IsRevoked(domain, StackOf(first)), "the first stack is revoked"u8);
        Expect.True(LeafSnapshot.HasRights(domain, StackOf(second), LeafRights.UserReadWrite), "the second stack is granted"u8);
        End(domain, first, second);
    }

    [GuestTest]
    internal static void AThreadOfAnotherDomainChangesExactlyThePagesThatDiffer()
    {
        CreateTwoDomains(out int firstDomain, out int secondDomain);
        int first = Probe.StartBlocked(firstDomain, 0);
        LeafSnapshot.Take();
        int second = Probe.StartBlocked(secondDomain, 1);
        int expected = LeafSnapshot.ExpectExactlyTheDifference(first, second, "a page of the difference, or another one"u8);
        int stack = (int)ImageTable.Description.UserStackPageCount;
        Expect.Equal(
            LeafSnapshot.HasSetForEachDomain ? stack : (2 * stack) + 3, expected,
            "the new stack where each domain has a set; else both stacks, a page of each domain, and the one with other rights"u8);
        Expect.Equal(expected, LeafSnapshot.ChangeCount, "pages changed"u8);
        Expect.True(!LeafSnapshot.IsChanged(Probe.ScratchAddress(Shared)), "a page that both have alike is not touched"u8);
        Expect.True(!LeafSnapshot.IsChanged(ImageTable.Component(Probe.Component).TextStart), "text that both have is not touched"u8);
        End(firstDomain, first, second);
        TestDomain.Destroy(secondDomain);
    }

    [GuestTest]
    internal static void AKernelThreadBetweenTwoDomainsDefersTheChangeAndDoesNotAddToIt()
    {
        CreateTwoDomains(out int firstDomain, out int secondDomain);
        int first = Probe.StartBlocked(firstDomain, 0);
        LeafSnapshot.Take();
        _ = KernelThreads.Run(&Trace.AddAndEnd, 1, 3);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed by the switch to the kernel thread"u8);
        int second = Probe.StartBlocked(secondDomain, 1);
        int expected = LeafSnapshot.ExpectExactlyTheDifference(first, second, "a page of the difference, or another one"u8);
        Expect.Equal(expected, LeafSnapshot.ChangeCount, "the same as without a kernel thread between"u8);
        End(firstDomain, first, second);
        TestDomain.Destroy(secondDomain);
    }

    [GuestTest]
    internal static void ChangesOfTheLiveDomainActAtOnceWhileAMemberIsBlocked()
    {
        int domain = TestDomain.Create();
        int slot = Probe.StartBlocked(domain, 0);
        ExpectImmediateChanges(domain);
        End(domain, slot, slot);
    }

    [GuestTest]
    internal static void ChangesOfTheLiveDomainActAtOnceWhileAMemberIsPreempted()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, Counter);
        Probe.ScratchWord(Counter) = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Counter));
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForCount(Counter, 10);
        ExpectImmediateChanges(domain);
        TestDomain.RemovePage(domain, Counter);
        KernelThreads.WaitForEnd(slot);
        ref Thread thread = ref ThreadTable.At(slot);
        Expect.True(thread.HasFaulted && thread.Fault.IsPageFault, "the preempted member faults at its next access"u8);
        Expect.Equal(Probe.ScratchAddress(Counter), thread.Fault.Address, "at the page that it lost"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void ChangesOfAnotherDomainActWhenItIsSwitchedInOrAtOnceInItsOwnSet()
    {
        int domain = TestDomain.Create();
        int other = TestDomain.Create();
        int live = Probe.StartBlocked(domain, 0);
        LeafSnapshot.Take();
        TestDomain.AddPage(other, SecondOnly);
        TestDomain.AddPage(other, ReadOnlyInSecond, PartitionRights.ReadOnly);
        TestDomain.RemovePage(other, ReadOnlyInSecond);
        Expect.Equal(LeafSnapshot.HasSetForEachDomain ? 1 : 0, LeafSnapshot.ChangeCount, "pages changed while another domain is live"u8);
        Expect.True(LeafSnapshot.IsRevoked(domain, Probe.ScratchAddress(SecondOnly)), "the added page, for the live domain"u8);
        int slot = Probe.StartBlocked(other, 1);
        Expect.True(LeafSnapshot.HasRights(other, Probe.ScratchAddress(SecondOnly), LeafRights.UserReadWrite), "the added page, once switched in"u8);
        Expect.True(!LeafSnapshot.IsChanged(Probe.ScratchAddress(ReadOnlyInSecond)), "the page added and removed"u8);
        End(domain, live, slot);
        TestDomain.Destroy(other);
    }

    [GuestTest]
    internal static void MovingTheThreadThatRanLastActsAtOnce()
    {
        CreateTwoDomains(out int firstDomain, out int secondDomain);
        TestDomain.AddPage(firstDomain, Counter);
        Probe.ScratchWord(Counter) = 0;
        int slot = Probe.CreateIn(firstDomain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Counter));
        int stranger = Probe.CreateIn(secondDomain, Probe.Component, 1, ProbeOperation.None);
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForCount(Counter, 10);
        Protection.MoveThread(slot, secondDomain);
        Expect.True(LeafSnapshot.IsRevoked(secondDomain, Probe.ScratchAddress(FirstOnly)), "the old domain's page"u8);
        Expect.True(LeafSnapshot.HasRights(secondDomain, Probe.ScratchAddress(SecondOnly), LeafRights.UserReadWrite), "the new domain's page"u8);
        Expect.True(LeafSnapshot.HasRights(secondDomain, StackOf(slot), LeafRights.UserReadWrite), "the stack stays the thread's"u8);
        Expect.True(!LeafSnapshot.HasSetForEachDomain || LeafSnapshot.IsRevoked(firstDomain, StackOf(slot)), "and is nothing to the domain that it left"u8);
        KernelThreads.WaitForEnd(slot);
        Expect.True(ThreadTable.At(slot).HasFaulted && ThreadTable.At(slot).Fault.IsPageFault, "the moved thread runs with the new rights"u8);
        Expect.Equal(Probe.ScratchAddress(Counter), ThreadTable.At(slot).Fault.Address, "at a page of its old domain"u8);
        ThreadLifecycle.EndOther(stranger);
        TestDomain.Destroy(firstDomain);
        TestDomain.Destroy(secondDomain);
    }

    [GuestTest]
    internal static void MovingABlockedThreadThatDidNotRunLastChangesNothingUntilItRuns()
    {
        CreateTwoDomains(out int firstDomain, out int secondDomain);
        int moved = Probe.CreateIn(
            firstDomain, Probe.Component, 0, ProbeOperation.SleepThenWrite, Probe.ScratchAddress(SecondOnly), 0x3C, 20);
        Probe.ScratchWord(SecondOnly) = 0;
        ThreadLifecycle.Start(moved);
        KernelThreads.WaitFor(moved, ThreadState.Sleeping);
        int last = Probe.StartBlocked(firstDomain, 1);
        if (ThreadTable.At(moved).State == ThreadState.Sleeping)
        {
            LeafSnapshot.Take();
            Protection.MoveThread(moved, secondDomain);

            // A stack that belongs to a domain leaves the old one and, where the new one has a set of its own, comes into that.
            int stacks = !StackOwnership.IsOfDomain ? 0 : LeafSnapshot.HasSetForEachDomain ? 2 : 1;
            Expect.Equal(stacks * (int)ImageTable.Description.UserStackPageCount, LeafSnapshot.ChangeCount, "pages changed by the move"u8);
        }

        ThreadLifecycle.Join(moved);
        Probe.ExpectDone(moved, 0, "it wakes up in its new domain"u8);
        Expect.Equal(0x3Cu, Probe.ScratchWord(SecondOnly), "and writes to a page of that"u8);
        End(firstDomain, last, last);
        TestDomain.Destroy(secondDomain);
    }

    [GuestTest]
    internal static void AMoveToTheSameDomainChangesNothing()
    {
        int domain = TestDomain.Create();
        int slot = Probe.StartBlocked(domain, 0);
        LeafSnapshot.Take();
        Protection.MoveThread(slot, domain);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed"u8);
        End(domain, slot, slot);
    }

    [GuestTest]
    internal static void TheEndOfAThreadRevokesItsStackAtOnceAndNothingElse()
    {
        int domain = TestDomain.Create();
        int slot = Probe.StartBlocked(domain, 0);
        LeafSnapshot.Take();
        ThreadLifecycle.EndOther(slot);
        Expect.Equal((int)ImageTable.Description.UserStackPageCount, LeafSnapshot.ChangeCount, "the pages of its stack"u8);
        Expect.True(LeafSnapshot.IsRevoked(domain, StackOf(slot)), "the stack is nobody's"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void EnteringUserModeMakesTheTablesThoseOfTheThread()
    {
        CreateTwoDomains(out int firstDomain, out int secondDomain);
        int first = Probe.StartBlocked(firstDomain, 0);
        LeafSnapshot.Take();
        ref ProbeRequest request = ref Probe.Request(1);
        request = default;
        request.Operation = ProbeOperation.SleepMeasured;
        request.Operand0 = Probe.LongTime;
        s_domain = secondDomain;
        int dropped = KernelThreads.Start(&MoveAndDrop, 1, Probe.Priority);
        KernelThreads.WaitFor(dropped, ThreadState.Sleeping);
        Expect.True(ThreadTable.At(dropped).IsUser, "the kernel thread has become a user thread"u8);
        int expected = LeafSnapshot.ExpectExactlyTheDifference(first, dropped, "a page of the difference, or another one"u8);
        Expect.Equal(expected, LeafSnapshot.ChangeCount, "pages changed"u8);
        End(firstDomain, first, dropped);
        TestDomain.Destroy(secondDomain);
    }

    private static void ExpectImmediateChanges(int domain)
    {
        nuint page = Probe.ScratchAddress(FirstOnly);
        LeafSnapshot.Take();
        TestDomain.AddPage(domain, FirstOnly);
        Expect.Equal(1, LeafSnapshot.ChangeCount, "pages changed by adding one"u8);
        Expect.True(LeafSnapshot.HasRights(domain, page, LeafRights.UserReadWrite), "the added page"u8);
        TestDomain.RemovePage(domain, FirstOnly);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "pages that differ after adding and removing one"u8);
        TestDomain.AddPage(domain, FirstOnly, PartitionRights.ReadOnly);
        Expect.True(LeafSnapshot.HasRights(domain, page, LeafRights.UserRead), "the page added again, to be read"u8);
        TestDomain.RemovePage(domain, FirstOnly);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "pages that differ at the end"u8);
    }

    private static void CreateTwoDomains(out int first, out int second)
    {
        first = TestDomain.Create();
        second = TestDomain.Create();
        TestDomain.AddPage(first, Shared);
        TestDomain.AddPage(second, Shared);
        TestDomain.AddPage(first, FirstOnly);
        TestDomain.AddPage(second, SecondOnly);
        TestDomain.AddPage(first, ReadOnlyInSecond);
        TestDomain.AddPage(second, ReadOnlyInSecond, PartitionRights.ReadOnly);
    }

    private static void End(int domain, int first, int second)
    {
        ThreadLifecycle.EndOther(first);
        ThreadLifecycle.EndOther(second);
        TestDomain.Destroy(domain);
    }

    private static nuint StackOf(int slot) => AddressLayout.UserStackPages(slot).First.Address.Value;

    private static void MoveAndDrop(nint request)
    {
        Protection.MoveThread(Scheduler.Current, s_domain);
        ThreadLifecycle.DropToUser(Probe.Component, 0, (nuint)request);
    }
}
