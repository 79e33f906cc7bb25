// Domains as their threads see them, through their lives: partitions come and go, domains end and begin anew in the same place.

using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class DomainTests
{
    [GuestTest]
    internal static void AFullDomainGivesAllItsPartitions()
    {
        int domain = TestDomain.Create();
        int room = DomainCapacity.PartitionCount - TestDomain.OwnPartitionCount;
        for (int page = 0; page < room; page++)
        {
            TestDomain.AddPage(domain, page);
        }

        for (int page = 0; page < room; page++)
        {
            ExpectWritable(domain, page, "one of the partitions of a full domain"u8);
        }

        ExpectDenied(domain, room, "the page behind the last"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Md4RemovingOneOfThreeTakesThatOneOnlyAndAddingItRestoresIt()
    {
        for (int removed = 0; removed < 3; removed++)
        {
            int domain = TestDomain.Create();
            for (int page = 0; page < 3; page++)
            {
                TestDomain.AddPage(domain, page);
            }

            TestDomain.RemovePage(domain, removed);
            for (int page = 0; page < 3; page++)
            {
                if (page == removed)
                {
                    ExpectDenied(domain, page, "the removed partition"u8);
                }
                else
                {
                    ExpectWritable(domain, page, "a partition beside the removed one"u8);
                }
            }

            DomainError error = TestDomain.Add(domain, Probe.ScratchAddress(1), 2 * PageSize.ByteCount, PartitionRights.ReadWrite);
            Expect.Equal((int)DomainErrorCode.OverlapsPartition, (int)error.Code, "a partition over one that is left"u8);
            Expect.Equal(Probe.ScratchAddress(removed == 1 ? 2 : 1), error.OffendingValue, "the one that is left"u8);
            TestDomain.AddPage(domain, removed);
            ExpectWritable(domain, removed, "the partition added again"u8);
            TestDomain.Destroy(domain);
        }
    }

    [GuestTest]
    internal static void Rf2ADomainCreatedInTheSlotOfADestroyedOneHasNothingOfIt()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, 1);
        ExpectWritable(domain, 1, "the first domain's page"u8);
        DomainIdentity identity = Protection.DomainAt(domain).Identity;
        Expect.True(LeafSnapshot.HasRights(domain, Probe.ScratchAddress(1), LeafRights.UserReadWrite), "the first domain is live"u8);
        TestDomain.Destroy(domain);
        Expect.True(LeafSnapshot.IsNothingLeft(Probe.ScratchAddress(1)), "its page is revoked with its end"u8);
        nuint statics = ImageTable.Component(Probe.Component).StaticsStart;
        Expect.True(LeafSnapshot.IsNothingLeft(statics), "and so is all else it had"u8);

        int next = TestDomain.Create();
        Expect.Equal(domain, next, "the same slot"u8);
        Expect.True(Protection.DomainAt(next).Identity.Id != identity.Id, "another domain"u8);
        TestDomain.AddPage(next, 2);
        ExpectWritable(next, 2, "the second domain's page"u8);
        ExpectDenied(next, 1, "the first domain's page"u8);
        TestDomain.Destroy(next);
    }

    [GuestTest]
    internal static void ADomainIsDestroyedOnlyWhenNoThreadIsInItAndTheDefaultOneNever()
    {
        Expect.True(!Protection.DestroyDomain(Protection.DefaultDomain), "the default domain"u8);
        int domain = TestDomain.Create();
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.None);
        Expect.True(!Protection.DestroyDomain(domain), "a domain with a created thread"u8);
        Expect.Equal(TestDomain.OwnPartitionCount, Protection.DomainAt(domain).PartitionCount, "partitions of the domain"u8);
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 0, "its thread still runs"u8);
        TestDomain.Destroy(domain);
        Expect.True(!Protection.DestroyDomain(domain), "a domain that doesn't exist"u8);
    }

    [GuestTest]
    internal static void Rf7TheKernelWritesThroughItsViewWhatTheLiveDomainMayOnlyRead()
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, 1, PartitionRights.ReadOnly);
        nuint address = Probe.ScratchAddress(1);
        Probe.ScratchWord(1) = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Read, address);
        Probe.Finish(slot);
        Expect.Equal(0, (int)Probe.Request(0).Result, "what it reads first"u8);
        Expect.True(LeafSnapshot.HasRights(domain, address, LeafRights.UserRead), "the domain is live, the page read-only"u8);
        Probe.ScratchWord(1) = 0x42;
        slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Read, address);
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 0, "a read of a read-only partition"u8);
        Expect.Equal(0x42, (int)Probe.Request(0).Result, "what the kernel wrote meanwhile"u8);
        slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Write, address, 1);
        Probe.Finish(slot);
        Probe.ExpectPageFault(slot, address, PageFaultCode.WriteDenied, "a write to it"u8);
        Expect.Equal(0x42u, Probe.ScratchWord(1), "the word is as before"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void EveryRegionOfAComponentIsPrivate()
    {
        Probe.Run(ProbeOperation.None);
        ref readonly ComponentDescription neighbour = ref ImageTable.Component(Probe.Neighbour);
        ExpectPrivate(neighbour.TextStart, neighbour.TextEnd);
        ExpectPrivate(neighbour.ReadOnlyStart, neighbour.ReadOnlyEnd);
        ExpectPrivate(neighbour.StaticsStart, neighbour.StaticsEnd);
    }

    [GuestTest]
    internal static void Rf8GuardsAndPage0AreNeverMappedWhateverDomainsComeAndGo()
    {
        for (int round = 0; round < 3; round++)
        {
            for (int slot = 0; slot < ThreadTable.Capacity; slot++)
            {
                ExpectUnmapped(AddressLayout.KernelStackStart(slot) - PageSize.ByteCount, "the guard below a kernel stack"u8);
                ExpectUnmapped(AddressLayout.KernelStackEnd(slot), "the guard below a user stack"u8);
                ExpectUnmapped(AddressLayout.UserStackPages(slot).End.Address.Value, "the guard above a user stack"u8);
            }

            ExpectUnmapped(0, "page 0"u8);
            int domain = TestDomain.Create();
            TestDomain.AddPage(domain, round);
            ExpectWritable(domain, round, "switches between"u8);
            TestDomain.Destroy(domain);
        }
    }

    private static void ExpectUnmapped(nuint address, System.ReadOnlySpan<byte> what) =>
        Expect.True(!LeafSnapshot.IsMappedAnywhere(address), what);

    private static void ExpectPrivate(nuint start, nuint end)
    {
        for (nuint address = start; address < end; address += PageSize.ByteCount)
        {
            Expect.True(LeafSnapshot.IsRevoked(FenceCheck.ProbeDomain, address), "a page of the neighbour while the probe's domain is live"u8);
        }

        Probe.ExpectPageFault(ProbeOperation.Read, start, PageFaultCode.ReadWithheld, "the first byte of a region of the neighbour"u8);
        Probe.ExpectPageFault(ProbeOperation.Write, end - 1, PageFaultCode.WriteWithheld, "the last byte of a region of the neighbour"u8);
    }

    private static void ExpectWritable(int domain, int page, System.ReadOnlySpan<byte> what)
    {
        Probe.ScratchWord(page) = 0;
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Write, Probe.ScratchAddress(page), 0x99);
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 0, what);
        Expect.Equal(0x99u, Probe.ScratchWord(page), what);
    }

    private static void ExpectDenied(int domain, int page, System.ReadOnlySpan<byte> what)
    {
        Probe.ScratchWord(page) = 0x11;
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Write, Probe.ScratchAddress(page), 0x99);
        Probe.Finish(slot);
        Probe.ExpectPageFault(slot, Probe.ScratchAddress(page), PageFaultCode.WriteWithheld, what);
        Expect.Equal(0x11u, Probe.ScratchWord(page), what);
    }
}
