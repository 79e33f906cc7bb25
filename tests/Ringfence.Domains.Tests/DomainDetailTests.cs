// Identities, limits and answers of domains, partitions and the law at their edges.

using System;
using Ringfence.Paging;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public class DomainDetailTests
{
    private readonly World<FourLevelFormat> _world = new();

    [Fact]
    public void An_identity_never_comes_back_with_another_content()
    {
        Domain domain = _world.NewDomain((0, 1, PartitionRights.ReadWrite));
        DomainIdentity before = domain.Identity;
        _world.Add(ref domain, 4, 1, PartitionRights.ReadWrite);
        DomainIdentity between = domain.Identity;
        Assert.True(domain.Remove(domain[0].Pages, out _).IsNone);
        Assert.NotEqual(before, between);
        Assert.NotEqual(between, domain.Identity);
        Assert.NotEqual(before, domain.Identity);
    }

    [Fact]
    public void A_domain_that_is_created_again_is_empty_and_another_one()
    {
        Domain domain = _world.NewDomain((0, 1, PartitionRights.ReadWrite));
        DomainIdentity before = domain.Identity;
        domain.Create(ref _world.Numbers);
        Assert.Equal(0, domain.PartitionCount);
        Assert.NotEqual(before, domain.Identity);
        Assert.NotEqual(before.Id, domain.Identity.Id);
    }

    [Fact]
    public void A_page_in_no_partition_has_the_index_minus_one_in_a_full_domain_too()
    {
        Domain domain = _world.NewDomain();
        for (nuint offset = 0; offset < 16; offset++)
        {
            _world.Add(ref domain, offset, 1, PartitionRights.ReadOnly);
        }

        for (nuint offset = 0; domain.PartitionCount < DomainCapacity.PartitionCount; offset++)
        {
            Assert.True(Partition.TryCreate<FourLevelFormat>(PageRange.OnePage(_world.Grantable[1].First + new PageCount(offset)), PartitionRights.ReadOnly, out Partition top).IsNone);
            DomainError error = domain.Add(in top, _world.Map);
            Assert.Equal((DomainErrorCode.None, (nuint)0), (error.Code, error.OffendingValue));
        }

        Assert.Equal(-1, domain.IndexOf(new PageNumber(1)));
        Assert.Equal(0, domain.IndexOf(_world.Grantable[0].First));
    }

    [Fact]
    public void What_can_be_added_has_no_value_to_blame()
    {
        Domain domain = _world.NewDomain();
        Assert.True(Partition.TryCreate<FourLevelFormat>(PageRange.OnePage(_world.Grantable[0].First), PartitionRights.ReadOnly, out Partition partition).IsNone);
        DomainError error = domain.CheckAddable(in partition, _world.Map);
        Assert.Equal((DomainErrorCode.None, (nuint)0), (error.Code, error.OffendingValue));
    }

    [Fact]
    public void Partitions_of_whole_pages_are_refused_with_the_reason_and_the_default_one_has_no_page()
    {
        PageRange page = PageRange.OnePage(new PageNumber(5));
        AssertRefused(DomainErrorCode.UndefinedRights, page, (PartitionRights)3);
        AssertRefused(DomainErrorCode.EmptyPartition, PageRange.Empty, PartitionRights.ReadOnly);
        AssertRefused(DomainErrorCode.NotCanonical, PageRange.OnePage(FormatGeometry<FourLevelFormat>.LowerPages.End), PartitionRights.ReadOnly);

        static void AssertRefused(DomainErrorCode code, PageRange pages, PartitionRights rights)
        {
            Assert.Equal(code, Partition.TryCreate<FourLevelFormat>(pages, rights, out Partition partition).Code);
            Assert.True(partition.Pages.IsEmpty);
        }
    }

    [Fact]
    public void The_last_byte_of_all_is_misaligned_and_doesnt_wrap()
    {
        VirtualAddress last = new(nuint.MaxValue);
        Assert.Equal(DomainErrorCode.MisalignedStart, Partition.TryCreate<FourLevelFormat>(last, 1, PartitionRights.ReadOnly, out _).Code);
        Assert.Equal(DomainErrorCode.WrapsAround, Partition.TryCreate<FourLevelFormat>(last, 2, PartitionRights.ReadOnly, out _).Code);
        Assert.Equal(DomainErrorCode.WrapsAround, Partition.TryCreate<PaeFormat>(new VirtualAddress((nuint)1 << 32), 4096, PartitionRights.ReadOnly, out _).Code);
    }

    [Fact]
    public void Partitions_are_equal_when_pages_and_rights_are()
    {
        Partition one = Create(5, 2, PartitionRights.ReadOnly);
        Assert.Equal(one, Create(5, 2, PartitionRights.ReadOnly));
        foreach (Partition other in new[] { Create(5, 2, PartitionRights.ReadWrite), Create(5, 3, PartitionRights.ReadOnly), Create(6, 2, PartitionRights.ReadOnly) })
        {
            Assert.True(one != other);
            Assert.False(one == other);
            Assert.False(one.Equals((object)other));
        }

        Assert.False(one.Equals(null));

        static Partition Create(nuint first, nuint count, PartitionRights rights)
        {
            Assert.True(Partition.TryCreate<PaeFormat>(SimulatedMachine<PaeFormat>.Pages(first, count), rights, out Partition partition).IsNone);
            return partition;
        }
    }

    [Fact]
    public void The_law_says_the_same_up_to_the_end_of_a_region_and_answers_above_the_last_one()
    {
        BaseRegion[] regions =
        [
            new(SimulatedMachine<PaeFormat>.Pages(10, 4), new FrameNumber(0x100), LeafRights.SupervisorRead, GrantObstacleKind.None),
            new(SimulatedMachine<PaeFormat>.Pages(14, 4), new FrameNumber(0x200), LeafRights.SupervisorReadWrite, GrantObstacleKind.None),
        ];
        Assert.True(BaseMapping.TryCreate(regions, out BaseMapping mapping));
        Domain domain = default;
        domain.Create(ref _world.Numbers);
        Assert.True(Partition.TryCreate<PaeFormat>(SimulatedMachine<PaeFormat>.Pages(12, 4), PartitionRights.ReadOnly, out Partition across).IsNone);
        Assert.True(domain.Add(in across, new World<PaeFormat>.RegionMap(regions)).IsNone);
        AssertStretch(9, 10, isMapped: false, mapping);
        AssertStretch(10, 12, isMapped: true, mapping);
        AssertStretch(12, 14, isMapped: true, mapping);
        AssertStretch(14, 16, isMapped: true, mapping);
        AssertStretch(16, 18, isMapped: true, mapping);
        Assert.False(Law.TryGetRights<PaeFormat>(in domain, default, mapping, new PageNumber(18), out _, out PageNumber none));
        Assert.True(none.Value > 1 << 20);
        Assert.Equal(DenialReason.NoRights, Law.Check<PaeFormat>(in domain, default, mapping, new PageNumber(19).Address, 4096, Access.Read).Reason);

        void AssertStretch(nuint page, nuint end, bool isMapped, BaseMapping mapping)
        {
            Assert.Equal(isMapped, Law.TryGetRights<PaeFormat>(in domain, default, mapping, new PageNumber(page), out _, out PageNumber stretchEnd));
            Assert.Equal(end, stretchEnd.Value);
        }
    }
}
