// The image builder's counts against what the kernel finds when it runs: a table one item too short would be another table's memory.

using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class KernelTableTests
{
    [GuestTest]
    internal static void TheRegionsThatTheBuilderWroteAreABaseMapping()
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        Expect.True(BaseMapping.TryCreate(AddressLayout.Regions, out BaseMapping mapping), "the regions are in order and apart"u8);
        ref readonly BaseRegion first = ref mapping.Regions[0];
        ref readonly BaseRegion last = ref mapping.Regions[^1];
        Expect.Equal(image.KernelTextStart, first.Pages.First.Address.Value, "the first begins with kernel text"u8);
        Expect.True(first.Rights == LeafRights.SupervisorReadExecute && first.Obstacle == GrantObstacleKind.NotGrantable, "which is the kernel's to execute"u8);
        Expect.Equal(AddressLayout.ViewEnd, last.Pages.End.Address.Value, "the last ends with the view"u8);
        Expect.True(last.Rights == LeafRights.SupervisorReadWrite && last.Obstacle == GrantObstacleKind.NotGrantable, "which is the kernel's to write"u8);
    }

    [GuestTest]
    internal static void ThePageTablesTakeExactlyTheFramesThatWereReserved()
    {
        ref readonly ImageDescription image = ref ImageTable.Description;
        nuint pages = KernelSpace.Tables.CountTables().Pages.Value;
        Expect.Equal(
            (image.PageTablePoolStart - image.PageTablesStart) / PageSize.ByteCount, pages, "frames of the base set"u8);
        nuint reserved = (image.PageTablesEnd - image.PageTablesStart) / PageSize.ByteCount;
        Expect.Equal(pages + (SetCapacity * PagesOfDomain(EverythingGrantable)), reserved, "frames of page tables"u8);
        for (int domain = 0; domain < Protection.DomainCapacity; domain++)
        {
            nuint expected = Protection.DomainAt(domain).Exists ? (PagesOfDomain(domain) * PageSize.ByteCount) + (nuint)KernelSpace.SmallRootByteCountOfDomain : 0;
            Expect.Equal(expected, (nuint)Protection.TableByteCount(domain), "bytes of a domain's tables"u8);
        }
    }

    // RingfenceTableSetCapacity in Guest.csproj.
    private const uint SetCapacity = 10;

    // In place of a domain: one to which everything is granted, which has the tables that any domain can have.
    private const int EverythingGrantable = -1;

#if STRATEGY_COMMON
    private static nuint PagesOfDomain(int domain) => 0;
#elif STRATEGY_PER_DOMAIN
    // Without KPTI every set has as many tables as the one that was built at boot.
    private static nuint PagesOfDomain(int domain) => KernelSpace.Tables.CountTables().Pages.Value;
#else
    // The tables on the way to what the domain has, and to every user stack: counted by what they span, of which no table says anything.
    private static nuint PagesOfDomain(int domain)
    {
#if ROOT_PER_DOMAIN
        int levels = FormatGeometry<PagingFormat>.RootLevel;
        nuint count = FormatGeometry<PagingFormat>.RootIsPage ? 1u : 0u;
#else
        // The leaf tables alone.
        const int levels = 1;
        nuint count = 0;
#endif
        for (int level = 1; level <= levels; level++)
        {
            PageCount span = PagingFormat.Level(level).EntrySpan;
            for (PageNumber first = default; first.Address.Value < AddressLayout.LeafTablesEnd; first += span)
            {
                count += Has(domain, PageRange.CreateTruncated(first, span)) ? 1u : 0u;
            }
        }

        return count;
    }

    private static bool Has(int domain, PageRange span)
    {
        bool has = span.Overlaps(AddressLayout.UserStacks);
#if KPTI
        has |= span.Overlaps(AddressLayout.EntryPages);
#endif
        if (domain == EverythingGrantable)
        {
            foreach (ref readonly BaseRegion region in AddressLayout.Regions)
            {
                has |= region.Obstacle == GrantObstacleKind.None && span.Overlaps(region.Pages);
            }
        }
        else
        {
            for (int index = 0; index < Protection.DomainAt(domain).PartitionCount; index++)
            {
                has |= span.Overlaps(Protection.DomainAt(domain)[index].Pages);
            }
        }

        return has;
    }
#endif

    [GuestTest]
    internal static void AGuardLiesBetweenTheLastStackAndTheKernelsView()
    {
        nuint stacksEnd = AddressLayout.UserStackPages(ThreadTable.Capacity - 1).End.Address.Value;
        Expect.Equal(stacksEnd + PageSize.ByteCount, AddressLayout.ViewStart, "where the view begins"u8);
        Expect.True(LeafSnapshot.EntryOf(stacksEnd) == 0, "the page between is not mapped"u8);
        Expect.Equal(ImageTable.Component(0).TextStart + AddressLayout.ViewOffset, AddressLayout.ViewStart, "the view of the first component's text"u8);
        Expect.True(LeafSnapshot.EntryOf(AddressLayout.ViewEnd) == 0, "the page behind the view is not mapped"u8);
    }
}
