// Operations on domains and threads that don't exist, or not any more: an error that names the number, and nothing has changed.

using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class MissingDomainTests
{
    private const int Page = 3;

    [GuestTest]
    internal static void ADomainThatDoesNotExistIsRefusedByEveryOperationWithItsNumber()
    {
        int destroyed = TestDomain.Create();
        int thread = Probe.Create(Probe.Component, 0, ProbeOperation.None);
        TestDomain.Destroy(destroyed);
        ExpectMissing(destroyed, thread);
        ExpectMissing(-1, thread);
        ExpectMissing(Protection.DomainCapacity, thread);
        ExpectMissing(int.MaxValue, thread);
        ExpectMissing(int.MinValue, thread);
        Probe.ExpectDone(Probe.Finish(thread), 0, "the thread that wasn't moved"u8);
    }

    [GuestTest]
    internal static void OnlyAThreadThatHasNotEndedCanBeMoved()
    {
        int domain = TestDomain.Create();
        int ended = Probe.Finish(Probe.Create(Probe.Component, 0, ProbeOperation.None));
        int domainOfEnded = ThreadTable.At(ended).Domain;
        ExpectNoThread(ended, domain);
        Expect.Equal(domainOfEnded, ThreadTable.At(ended).Domain, "the ended thread's domain"u8);
        ExpectNoThread(-1, domain);
        ExpectNoThread(ThreadTable.Idle, domain);
        ExpectNoThread(ThreadTable.Capacity + 1, domain);
        ExpectNoThread(int.MaxValue, domain);
        ExpectNoThread(ended, Protection.DomainCapacity);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void ADomainThatIsNeededIsNotDestroyedAndTheErrorNamesIt()
    {
        int domain = TestDomain.Create();
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.None);
        ExpectInUse(domain);
        ExpectInUse(Protection.DefaultDomain);
        Probe.Finish(slot);
        Expect.True(Protection.DestroyDomain(domain, out DomainError error), "without threads"u8);
        Expect.True(error.IsNone, "no error"u8);
    }

    [GuestTest]
    internal static void NoThreadIsCreatedInADomainThatDoesNotExist()
    {
        int live = KernelThreads.LiveCount;
        int domain = TestDomain.Create();
        TestDomain.Destroy(domain);
        Expect.Equal(-1, ThreadLifecycle.CreateUserThread(Probe.Component, domain, 0, 0, Probe.Priority), "in a destroyed one"u8);
        Expect.Equal(-1, ThreadLifecycle.CreateUserThread(Probe.Component, Protection.DomainCapacity, 0, 0, Probe.Priority), "in one beyond the table"u8);
        Expect.Equal(live, KernelThreads.LiveCount, "threads"u8);
    }

    [GuestTest]
    internal static void TheLargestNumberOfPartitionsCanBeAskedForAndIsWhatADomainHolds()
    {
        int domain = Protection.CreateDomain();
        int added = 0;
        for (nuint page = 0; page < ScratchPages.PageCount && added < Protection.PartitionCapacity; page++)
        {
            added += TestDomain.Add(domain, Probe.ScratchAddress((int)page), PageSize.ByteCount, PartitionRights.ReadOnly).IsNone ? 1 : 0;
        }

        // The scratch pages may be fewer; the pages of text are enough for the rest.
        nuint text = ImageTable.Component(Probe.Neighbour).TextStart;
        for (nuint page = 0; added < Protection.PartitionCapacity; page++)
        {
            DomainError more = TestDomain.Add(domain, text + (page * PageSize.ByteCount), PageSize.ByteCount, PartitionRights.ReadOnly);
            if (!Expect.Equal((int)DomainErrorCode.None, (int)more.Code, "a page of text"u8))
            {
                break;
            }

            added++;
        }

        Expect.Equal(Protection.PartitionCapacity, Protection.DomainAt(domain).PartitionCount, "partitions of a full domain"u8);
        DomainError error = TestDomain.Add(domain, ImageTable.Component(Probe.Component).TextStart, PageSize.ByteCount, PartitionRights.ReadOnly);
        Expect.Equal((int)DomainErrorCode.NoFreeSlot, (int)error.Code, "one more"u8);
        Expect.Equal((nuint)(uint)Protection.PartitionCapacity, error.OffendingValue, "the capacity"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void TheGuardBehindTheLastStackIsRefusedAsOne()
    {
        int domain = TestDomain.Create();
        nuint guard = AddressLayout.ViewStart - PageSize.ByteCount;
        DomainError error = TestDomain.Add(domain, guard, PageSize.ByteCount, PartitionRights.ReadOnly);
        Expect.Equal((int)DomainErrorCode.OverlapsGuard, (int)error.Code, "the guard between the last stack and the kernel's view"u8);
        Expect.Equal(guard, error.OffendingValue, "its address"u8);
        TestDomain.Destroy(domain);
    }

    private static void ExpectMissing(int domain, int thread)
    {
        LeafSnapshot.Take();
        int before = ThreadTable.At(thread).Domain;
        ExpectCode(DomainErrorCode.NoSuchDomain, domain, TestDomain.Add(domain, Probe.ScratchAddress(Page), PageSize.ByteCount, PartitionRights.ReadOnly), "add"u8);
        ExpectCode(DomainErrorCode.NoSuchDomain, domain, Protection.RemovePartition(domain, TestDomain.PageOf(Page)), "remove"u8);
        ExpectCode(DomainErrorCode.NoSuchDomain, domain, Protection.MoveThread(thread, domain), "move"u8);
        Expect.True(!Protection.DestroyDomain(domain, out DomainError error), "it can't be destroyed"u8);
        ExpectCode(DomainErrorCode.NoSuchDomain, domain, error, "destroy"u8);
        Expect.Equal(before, ThreadTable.At(thread).Domain, "the thread's domain"u8);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed"u8);
    }

    private static void ExpectNoThread(int slot, int domain) =>
        ExpectCode(DomainErrorCode.NoSuchThread, slot, Protection.MoveThread(slot, domain), "a thread that isn't there"u8);

    private static void ExpectInUse(int domain)
    {
        Expect.True(!Protection.DestroyDomain(domain, out DomainError error), "a domain that is needed"u8);
        ExpectCode(DomainErrorCode.DomainInUse, domain, error, "a domain that is needed"u8);
        Expect.True(Protection.Exists(domain), "it is still there"u8);
    }

    private static void ExpectCode(DomainErrorCode code, int value, DomainError error, System.ReadOnlySpan<byte> what)
    {
        Expect.Equal((int)code, (int)error.Code, what);
        Expect.Equal(unchecked((nuint)(uint)value), error.OffendingValue, what);
    }
}
