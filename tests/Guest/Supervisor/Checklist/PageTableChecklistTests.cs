// What every page of the image is in the page tables, asked of the tables themselves and not of the layout that they were made from.

using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class PageTableChecklistTests
{
    private static int s_userPageCountAtFirst = -1;

    /// <summary>Counts the pages that user mode can reach, before any user thread has run. Called before the first test.</summary>
    public static void LookBeforeAnyUserThread() => s_userPageCountAtFirst = CountUserPages(KernelSpace.Tables);

    [GuestTest]
    internal static void Pg1EveryPageOfTheImageHasTheRightsOfItsKindAndUserModeHasSomeOnlyWhileTheLawGivesThem()
    {
        Expect.Equal(0, s_userPageCountAtFirst, "pages that user mode could reach before the first user thread"u8);
        ref readonly ImageDescription image = ref ImageTable.Description;
        ExpectKernel(image.KernelTextStart, image.KernelTextEnd, LeafRights.SupervisorReadExecute, "kernel text"u8);
        ExpectKernel(image.KernelReadOnlyStart, image.KernelReadOnlyEnd, LeafRights.SupervisorRead, "kernel read-only data"u8);
        ExpectKernel(image.KernelDataStart, image.KernelDataEnd, LeafRights.SupervisorReadWrite, "kernel data"u8);
        ExpectKernel(image.PageTablesStart, image.PageTablesEnd, LeafRights.SupervisorReadWrite, "page tables"u8);

        // With a thread of the probe's own domain as the last user thread.
        ref readonly ComponentDescription own = ref ImageTable.Component(Probe.Component);
        ref readonly ComponentDescription other = ref ImageTable.Component(Probe.Neighbour);
        Probe.Run(ProbeOperation.None);
        int domain = FenceCheck.ProbeDomain;
        ExpectUser(domain, own.TextStart, own.TextEnd, LeafRights.UserReadExecute, "own text"u8);
        ExpectUser(domain, own.ReadOnlyStart, own.ReadOnlyEnd, LeafRights.UserRead, "own read-only data"u8);
        ExpectUser(domain, own.StaticsStart, own.StaticsEnd, LeafRights.UserReadWrite, "own statics"u8);
        ExpectNothing(domain, other.TextStart, other.TextEnd, "another component's text"u8);
        ExpectNothing(domain, other.ReadOnlyStart, other.ReadOnlyEnd, "another component's read-only data"u8);
        ExpectNothing(domain, other.StaticsStart, other.StaticsEnd, "another component's statics"u8);

        // The set that was built at boot gives user mode something only where it is everybody's.
        Expect.True(!LeafSnapshot.HasSetForEachDomain || CountUserPages(KernelSpace.Tables) == 0, "the kernel's own set gives user mode nothing"u8);
    }

    [GuestTest]
    internal static void Pg2Page0IsInNoSetAndNobodyReachesIt()
    {
        Expect.True(!LeafSnapshot.IsMappedAnywhere(0), "page 0"u8);
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, 0, "address 0"u8);
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, PageSize.ByteCount - 1, "the last byte of page 0"u8);
    }

    // There is no dump of page tables here. What user mode can make the kernel walk is its own set, for the report of a fault: at any address, also where tables end.
    [GuestTest]
    internal static void Pg3TheWalkForAUserThreadsFaultIsMadeAtEveryKindOfAddress()
    {
        nuint top = unchecked((nuint)0 - 1);
        for (nuint bit = PageSize.ByteCount; bit != 0; bit <<= 1)
        {
            ExpectReported(bit);
            ExpectReported(top ^ bit);
        }

        ExpectReported(top);
        ExpectReported(AddressLayout.LeafTablesEnd);
        ExpectReported(AddressLayout.LeafTablesEnd - 1);
    }

    // The same for the supervisor: a walk over all of the address space in every set, entry by entry and table by table.
    [GuestTest]
    internal static void Pg4AWalkOverAllTablesOfEverySetEndsAndFindsWhatWasTakenForThem()
    {
        // The kernel's set comes with the image; the pool is for the others.
        nuint pages = 0;
        Expect.Equal((nuint)KernelSpace.TableByteCount, (nuint)KernelSpace.Tables.CountTables().ByteCount, "bytes of the kernel's tables"u8);
        ExpectWalkEnds(KernelSpace.Tables);
        for (int domain = 0; domain < Protection.DomainCapacity; domain++)
        {
            pages += (nuint)(Protection.TableByteCount(domain) / PageSize.ByteCount);
            if (Protection.DomainAt(domain).Exists && LeafSnapshot.HasSetForEachDomain)
            {
                Expect.Equal(
                    (nuint)Protection.TableByteCount(domain), (nuint)Protection.UserTables(domain).CountTables().ByteCount, "bytes of a domain's tables"u8);
                ExpectWalkEnds(Protection.UserTables(domain));
            }
        }

        Expect.Equal(pages, KernelSpace.Pool.InUse.Value, "table pages that are in use"u8);
    }

    private static void ExpectKernel(nuint start, nuint end, LeafRights rights, System.ReadOnlySpan<byte> what)
    {
        Expect.True(end > start, what);
        for (nuint address = start; address < end; address += PageSize.ByteCount)
        {
            Expect.True(LeafSnapshot.HasKernelRights(address, rights), what);
            Expect.True(!LeafSnapshot.IsUserAnywhere(address), what);
        }
    }

    private static void ExpectUser(int domain, nuint start, nuint end, LeafRights rights, System.ReadOnlySpan<byte> what)
    {
        Expect.True(end > start, what);
        for (nuint address = start; address < end; address += PageSize.ByteCount)
        {
            Expect.True(LeafSnapshot.HasRights(domain, address, rights), what);
        }
    }

    private static void ExpectNothing(int domain, nuint start, nuint end, System.ReadOnlySpan<byte> what)
    {
        Expect.True(end > start, what);
        for (nuint address = start; address < end; address += PageSize.ByteCount)
        {
            Expect.True(LeafSnapshot.IsRevoked(domain, address), what);
        }
    }

    private static void ExpectReported(nuint address)
    {
        int slot = FenceCheck.Attempt(FenceCheck.ProbeDomain, ProbeOperation.Write, address, 0x5A);
        ref Thread thread = ref ThreadTable.At(slot);
        bool isAllowed = Protection.Check(slot, new VirtualAddress(address), 1, Access.Write).IsAllowed;
        Expect.True(thread.HasFaulted != isAllowed, "a write ends in a fault and its report, unless the thread may make it"u8);
    }

    private static void ExpectWalkEnds(AddressSpace<PagingFormat, IdentityTableMemory> tables)
    {
        nuint mapped = 0;
        PageRange rest = PageRange.FromFirstToEnd(default, new PageNumber(AddressLayout.LeafTablesEnd / PageSize.ByteCount));
        while (!rest.IsEmpty)
        {
            if (!Expect.True(tables.TryGetRun(rest, out MappingRun run) && !run.Range.IsEmpty, "a run of pages"u8))
            {
                return;
            }

            mapped += run.IsMapped ? run.Range.Count.Value : 0;
            rest = PageRange.FromFirstToEnd(run.Range.End, rest.End);
        }

        Expect.True(mapped != 0, "a set maps something"u8);
    }

    private static int CountUserPages(AddressSpace<PagingFormat, IdentityTableMemory> tables)
    {
        int count = 0;
        for (nuint address = 0; address < AddressLayout.LeafTablesEnd; address += PageSize.ByteCount)
        {
            Translation translation = tables.Translate(new VirtualAddress(address));
            count += translation.IsMapped && translation.Rights.IsUser ? 1 : 0;
        }

        return count;
    }
}
