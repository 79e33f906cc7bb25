// What can't be a partition is refused with the reason and the value to blame, and nothing changes.

using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class RefusalTests
{
    private const nuint Page = PageSize.ByteCount;

    [GuestTest]
    internal static void StacksAndTheirGuardsAreRefused()
    {
        int domain = TestDomain.Create();
        nuint userStack = AddressLayout.UserStackPages(3).First.Address.Value;
        nuint kernelStack = AddressLayout.KernelStackStart(3);
        ExpectRefused(domain, userStack, Page, DomainErrorCode.OverlapsStack, userStack, "a user stack"u8);
        ExpectRefused(domain, kernelStack, Page, DomainErrorCode.NotGrantable, kernelStack, "a kernel stack"u8);
        ExpectRefused(domain, kernelStack - Page, Page, DomainErrorCode.OverlapsGuard, kernelStack - Page, "the guard below a kernel stack"u8);
        ExpectRefused(domain, userStack - Page, Page, DomainErrorCode.OverlapsGuard, userStack - Page, "the guard below a user stack"u8);
        ExpectRefused(domain, userStack - Page, 2 * Page, DomainErrorCode.OverlapsGuard, userStack - Page, "a guard and a stack"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void MemoryOfTheKernelIsRefused()
    {
        int domain = TestDomain.Create();
        ref readonly ImageDescription image = ref ImageTable.Description;
        ExpectRefused(domain, image.KernelTextStart, Page, DomainErrorCode.NotGrantable, image.KernelTextStart, "kernel text"u8);
        ExpectRefused(domain, image.KernelReadOnlyStart, Page, DomainErrorCode.NotGrantable, image.KernelReadOnlyStart, "kernel read-only data"u8);
        ExpectRefused(domain, image.KernelDataStart, Page, DomainErrorCode.NotGrantable, image.KernelDataStart, "kernel data"u8);
        ExpectRefused(domain, image.PageTablesStart, Page, DomainErrorCode.OverlapsPageTable, image.PageTablesStart, "page tables"u8);
        nuint view = Probe.ScratchAddress(0) + AddressLayout.ViewOffset;
        ExpectRefused(domain, view, Page, DomainErrorCode.NotGrantable, view, "the kernel's view"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void UnmappedPagesAreRefused()
    {
        int domain = TestDomain.Create();
        nuint frames = ImageTable.Description.StackFramesStart;
        nuint beyond = AddressLayout.ViewEnd;
        ExpectRefused(domain, 0, Page, DomainErrorCode.NotMapped, 0, "page 0"u8);
        ExpectRefused(domain, Page, Page, DomainErrorCode.NotMapped, Page, "a page below the image"u8);
        ExpectRefused(domain, frames, Page, DomainErrorCode.NotMapped, frames, "stack frames, which are mapped in their slots alone"u8);
        ExpectRefused(domain, beyond, Page, DomainErrorCode.NotMapped, beyond, "a page beyond everything"u8);
        nuint last = unchecked(0 - Page);
        ExpectRefused(domain, last, Page, DomainErrorCode.NotMapped, last, "the last page of the address space"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void ARangeThatLeavesGrantableMemoryIsRefusedAtItsFirstWrongPage()
    {
        int domain = TestDomain.Create();
        nuint scratch = Probe.ScratchAddress(0);
        nuint end = ImageTable.Description.PageTablesStart;
        ExpectRefused(domain, scratch, end - scratch + Page, DomainErrorCode.OverlapsPageTable, end, "scratch pages and one page table"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void StartsAndSizesThatAreNotWholePagesAreRefused()
    {
        int domain = TestDomain.Create();
        nuint scratch = Probe.ScratchAddress(0);
        ExpectRefused(domain, scratch + 1, Page, DomainErrorCode.MisalignedStart, scratch + 1, "a start one byte too high"u8);
        ExpectRefused(domain, scratch + 2048, Page, DomainErrorCode.MisalignedStart, scratch + 2048, "a start in the middle"u8);
        ExpectRefused(domain, scratch, Page - 1, DomainErrorCode.MisalignedSize, Page - 1, "a byte less than a page"u8);
        ExpectRefused(domain, scratch, Page + 1, DomainErrorCode.MisalignedSize, Page + 1, "a byte more than a page"u8);
        ExpectRefused(domain, scratch, 0, DomainErrorCode.EmptyPartition, scratch, "no bytes"u8);
        nuint last = unchecked(0 - Page);
        ExpectRefused(domain, last, 2 * Page, DomainErrorCode.WrapsAround, 2 * Page, "past the top of the address space"u8);
        ExpectRefused(domain, scratch, nuint.MaxValue, DomainErrorCode.WrapsAround, nuint.MaxValue, "the largest size"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void AddressesThatDoNotExistAreRefused()
    {
        if (nuint.Size == 4)
        {
            Expect.Skip("every 32-bit address exists"u8);
            return;
        }

        int domain = TestDomain.Create();
        nuint first = (nuint)1 << (nuint.Size == 8 ? 47 : 0);
        ExpectRefused(domain, first, Page, DomainErrorCode.NotCanonical, first, "the first address of the hole"u8);
        ExpectRefused(domain, first - Page, 2 * Page, DomainErrorCode.NotCanonical, first - Page, "into the hole"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void RightsBeyondTheThreeThatExistAreRefused()
    {
        int domain = TestDomain.Create();
        nuint scratch = Probe.ScratchAddress(0);
        for (int rights = (int)PartitionRights.ReadExecute + 1; rights <= 255; rights += 36)
        {
            DomainError error = TestDomain.Add(domain, scratch, Page, (PartitionRights)(byte)rights);
            Expect.Equal((int)DomainErrorCode.UndefinedRights, (int)error.Code, "writable and executable can't be asked for"u8);
            Expect.Equal((nuint)(uint)rights, error.OffendingValue, "the rights that were asked for"u8);
        }

        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Md8OverlappingPartitionsAreRefusedWithTheStartOfTheOther()
    {
        int domain = TestDomain.Create();
        nuint start = Probe.ScratchAddress(4);
        Expect.True(TestDomain.Add(domain, start, 3 * Page, PartitionRights.ReadOnly).IsNone, "three pages"u8);
        ExpectRefused(domain, start, 3 * Page, DomainErrorCode.OverlapsPartition, start, "the same pages"u8);
        ExpectRefused(domain, start + Page, Page, DomainErrorCode.OverlapsPartition, start, "the middle page"u8);
        ExpectRefused(domain, start - Page, 2 * Page, DomainErrorCode.OverlapsPartition, start, "over the start"u8);
        ExpectRefused(domain, start + (2 * Page), 2 * Page, DomainErrorCode.OverlapsPartition, start, "over the end"u8);
        ExpectRefused(domain, start - Page, 5 * Page, DomainErrorCode.OverlapsPartition, start, "all around"u8);
        nuint text = ImageTable.Component(Probe.Component).TextStart;
        ExpectRefused(domain, text, Page, DomainErrorCode.OverlapsPartition, text, "the component's own text, to write it"u8);
        Expect.True(TestDomain.Add(domain, start - Page, Page, PartitionRights.ReadOnly).IsNone, "the page before"u8);
        Expect.True(TestDomain.Add(domain, start + (3 * Page), Page, PartitionRights.ReadOnly).IsNone, "the page behind"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Md9OneMorePartitionThanADomainHoldsIsRefused()
    {
        int domain = TestDomain.Create();
        int room = DomainCapacity.PartitionCount - TestDomain.OwnPartitionCount;
        for (int page = 0; page < room; page++)
        {
            TestDomain.AddPage(domain, page);
        }

        nuint next = Probe.ScratchAddress(room);
        ExpectRefused(domain, next, Page, DomainErrorCode.NoFreeSlot, DomainCapacity.PartitionCount, "the 17th"u8);
        TestDomain.RemovePage(domain, 5);
        Expect.True(TestDomain.Add(domain, next, Page, PartitionRights.ReadWrite).IsNone, "in the slot that became free"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void Md10OnlyAPartitionThatIsThereCanBeRemoved()
    {
        int domain = TestDomain.Create();
        nuint start = Probe.ScratchAddress(4);
        Expect.True(TestDomain.Add(domain, start, 3 * Page, PartitionRights.ReadWrite).IsNone, "three pages"u8);
        ExpectNotRemoved(domain, start, 0, "no page"u8);
        ExpectNotRemoved(domain, start, 1, "its first page"u8);
        ExpectNotRemoved(domain, start, 4, "a page more"u8);
        ExpectNotRemoved(domain, start + Page, 2, "its end"u8);
        ExpectNotRemoved(domain, start - Page, 1, "the page before"u8);
        Expect.Equal(TestDomain.OwnPartitionCount + 1, Protection.DomainAt(domain).PartitionCount, "partitions of the domain"u8);
        TestDomain.Destroy(domain);
    }

    private static void ExpectNotRemoved(int domain, nuint start, nuint pageCount, System.ReadOnlySpan<byte> what)
    {
        PageRange pages = PageRange.CreateTruncated(new VirtualAddress(start).Page, new PageCount(pageCount));
        DomainError error = Protection.RemovePartition(domain, pages);
        Expect.Equal((int)DomainErrorCode.NoSuchPartition, (int)error.Code, what);
        Expect.Equal(start, error.OffendingValue, what);
    }

    private static void ExpectRefused(
        int domain, nuint start, nuint byteCount, DomainErrorCode code, nuint value, System.ReadOnlySpan<byte> what)
    {
        DomainIdentity identity = Protection.DomainAt(domain).Identity;
        for (PartitionRights rights = PartitionRights.ReadOnly; rights <= PartitionRights.ReadExecute; rights++)
        {
            DomainError error = TestDomain.Add(domain, start, byteCount, rights);
            Expect.Equal((int)code, (int)error.Code, what);
            Expect.Equal(value, error.OffendingValue, what);
        }

        Expect.True(identity == Protection.DomainAt(domain).Identity, what);
    }
}
