// What is a partition and what is refused, in which order, with which value to blame.

using Ringfence.Paging;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class PartitionTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static nuint Top => (SimulatedTop.LastPage<TFormat>().Value << PageSize.Shift) | PageSize.OffsetMask;

    [Fact]
    public void A_partition_has_the_pages_and_rights_it_was_made_from()
    {
        Assert.True(Partition.TryCreate<TFormat>(new VirtualAddress(0x40_0000), 0x3000, PartitionRights.ReadExecute, out Partition partition).IsNone);
        Assert.Equal((nuint)0x400, partition.Pages.First.Value);
        Assert.Equal((nuint)3, partition.Pages.Count.Value);
        Assert.Equal(LeafRights.UserReadExecute, partition.Rights.ToLeafRights());
        Assert.True(Partition.TryCreate<TFormat>(partition.Pages, PartitionRights.ReadExecute, out Partition same).IsNone);
        Assert.Equal(partition, same);
    }

    [Fact]
    public void Each_fault_is_named_with_the_value_to_blame_and_the_first_in_order_wins()
    {
        Refused(0x1001, 0, (PartitionRights)3, DomainErrorCode.UndefinedRights, 3);
        Refused(0x1001, 0, PartitionRights.ReadWrite, DomainErrorCode.EmptyPartition, 0x1001);
        Refused(Top, 2, PartitionRights.ReadWrite, DomainErrorCode.WrapsAround, 2);
        Refused(0x1001, 5, PartitionRights.ReadWrite, DomainErrorCode.MisalignedStart, 0x1001);
        Refused(0x1000, 5, PartitionRights.ReadWrite, DomainErrorCode.MisalignedSize, 5);
        Refused(0x1000, 0x1FFF, PartitionRights.ReadWrite, DomainErrorCode.MisalignedSize, 0x1FFF);
    }

    [Fact]
    public void A_partition_may_end_with_the_last_page_and_wraps_one_byte_later()
    {
        nuint lastPage = Top & ~(nuint)PageSize.OffsetMask;
        Assert.True(Partition.TryCreate<TFormat>(new VirtualAddress(lastPage), 0x1000, PartitionRights.ReadWrite, out Partition partition).IsNone);
        Assert.Equal(SimulatedTop.LastPage<TFormat>(), partition.Pages.First);
        Refused(lastPage, 0x1001, PartitionRights.ReadWrite, DomainErrorCode.WrapsAround, 0x1001);
        Refused(lastPage, nuint.MaxValue, PartitionRights.ReadWrite, DomainErrorCode.WrapsAround, nuint.MaxValue);
        Refused(Top - 2047, 2048, PartitionRights.ReadWrite, DomainErrorCode.MisalignedStart, Top - 2047);
        Refused(0x1000, nuint.MaxValue, PartitionRights.ReadWrite, DomainErrorCode.WrapsAround, nuint.MaxValue);
    }

    private static void Refused(nuint start, nuint byteCount, PartitionRights rights, DomainErrorCode code, nuint offendingValue)
    {
        DomainError error = Partition.TryCreate<TFormat>(new VirtualAddress(start), byteCount, rights, out Partition partition);
        Assert.Equal((code, offendingValue), (error.Code, error.OffendingValue));
        Assert.True(partition.Pages.IsEmpty);
    }
}

public sealed class Ia32PartitionTests : PartitionTests<Ia32Format>
{
    [Fact]
    public void An_address_beyond_32_bits_wraps() =>
        Assert.Equal(
            DomainErrorCode.WrapsAround,
            Partition.TryCreate<Ia32Format>(new VirtualAddress(unchecked((nuint)0x1_0000_0000)), 0x1000, PartitionRights.ReadOnly, out _).Code);
}

public sealed class PaePartitionTests : PartitionTests<PaeFormat>;

public sealed class FourLevelPartitionTests : PartitionTests<FourLevelFormat>
{
    [Fact]
    public void Pages_in_or_across_the_non_canonical_middle_are_refused()
    {
        foreach (ulong start in new ulong[] { 0x0000_8000_0000_0000, 0x0000_7FFF_FFFF_F000, 0xFFFF_7FFF_FFFF_F000 })
        {
            DomainError error = Partition.TryCreate<FourLevelFormat>(
                new VirtualAddress(unchecked((nuint)start)), 0x2000, PartitionRights.ReadOnly, out _);
            Assert.Equal((DomainErrorCode.NotCanonical, (nuint)start), (error.Code, error.OffendingValue));
        }
    }
}

internal static class SimulatedTop
{
    public static PageNumber LastPage<TFormat>()
        where TFormat : struct, IPagingFormat => Ringfence.Testing.SimulatedMachine<TFormat>.LastPage;
}
