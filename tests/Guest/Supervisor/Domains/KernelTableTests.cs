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
        // Without KPTI every set has as many tables as the one that was built at boot.
        ref readonly ImageDescription image = ref ImageTable.Description;
        nuint pages = KernelSpace.Tables.CountTables().Pages.Value;
        Expect.Equal(
            (image.PageTablePoolStart - image.PageTablesStart) / PageSize.ByteCount, pages, "frames of the base set"u8);
        Expect.Equal(pages * (1 + SetCapacity), (image.PageTablesEnd - image.PageTablesStart) / PageSize.ByteCount, "frames of page tables"u8);
        for (int domain = 0; domain < Protection.DomainCapacity; domain++)
        {
            nuint expected = Protection.DomainAt(domain).Exists && LeafSnapshot.HasSetForEachDomain ? (pages * PageSize.ByteCount) + (nuint)KernelSpace.SmallRootByteCount : 0;
            Expect.Equal(expected, (nuint)Protection.TableByteCount(domain), "bytes of a domain's tables"u8);
        }
    }

    // RingfenceTableSetCapacity in Guest.csproj.
    private static nuint SetCapacity => LeafSnapshot.HasSetForEachDomain ? 10u : 0u;

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
