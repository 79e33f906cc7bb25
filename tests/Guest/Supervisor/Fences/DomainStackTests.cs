// Images in which stacks belong to domains: what a thread may do with those of its domain and of others, and what becomes of a stack when its thread ends, moves, or leaves its place to another.

using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class DomainStackTests
{

    [GuestTest]
    internal static void TheStacksOfADomainCanBeReadAndWrittenByAllItsThreadsAndExecutedByNone()
    {
        if (StackOwnership.SkipUnlessOfDomain())
        {
            return;
        }

        int domain = TestDomain.Create();
        int other = Probe.CreateIn(domain, Probe.Component, 1, ProbeOperation.None);
        FenceCheck.ExpectReadable(domain, FirstOf(other), "first byte of the stack of a thread of the same domain"u8);
        FenceCheck.ExpectWritable(domain, LastOf(other), "last byte of the stack of a thread of the same domain"u8);
        FenceCheck.ExpectExecutionFollowsFormat(domain, FirstOf(other), "execution of the stack of a thread of the same domain"u8);
        FenceCheck.ExpectAbsent(domain, FirstOf(other) - 1, "the guard below it"u8);
        FenceCheck.ExpectAbsent(domain, LastOf(other) + 1, "the guard above it"u8);
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, FirstOf(other), "the same stack, for another domain"u8);
        Probe.ExpectDone(Probe.Finish(other), 1, "the other thread"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void ACallTakesABufferOnAStackOfTheDomainAndOnNoOther()
    {
        if (StackOwnership.SkipUnlessOfDomain())
        {
            return;
        }

        int domain = TestDomain.Create();
        int other = Probe.CreateIn(domain, Probe.Component, 1, ProbeOperation.None);
        FenceCheck.Poke(FirstOf(other), (byte)'\n');
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole, FirstOf(other), 1);
        Probe.ExpectDone(Probe.Finish(slot), 0, "a buffer on a stack of the same domain"u8);
        slot = Probe.Create(Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole, FirstOf(other), 1);
        Probe.Finish(slot);
        TestObjects.ExpectBadAddress(slot, FirstOf(other), "a buffer on a stack of another domain"u8);
        ThreadLifecycle.EndOther(other);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void TheStackOfADeadThreadIsNobodys()
    {
        int domain = TestDomain.Create();

        // Whoever asks is there before, so as not to be given the dead thread's slot.
        int witness = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Read);
        int dead = Probe.CreateIn(domain, Probe.Component, 1, ProbeOperation.None);
        Probe.ExpectDone(Probe.Finish(dead), 1, "a thread that ends by itself"u8);
        ExpectNobodys(witness, dead);

        witness = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Read);
        dead = Probe.StartBlocked(domain, 1);
        ThreadLifecycle.EndOther(dead);
        ExpectNobodys(witness, dead);

        witness = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Read);
        dead = Probe.CreateIn(domain, Probe.Component, 1, ProbeOperation.Read, 0);
        Probe.ExpectPageFault(Probe.Finish(dead), 0, PageFaultCode.ReadAbsent, "a thread that a fault ends"u8);
        ExpectNobodys(witness, dead);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void AStackThatAnotherDomainsThreadGetsIsThatDomainsAndCleared()
    {
        int first = TestDomain.Create();
        int second = TestDomain.Create();
        int slot = Probe.StartBlocked(first, 1);
        FenceCheck.Poke(FirstOf(slot), 0x77);
        ThreadLifecycle.EndOther(slot);

        // Threads of the second domain, until one has the same slot: those that ended longest ago come first.
        int heir = Thread.None;
        for (int attempt = 0; attempt <= ThreadTable.Capacity && heir != slot; attempt++)
        {
            if (heir >= 0)
            {
                ThreadLifecycle.EndOther(heir);
            }

            heir = Probe.StartBlocked(second, 1);
        }

        Expect.Equal(slot, heir, "a thread of the second domain in the slot of one of the first"u8);
        Expect.Equal(0, FenceCheck.Peek(FirstOf(heir)), "what the first left on it"u8);
        FenceCheck.ExpectDenied(first, FirstOf(heir), "the stack, for the first domain"u8);
        if (StackOwnership.IsOfDomain)
        {
            FenceCheck.ExpectReadable(second, FirstOf(heir), "the stack, for the second domain"u8);
        }

        ThreadLifecycle.EndOther(heir);
        TestDomain.Destroy(first);
        TestDomain.Destroy(second);
    }

    [GuestTest]
    internal static void AThreadThatMovesTakesItsStackWithIt()
    {
        if (StackOwnership.SkipUnlessOfDomain())
        {
            return;
        }

        int first = TestDomain.Create();
        int second = TestDomain.Create();
        int slot = Probe.StartBlocked(first, 1);
        FenceCheck.ExpectReadable(first, FirstOf(slot), "before the move, for the first domain"u8);
        FenceCheck.ExpectDenied(second, FirstOf(slot), "before the move, for the second domain"u8);
        Expect.True(Protection.MoveThread(slot, second).IsNone, "the move"u8);
        FenceCheck.ExpectDenied(first, FirstOf(slot), "after the move, for the first domain"u8);
        FenceCheck.ExpectReadable(second, FirstOf(slot), "after the move, for the second domain"u8);
        ThreadLifecycle.EndOther(slot);
        FenceCheck.ExpectDenied(second, FirstOf(slot), "after the end, for the second domain"u8);
        TestDomain.Destroy(first);
        TestDomain.Destroy(second);
    }

    [GuestTest]
    internal static void ASwitchWithinADomainChangesNoPage()
    {
        if (StackOwnership.SkipUnlessOfDomain())
        {
            return;
        }

        int domain = TestDomain.Create();
        int first = Probe.StartBlocked(domain, 0);
        int second = Probe.CreateIn(domain, Probe.Component, 1, ProbeOperation.SleepMeasured, Probe.LongTime);
        LeafSnapshot.Take();
        ThreadLifecycle.Start(second);
        KernelThreads.WaitFor(second, ThreadState.Sleeping);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed"u8);
        ThreadLifecycle.EndOther(first);
        ThreadLifecycle.EndOther(second);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void StacksTakeNoRoomFromPartitionsAndAreNotCountedAmongThem()
    {
        int domain = TestDomain.Create();
        int room = Protection.PartitionCapacity - TestDomain.OwnPartitionCount;
        for (int page = 0; page < room && page < ScratchPages.PageCount; page++)
        {
            TestDomain.AddPage(domain, page);
        }

        int count = Protection.DomainAt(domain).PartitionCount;
        int first = Probe.StartBlocked(domain, 0);
        int second = Probe.StartBlocked(domain, 1);
        Expect.Equal(count, Protection.DomainAt(domain).PartitionCount, "partitions of a domain with threads"u8);
        Expect.Equal(StackOwnership.IsOfDomain ? 2 : 0, Protection.DomainAt(domain).StackCount, "stacks of it"u8);
        ThreadLifecycle.EndOther(first);
        ThreadLifecycle.EndOther(second);
        Expect.Equal(0, Protection.DomainAt(domain).StackCount, "stacks of it when they have ended"u8);
        TestDomain.Destroy(domain);
    }

    private static void ExpectNobodys(int witness, int dead)
    {
        Probe.Request(0).Operand0 = FirstOf(dead);
        Probe.ExpectPageFault(Probe.Finish(witness), FirstOf(dead), FenceCheck.ReadCode(FirstOf(dead)), "the stack of a dead thread"u8);
    }

    private static nuint FirstOf(int slot) => AddressLayout.UserStackPages(slot).First.Address.Value;

    private static nuint LastOf(int slot) => AddressLayout.UserStackPages(slot).End.Address.Value - 1;
}
