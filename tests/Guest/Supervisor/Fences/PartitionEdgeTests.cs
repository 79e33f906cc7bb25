// A fence stands exactly at the edge: the last byte inside is the domain's, the next one isn't.

using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class PartitionEdgeTests
{
    private const int Page = 5; // its neighbours are granted to nobody

    [GuestTest]
    internal static void AWritablePartitionReachesFromItsFirstToItsLastByte()
    {
        int domain = Open(PartitionRights.ReadWrite, out nuint first, out nuint last);
        ExpectEdges(domain, first, last);
        FenceCheck.ExpectReadable(domain, first, "first byte inside"u8);
        FenceCheck.ExpectReadable(domain, last, "last byte inside"u8);
        FenceCheck.ExpectWritable(domain, first, "first byte inside"u8);
        FenceCheck.ExpectWritable(domain, last, "last byte inside"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void AReadOnlyPartitionReachesFromItsFirstToItsLastByteAndIsNotWritten()
    {
        int domain = Open(PartitionRights.ReadOnly, out nuint first, out nuint last);
        ExpectEdges(domain, first, last);
        FenceCheck.ExpectReadOnly(domain, first, "first byte inside"u8);
        FenceCheck.ExpectReadOnly(domain, last, "last byte inside"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void AnExecutablePartitionReachesFromItsFirstToItsLastByteAndIsNotWritten()
    {
        int domain = Open(PartitionRights.ReadExecute, out nuint first, out nuint last);
        ExpectEdges(domain, first, last);
        FenceCheck.ExpectReadOnly(domain, first, "first byte inside"u8);
        FenceCheck.ExpectReadOnly(domain, last, "last byte inside"u8);
        ExpectRuns(domain, first);
        ExpectRuns(domain, last);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void NoPartitionOfAComponentLetsOneByteMoreBeReachedOnEitherSide()
    {
        int domainIndex = FenceCheck.ProbeDomain;
        ref readonly Domain domain = ref Protection.DomainAt(domainIndex);
        for (int index = 0; index < domain.PartitionCount; index++)
        {
            nuint start = domain[index].Pages.First.Address.Value;
            nuint end = domain[index].Pages.End.Address.Value;
            ExpectOutside(domainIndex, start - 1);
            ExpectOutside(domainIndex, end);
        }
    }

    [GuestTest]
    internal static void OwnTextCannotBeWritten()
    {
        ref readonly ComponentDescription own = ref ImageTable.Component(Probe.Component);
        FenceCheck.ExpectReadOnly(FenceCheck.ProbeDomain, own.TextStart, "first byte of own text"u8);
        FenceCheck.ExpectReadOnly(FenceCheck.ProbeDomain, own.TextEnd - 1, "last byte of own text"u8);
    }

    [GuestTest]
    internal static void OwnReadOnlyDataCannotBeWritten()
    {
        ref readonly ComponentDescription own = ref ImageTable.Component(Probe.Component);
        FenceCheck.ExpectReadOnly(FenceCheck.ProbeDomain, own.ReadOnlyStart, "first byte of own read-only data"u8);
        FenceCheck.ExpectReadOnly(FenceCheck.ProbeDomain, own.ReadOnlyEnd - 1, "last byte of own read-only data"u8);
    }

    [GuestTest]
    internal static void OwnStaticsCanBeReadAndWrittenFromTheFirstToTheLastByte()
    {
        ref readonly ComponentDescription own = ref ImageTable.Component(Probe.Component);
        FenceCheck.ExpectReadable(FenceCheck.ProbeDomain, own.StaticsStart, "first byte of own statics"u8);
        FenceCheck.ExpectWritable(FenceCheck.ProbeDomain, own.StaticsEnd - 1, "last byte of own statics"u8);
    }

    [GuestTest]
    internal static void DataIsExecutedOnlyWhereTheFormatCannotForbidIt()
    {
        ref readonly ComponentDescription own = ref ImageTable.Component(Probe.Component);
        FenceCheck.ExpectExecutionFollowsFormat(FenceCheck.ProbeDomain, own.StaticsEnd - 1, "execution of statics"u8);
        FenceCheck.ExpectExecutionFollowsFormat(FenceCheck.ProbeDomain, own.ReadOnlyEnd - 1, "execution of read-only data"u8);
        int domain = Open(PartitionRights.ReadWrite, out nuint first, out nuint last);
        FenceCheck.ExpectExecutionFollowsFormat(domain, first, "execution of a writable partition"u8);
        FenceCheck.ExpectExecutionFollowsFormat(domain, last, "execution of a writable partition"u8);
        TestDomain.Destroy(domain);
        domain = Open(PartitionRights.ReadOnly, out first, out last);
        FenceCheck.ExpectExecutionFollowsFormat(domain, first, "execution of a read-only partition"u8);
        FenceCheck.ExpectExecutionFollowsFormat(domain, last, "execution of a read-only partition"u8);
        TestDomain.Destroy(domain);
    }

    // A domain with one scratch page; the pages on both sides are nobody's.
    private static int Open(PartitionRights rights, out nuint first, out nuint last)
    {
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, Page, rights);
        first = Probe.ScratchAddress(Page);
        last = first + PageSize.ByteCount - 1;
        return domain;
    }

    private static void ExpectEdges(int domain, nuint first, nuint last)
    {
        FenceCheck.ExpectDenied(domain, first - 1, "one byte before the partition"u8);
        FenceCheck.ExpectDenied(domain, last + 1, "one byte after the partition"u8);
    }

    private static void ExpectRuns(int domain, nuint address)
    {
        FenceCheck.Poke(address, 0xC3); // RET
        Probe.ExpectDone(FenceCheck.Attempt(domain, Contracts.ProbeOperation.Execute, address), 0, "execution of an executable partition"u8);
    }

    // Partitions may lie side by side: then what is beyond the edge is the next one's.
    private static void ExpectOutside(int domainIndex, nuint address)
    {
        ref readonly Domain domain = ref Protection.DomainAt(domainIndex);
        for (int index = 0; index < domain.PartitionCount; index++)
        {
            if (address >= domain[index].Pages.First.Address.Value && address < domain[index].Pages.End.Address.Value)
            {
                return;
            }
        }

        AddressLayout.BaseMapping.Find(new VirtualAddress(address).Page, out bool isMapped);
        if (isMapped)
        {
            FenceCheck.ExpectDenied(domainIndex, address, "one byte beyond a partition"u8);
        }
        else
        {
            FenceCheck.ExpectAbsent(domainIndex, address, "one byte beyond a partition"u8);
        }
    }
}
