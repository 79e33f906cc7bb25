// Domains made by tests: what a probe thread needs, and scratch pages as the test wishes.

using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class TestDomain
{
    /// <summary>Partitions of a domain made here before scratch pages are added: text, read-only data, statics, requests.</summary>
    public const int OwnPartitionCount = 4;

    /// <summary>A domain in which threads of the probe can carry out requests.</summary>
    public static int Create() => Create(Probe.Component);

    /// <summary>A domain in which threads of a component can carry out requests.</summary>
    public static int Create(int ofComponent)
    {
        int domain = Protection.CreateDomain();
        if (!Expect.True(domain >= 0, "a domain is free"u8))
        {
            return domain;
        }

        AddOwnPages(domain, ofComponent);
        return domain;
    }

    /// <summary>Adds what threads of a component need to carry out requests.</summary>
    public static void AddOwnPages(int domain, int ofComponent)
    {
        ref readonly ComponentDescription component = ref ImageTable.Component(ofComponent);
        ref readonly SharedPartitionDescription requests = ref ImageTable.SharedPartition(0);
        ExpectAdded(domain, component.TextStart, component.TextEnd - component.TextStart, PartitionRights.ReadExecute);
        ExpectAdded(domain, component.ReadOnlyStart, component.ReadOnlyEnd - component.ReadOnlyStart, PartitionRights.ReadOnly);
        ExpectAdded(domain, component.StaticsStart, component.StaticsEnd - component.StaticsStart, PartitionRights.ReadWrite);
        ExpectAdded(domain, requests.Start, requests.End - requests.Start, PartitionRights.ReadWrite);
    }

    /// <summary>Ends the life of a domain; its threads have ended.</summary>
    public static void Destroy(int domain) => Expect.True(Protection.DestroyDomain(domain), "a domain without threads can be destroyed"u8);

    /// <summary>Adds a scratch page.</summary>
    public static void AddPage(int domain, int page, PartitionRights rights = PartitionRights.ReadWrite) =>
        ExpectAdded(domain, Probe.ScratchAddress(page), PageSize.ByteCount, rights);

    /// <summary>Removes a scratch page.</summary>
    public static void RemovePage(int domain, int page) =>
        Expect.True(Protection.RemovePartition(domain, PageOf(page)).IsNone, "a scratch page can be removed from a domain"u8);

    /// <summary>A scratch page as a range.</summary>
    public static PageRange PageOf(int page) => PageRange.OnePage(new VirtualAddress(Probe.ScratchAddress(page)).Page);

    /// <summary>Tries to add a partition.</summary>
    public static DomainError Add(int domain, nuint start, nuint byteCount, PartitionRights rights)
    {
        DomainError error = Partition.TryCreate<PagingFormat>(new VirtualAddress(start), byteCount, rights, out Partition partition);
        return error.IsNone ? Protection.AddPartition(domain, in partition) : error;
    }

    private static void ExpectAdded(int domain, nuint start, nuint byteCount, PartitionRights rights)
    {
        DomainError error = Add(domain, start, byteCount, rights);
        Expect.Equal((int)DomainErrorCode.None, (int)error.Code, "a partition is accepted"u8);
    }
}
