// User mode reaches nothing of the kernel's: not its first byte, not its last, by no kind of access.

using System;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class KernelMemoryTests
{
    [GuestTest]
    internal static void KernelTextIsOutOfReach() =>
        ExpectRangeDenied(ImageTable.Description.KernelTextStart, ImageTable.Description.KernelTextEnd, "kernel text"u8);

    [GuestTest]
    internal static void KernelReadOnlyDataIsOutOfReach() =>
        ExpectRangeDenied(ImageTable.Description.KernelReadOnlyStart, ImageTable.Description.KernelReadOnlyEnd, "kernel read-only data"u8);

    [GuestTest]
    internal static void KernelDataIsOutOfReach() =>
        ExpectRangeDenied(ImageTable.Description.KernelDataStart, ImageTable.Description.KernelDataEnd, "kernel data"u8);

#if KPTI
    [GuestTest]
    internal static void EntryPagesAreOutOfReach()
    {
        ExpectRangeDenied(ImageTable.Description.EntryTextStart, ImageTable.Description.EntryTextEnd, "entry text"u8);
        ExpectRangeDenied(ImageTable.Description.EntryDataStart, ImageTable.Description.EntryDataEnd, "entry data"u8);
    }

#endif
    [GuestTest]
    internal static void PageTablesAreOutOfReach()
    {
        ExpectRangeDenied(ImageTable.Description.PageTablesStart, ImageTable.Description.PageTablesEnd, "page tables"u8);
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, (nuint)KernelSpace.Tables.Root.Value, "the root of the set that was built at boot"u8);
        FenceCheck.ExpectDenied(
            FenceCheck.ProbeDomain, (nuint)Protection.UserTables(FenceCheck.ProbeDomain).Root.Value, "the root that CR3 names in user mode"u8);
    }

    [GuestTest]
    internal static void DescriptorTablesAreOutOfReach()
    {
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, UserCode.GlobalTableAddress, "the global descriptor table"u8);
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, UserCode.InterruptTableAddress, "the interrupt descriptor table"u8);
        FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, UserCode.TaskSegmentAddress, "the task segment"u8);
    }

    [GuestTest]
    internal static void TheKernelsViewOfWhatADomainOwnsIsOutOfReach()
    {
        ref readonly ComponentDescription own = ref ImageTable.Component(Probe.Component);
        ref readonly SharedPartitionDescription requests = ref ImageTable.SharedPartition(0);
        nuint view = AddressLayout.ViewOffset;
        ExpectRangeDenied(own.TextStart + view, own.TextEnd + view, "the view of own text"u8);
        ExpectRangeDenied(own.ReadOnlyStart + view, own.ReadOnlyEnd + view, "the view of own read-only data"u8);
        ExpectRangeDenied(own.StaticsStart + view, own.StaticsEnd + view, "the view of own statics"u8);
        ExpectRangeDenied(requests.Start + view, requests.End + view, "the view of a shared partition"u8);
    }

    [GuestTest]
    internal static void TheKernelsViewOfAThreadsOwnStackIsOutOfReach()
    {
        ExpectOwnSlotDenied(ProbeOperation.Read, PageFaultCode.ReadWithheld);
        ExpectOwnSlotDenied(ProbeOperation.Write, PageFaultCode.WriteWithheld);
        ExpectOwnSlotDenied(ProbeOperation.Execute, PageFaultCode.FetchWithheld);
    }

    private static void ExpectOwnSlotDenied(ProbeOperation operation, nuint errorCode)
    {
        int slot = Probe.Create(Probe.Component, 0, operation);
        nuint address = AddressLayout.UserStackPages(slot).First.Address.Value + AddressLayout.ViewOffset;
        FenceCheck.SetAddress(address);
        Probe.ExpectPageFault(Probe.Finish(slot), address, errorCode, "the view of the own stack"u8);
    }

    private static void ExpectRangeDenied(nuint start, nuint end, ReadOnlySpan<byte> what)
    {
        if (start != end)
        {
            FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, start, what);
            FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, end - 1, what);
        }
    }
}
