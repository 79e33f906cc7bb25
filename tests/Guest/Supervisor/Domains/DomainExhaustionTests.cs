// Domains until there is room for no more, and thousands of them one after the other: what is refused changes nothing, and what is destroyed gives everything back.

using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class DomainExhaustionTests
{
    private const int CycleCount = 10_000;
    private const int CyclesBetweenRuns = 1_000;
    private const int Page = 1;

    // The image has fewer sets of tables than domains (RingfenceTableSetCapacity in Guest.csproj), so that where domains take table pages those run out first. A set is counted with all that can be granted, which a new domain
    // may need less than: the rest is kept from it here.
    [GuestTest]
    internal static void OneDomainMoreThanThereIsRoomForIsRefusedAndNothingElseChanges()
    {
        nuint before = TablesInUse;
        int witness = TestDomain.Create();
        TestDomain.AddPage(witness, Page);
        nuint held = HoldAllBut((nuint)(uint)FreeDomainCount * SetPageCount);
        int slot = StartCounting(witness);
        int first = Exhaust(out DomainError error);
        nuint inUse = TablesInUse;
        nuint left = (nuint)KernelSpace.Pool.Available.ByteCount;
        LeafSnapshot.Take();
        Expect.Equal(-1, Protection.CreateDomain(out error), "one domain more"u8);
        if (LeafSnapshot.HasTablesForEachDomain)
        {
            Expect.Equal((int)DomainErrorCode.OutOfTablePages, (int)error.Code, "why"u8);
            Expect.Equal(SetPageCount * PageSize.ByteCount, error.OffendingValue, "bytes that it needs"u8);
            Expect.Equal(left, error.BytesLeft, "bytes that are left"u8);
            Expect.True(error.BytesLeft < error.OffendingValue, "which are too few"u8);
            Expect.True(FreeDomainCount != 0, "it is not the domains that ran out"u8);
        }
        else
        {
            Expect.Equal((int)DomainErrorCode.NoFreeDomain, (int)error.Code, "why"u8);
            Expect.Equal((nuint)(uint)Protection.DomainCapacity, error.OffendingValue, "how many there can be"u8);
            Expect.Equal(0, FreeDomainCount, "free domains"u8);
        }

        Expect.Equal(inUse, TablesInUse, "table pages in use"u8);
        Expect.Equal(left, (nuint)KernelSpace.Pool.Available.ByteCount, "bytes of table pages that are left"u8);
        Expect.Equal(0, LeafSnapshot.ChangeCount, "pages changed in any set"u8);
        Expect.True(KernelThreads.WaitForCount(Page, Probe.ScratchWord(Page)), "a thread in another domain goes on"u8);

        // After one is destroyed there is room for one, and for no second.
        TestDomain.Destroy(first);
        Expect.Equal(first, Protection.CreateDomain(out error), "a domain in place of the destroyed one"u8);
        Expect.True(error.IsNone, "no error"u8);
        Expect.Equal(-1, Protection.CreateDomain(), "another"u8);
        GiveBack(held);
        TestDomain.AddPage(first, Page + 1);
        ExpectWritable(first, Page + 1);
        ThreadLifecycle.EndOther(slot);
        TestDomain.Destroy(witness);
        DestroyAll(from: 1 + ComponentTable.Count);
        Expect.Equal(before, TablesInUse, "table pages of domains at the end"u8);
    }

    // A cycle writes a whole set of tables. All of them take a few seconds in an emulator.
    [GuestTest]
    internal static void TenThousandDomainsOneAfterTheOtherLeaveNothingBehind()
    {
        nuint inUse = TablesInUse;
        nuint available = KernelSpace.Pool.Available.Value;
        int expected = -1;
        for (int cycle = 0; cycle < CycleCount; cycle++)
        {
            bool isRun = cycle % CyclesBetweenRuns == 0;
            int domain = isRun ? TestDomain.Create() : Protection.CreateDomain();
            expected = expected < 0 ? domain : expected;
            if (domain != expected)
            {
                Expect.Equal(expected, domain, "the domain of a cycle"u8);
                return;
            }

            TestDomain.AddPage(domain, Page);
            if (isRun)
            {
                ExpectWritable(domain, Page);
            }

            TestDomain.Destroy(domain);
        }

        Expect.Equal(inUse, TablesInUse, "table pages in use"u8);
        Expect.Equal(available, KernelSpace.Pool.Available.Value, "table pages that are left"u8);

        // All of them are really there to be had.
        _ = Exhaust(out _);
        nuint most = TablesInUse;
        DestroyAll(expected);
        _ = Exhaust(out _);
        Expect.Equal(most, TablesInUse, "table pages in use when no domain can be created any more"u8);
        DestroyAll(expected);
        Expect.Equal(inUse, TablesInUse, "table pages in use at the end"u8);
    }

    private static nuint TablesInUse => KernelSpace.Pool.InUse.Value;

    private static nuint SetPageCount => (nuint)(Protection.TableByteCount(Protection.DefaultDomain) / PageSize.ByteCount);

    /// <summary>Takes pages from the pool until fewer are left than these; returns the last, in which the address of the one before stands, or 0.</summary>
    private static nuint HoldAllBut(nuint count)
    {
        nuint last = 0;
        while (KernelSpace.Pool.Available.Value >= count && KernelSpace.Pool.TryReserve(PageCount.One))
        {
            nuint page = (nuint)KernelSpace.Pool.TakeReserved().Value;
            KernelMemory.At<nuint>(page) = last;
            last = page;
        }

        return last;
    }

    private static void GiveBack(nuint last)
    {
        while (last != 0)
        {
            nuint page = last;
            last = KernelMemory.At<nuint>(page);
            KernelSpace.Pool.Free(new PhysicalAddress(page));
        }
    }

    private static int FreeDomainCount
    {
        get
        {
            int count = 0;
            for (int domain = 0; domain < Protection.DomainCapacity; domain++)
            {
                count += Protection.DomainAt(domain).Exists ? 0 : 1;
            }

            return count;
        }
    }

    /// <summary>Creates domains until one is refused; returns the first of them.</summary>
    private static int Exhaust(out DomainError error)
    {
        int first = Protection.CreateDomain(out error);
        Expect.True(first >= 0, "a domain can be created"u8);
        while (error.IsNone)
        {
            _ = Protection.CreateDomain(out error);
        }

        return first;
    }

    private static void DestroyAll(int from)
    {
        for (int domain = from; domain < Protection.DomainCapacity; domain++)
        {
            if (Protection.DomainAt(domain).Exists)
            {
                TestDomain.Destroy(domain);
            }
        }
    }

    private static int StartCounting(int domain)
    {
        Probe.ScratchWord(Page) = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.CountForever, Probe.ScratchAddress(Page));
        ThreadLifecycle.Start(slot);
        KernelThreads.WaitForCount(Page, 0);
        return slot;
    }

    // Its threads need the component's pages as well.
    private static void ExpectWritable(int domain, int page)
    {
        if (Protection.DomainAt(domain).PartitionCount == 1)
        {
            TestDomain.AddOwnPages(domain, Probe.Component);
        }

        Probe.ScratchWord(page) = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 1, ProbeOperation.Write, Probe.ScratchAddress(page), 0x99);
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 1, "a thread in a domain made anew"u8);
        Expect.Equal(0x99u, Probe.ScratchWord(page), "what it wrote"u8);
    }
}
