// What belongs to another domain is as far away as the kernel, although the very same code runs there.

using System;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class OtherDomainTests
{
    [GuestTest]
    internal static void StaticsOfAnotherComponentAreOutOfReach() =>
        ExpectDenied(ImageTable.Component(Probe.Neighbour).StaticsStart, ImageTable.Component(Probe.Neighbour).StaticsEnd, "the neighbour's statics"u8);

    [GuestTest]
    internal static void TextOfAnotherComponentIsOutOfReach() =>
        ExpectDenied(ImageTable.Component(Probe.Neighbour).TextStart, ImageTable.Component(Probe.Neighbour).TextEnd, "the neighbour's text"u8);

    [GuestTest]
    internal static void ReadOnlyDataOfAnotherComponentIsOutOfReach() =>
        ExpectDenied(
            ImageTable.Component(Probe.Neighbour).ReadOnlyStart, ImageTable.Component(Probe.Neighbour).ReadOnlyEnd, "the neighbour's read-only data"u8);

    [GuestTest]
    internal static void ASharedPartitionIsOutOfReachWithoutAGrant()
    {
        int domain = TestDomain.Create();
        ref readonly SharedPartitionDescription scratch = ref ImageTable.SharedPartition(1);
        FenceCheck.ExpectDenied(domain, scratch.Start, "first byte of a partition not granted"u8);
        FenceCheck.ExpectDenied(domain, scratch.End - 1, "last byte of a partition not granted"u8);
        TestDomain.Destroy(domain);
    }

    [GuestTest]
    internal static void APartitionOfAnotherDomainIsOutOfReachAlsoRightAfterItsOwnerRan()
    {
        int owner = TestDomain.Create();
        int other = TestDomain.Create();
        TestDomain.AddPage(owner, 3);
        for (int round = 0; round < 3; round++)
        {
            FenceCheck.ExpectWritable(owner, Probe.ScratchAddress(3), "the owner's own partition"u8);
            FenceCheck.ExpectDenied(other, Probe.ScratchAddress(3), "the partition of the domain that ran before"u8);
        }

        TestDomain.Destroy(owner);
        TestDomain.Destroy(other);
    }

    private static void ExpectDenied(nuint start, nuint end, ReadOnlySpan<byte> what)
    {
        if (start != end)
        {
            FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, start, what);
            FenceCheck.ExpectDenied(FenceCheck.ProbeDomain, end - 1, what);
        }
    }
}
