// Domains and partitions as a list of cases has them (MD and MP): valid, invalid, and refused.

using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class DomainChecklistTests
{
    private const int First = 1;
    private const int ReadOnlyPage = 4;
    private const nuint Page = PageSize.ByteCount;

    [GuestTest]
    internal static void Md1AMemberReadsAndWritesAllWritablePartitionsAndReadsTheReadOnlyOne()
    {
        int domain = Open();
        for (int page = First; page < ReadOnlyPage; page++)
        {
            FenceCheck.ExpectReadable(domain, Probe.ScratchAddress(page), "a writable partition"u8);
            FenceCheck.ExpectWritable(domain, Probe.ScratchAddress(page) + Page - 1, "a writable partition"u8);
        }

        FenceCheck.ExpectReadable(domain, Probe.ScratchAddress(ReadOnlyPage), "the read-only partition"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Md2AThreadOfAnotherDomainFaultsOnAllOfThem()
    {
        int domain = Open();
        int other = TestDomain.Create();
        FenceCheck.ExpectWritable(domain, Probe.ScratchAddress(First), "the owner runs first"u8);
        for (int page = First; page <= ReadOnlyPage; page++)
        {
            FenceCheck.ExpectDenied(other, Probe.ScratchAddress(page), "a partition of another domain"u8);
        }

        TestDomain.Destroy(domain);
        TestDomain.Destroy(other);
    }

    [GuestTest]
    internal static void Md3AMemberThatWritesTheReadOnlyPartitionFaults()
    {
        int domain = Open();
        FenceCheck.ExpectReadOnly(domain, Probe.ScratchAddress(ReadOnlyPage), "the first byte of the read-only partition"u8);
        FenceCheck.ExpectReadOnly(domain, Probe.ScratchAddress(ReadOnlyPage) + Page - 1, "its last byte"u8);
        TestDomain.Destroy(domain);
    }

    // No system call does any of this (NumberTests tries every number); what is left is to call the kernel's functions where they lie.
    [GuestTest]
    internal static void Md5UserModeCannotCallWhatChangesDomains()
    {
        ExpectNotCallable((nuint)(delegate*<int>)&Protection.CreateDomain, "create"u8);
        ExpectNotCallable((nuint)(delegate*<int, bool>)&Protection.DestroyDomain, "destroy"u8);
        ExpectNotCallable((nuint)(delegate*<int, in Partition, DomainError>)&Protection.AddPartition, "add a partition"u8);
        ExpectNotCallable((nuint)(delegate*<int, PageRange, DomainError>)&Protection.RemovePartition, "remove a partition"u8);
        ExpectNotCallable((nuint)(delegate*<int, int, DomainError>)&Protection.MoveThread, "move a thread"u8);
    }

    [GuestTest]
    internal static void Md6ThreadsOfTheBootAreInTheDefaultDomain()
    {
        Expect.Equal(Protection.DefaultDomain, ThreadTable.At(ThreadTable.Idle).Domain, "the idle thread"u8);
        Expect.Equal(Protection.DefaultDomain, ThreadTable.At(Scheduler.Current).Domain, "the kernel's first thread"u8);
        Expect.Equal(0, Protection.DomainAt(Protection.DefaultDomain).PartitionCount, "partitions of the default domain"u8);
        int created = KernelThreads.Create(&Trace.AddAndEnd, 0, 5);
        Expect.Equal(Protection.DefaultDomain, ThreadTable.At(created).Domain, "a thread that it creates"u8);
        ThreadLifecycle.EndOther(created);
    }

    [GuestTest]
    internal static void Md7ASpinningThreadMovesBetweenDomainsWithoutAFaultAndToItsOwnWithoutAnything()
    {
        int domain = TestDomain.Create();
        int other = TestDomain.Create();
        TestDomain.AddPage(domain, First);
        TestDomain.AddPage(other, First);
        Probe.ScratchWord(First) = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(First));
        ThreadLifecycle.Start(slot);
        for (int move = 1; move <= 50; move++)
        {
            KernelThreads.WaitForCount(First, Probe.ScratchWord(First));
            Protection.MoveThread(slot, move % 2 == 0 ? domain : other);
            LeafSnapshot.Take();
            Protection.MoveThread(slot, move % 2 == 0 ? domain : other);
            Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed by a move to the domain that it is in"u8);
        }

        KernelThreads.WaitForCount(First, Probe.ScratchWord(First));
        Expect.True(!ThreadTable.At(slot).HasFaulted, "it spins on"u8);
        ThreadLifecycle.EndOther(slot);
        TestDomain.Destroy(domain);
        TestDomain.Destroy(other);
    }

    // A domain is created empty, and partitions are given to it one by one: a bad one among them is refused, and those before and after it stay.
    [GuestTest]
    internal static void Md11ABadPartitionAmongGoodOnesIsRefusedAndTheOthersStay()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, First);
        ExpectRefused(Protection.AddPartition(domain, default), DomainErrorCode.EmptyPartition, "no partition"u8);
        TestDomain.AddPage(domain, First + 1);
        Expect.Equal(TestDomain.OwnPartitionCount + 2, Protection.DomainAt(domain).PartitionCount, "partitions of the domain"u8);
        FenceCheck.ExpectWritable(domain, Probe.ScratchAddress(First), "the one before"u8);
        FenceCheck.ExpectWritable(domain, Probe.ScratchAddress(First + 1), "the one after"u8);
        TestDomain.Destroy(domain);
    }

    // There is no null among partitions; what comes nearest is the default value.
    [GuestTest]
    internal static void Md12NoPartitionIsRefused()
    {
        int domain = BeginUnchanged();
        ExpectRefused(Protection.AddPartition(domain, default), DomainErrorCode.EmptyPartition, "no partition"u8);
        EndUnchanged(domain);
    }

    [GuestTest]
    internal static void Md13APartitionOfSize0IsRefused()
    {
        int domain = BeginUnchanged();
        ExpectRefused(TestDomain.Add(domain, Probe.ScratchAddress(First), 0, PartitionRights.ReadWrite), DomainErrorCode.EmptyPartition, "no bytes"u8);
        EndUnchanged(domain);
    }

    [GuestTest]
    internal static void Md14APartitionAtTheTopOfTheAddressSpaceIsRefused()
    {
        int domain = BeginUnchanged();
        nuint top = unchecked((nuint)0);
        ExpectRefused(TestDomain.Add(domain, top - 2048, 2048, PartitionRights.ReadWrite), DomainErrorCode.MisalignedStart, "the last 2048 bytes"u8);
        ExpectRefused(TestDomain.Add(domain, top - Page, 2 * Page, PartitionRights.ReadWrite), DomainErrorCode.WrapsAround, "a page more than there is"u8);
        ExpectRefused(TestDomain.Add(domain, top - Page, Page, PartitionRights.ReadWrite), DomainErrorCode.NotMapped, "the last page"u8);
        EndUnchanged(domain);
    }

    [GuestTest]
    internal static void Md15RemovingAPartitionByItsStartAndSize0IsRefused()
    {
        int domain = BeginUnchanged();
        TestDomain.AddPage(domain, First);
        PageRange none = PageRange.CreateTruncated(TestDomain.PageOf(First).First, new PageCount(0));
        ExpectRefused(Protection.RemovePartition(domain, none), DomainErrorCode.NoSuchPartition, "no pages"u8);
        FenceCheck.ExpectWritable(domain, Probe.ScratchAddress(First), "the partition"u8);
        TestDomain.RemovePage(domain, First);
        EndUnchanged(domain);
    }

    [GuestTest]
    internal static void Mp1InitialisedStaticsHoldTheirValuesAndAllOthersZero()
    {
        ref readonly ComponentDescription own = ref ImageTable.Component(Probe.Component);
        int slot = Probe.Run(ProbeOperation.ChangeStatic);
        Probe.ExpectDone(slot, 0, "a thread reads an initialised static"u8);
        Expect.Equal(0x600D, (int)Probe.Request(0).Result, "the value that its declaration gives it"u8);
        ComponentTable.RestoreStatics(Probe.Component);
        nuint zeroes = own.StaticsStart + own.PristineLength;
        slot = Probe.Run(ProbeOperation.CountNonZero, zeroes, own.StaticsEnd - zeroes);
        Probe.ExpectDone(slot, 0, "a thread reads all statics that aren't initialised"u8);
        Expect.Equal(0, (int)Probe.Request(0).Result, "bytes of them that are not zero"u8);
    }

    [GuestTest]
    internal static void Mp2APartitionThatTheLinkerPlacedHasTheStartAndSizeOfWhatIsInIt()
    {
        ref readonly SharedPartitionDescription scratch = ref ImageTable.SharedPartition(1);
        Expect.Equal(ScratchPages.PageCount * Page, scratch.End - scratch.Start, "bytes of the scratch pages"u8);
        Expect.Equal(0, scratch.Start % Page, "its start lies on a page"u8);
        ref readonly SharedPartitionDescription requests = ref ImageTable.SharedPartition(0);
        nuint needed = (nuint)(sizeof(ProbeRequest) * ProbeRequests.Count);
        Expect.Equal((needed + Page - 1) / Page * Page, requests.End - requests.Start, "bytes of the requests, in whole pages"u8);
        Expect.Equal(0, requests.Start % Page, "their start lies on a page"u8);
        ref readonly Domain domain = ref Protection.DomainAt(FenceCheck.ProbeDomain);
        int held = domain.IndexOf(new VirtualAddress(requests.Start).Page);
        Expect.True(held >= 0, "the component's domain holds it"u8);
        Expect.Equal(requests.Start, domain[held].Pages.First.Address.Value, "from its start"u8);
        Expect.Equal(requests.End, domain[held].Pages.End.Address.Value, "to its end"u8);
    }

    private static int Open()
    {
        int domain = TestDomain.Create();
        for (int page = First; page < ReadOnlyPage; page++)
        {
            TestDomain.AddPage(domain, page);
        }

        TestDomain.AddPage(domain, ReadOnlyPage, PartitionRights.ReadOnly);
        return domain;
    }

    private static void ExpectNotCallable(nuint function, System.ReadOnlySpan<byte> what)
    {
        int domains = CountDomains();
        int slot = FenceCheck.Attempt(FenceCheck.ProbeDomain, ProbeOperation.Execute, function);
        Probe.ExpectPageFault(slot, function, FenceCheck.FetchCode(function), what);
        Expect.Equal(domains, CountDomains(), "domains"u8);
    }

    private static int CountDomains()
    {
        int count = 0;
        for (int domain = 0; domain < Protection.DomainCapacity; domain++)
        {
            count += Protection.DomainAt(domain).Exists ? 1 : 0;
        }

        return count;
    }

    private static void ExpectRefused(DomainError error, DomainErrorCode code, System.ReadOnlySpan<byte> what) =>
        Expect.Equal((int)code, (int)error.Code, what);

    private static int BeginUnchanged()
    {
        int domain = TestDomain.Create();
        LeafSnapshot.Take();
        return domain;
    }

    private static void EndUnchanged(int domain)
    {
        Expect.Equal(TestDomain.OwnPartitionCount, Protection.DomainAt(domain).PartitionCount, "partitions of the domain"u8);
        Expect.True(!LeafSnapshot.IsChanged(Probe.ScratchAddress(First)), "the page that was asked for"u8);
        TestDomain.Destroy(domain);
    }
}
