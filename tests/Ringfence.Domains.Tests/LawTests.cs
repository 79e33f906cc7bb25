// The law at its edges: nothing asked for, the last byte there is, sums that wrap, and ranges of which only a part is allowed.

using CsCheck;
using Ringfence.Paging;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class LawTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private readonly World<TFormat> _world = new();

    [Fact]
    public void No_bytes_are_allowed_at_every_address_that_exists()
    {
        Domain none = default;
        Assert.True(Check(in none, 0, 0, Access.Write).IsAllowed);
        Assert.True(Check(in none, _world.Regions[0].Pages.First.Address.Value + 5, 0, Access.Write).IsAllowed);
        Assert.True(Check(in none, LastByte, 0, Access.Execute).IsAllowed);
    }

    [Fact]
    public void The_last_byte_of_the_last_page_can_be_reached_and_one_byte_more_wraps()
    {
        Domain domain = WithLastPage();
        Assert.True(Check(in domain, LastByte, 1, Access.Write).IsAllowed);
        Assert.True(Check(in domain, LastByte - 4095, 4096, Access.Write).IsAllowed);
        Denied(Check(in domain, LastByte, 2, Access.Write), DenialReason.WrapsAround, LastByte);
        Denied(Check(in domain, LastByte - 4095, 4097, Access.Write), DenialReason.WrapsAround, LastByte - 4095);
        Denied(Check(in domain, LastByte - 4095, nuint.MaxValue, Access.Read), DenialReason.WrapsAround, LastByte - 4095);
        Denied(Check(in domain, LastByte - 4096, 2, Access.Read), DenialReason.NoRights, LastByte - 4096);
    }

    [Fact]
    public void A_range_that_leaves_a_partition_is_denied_at_the_first_byte_outside()
    {
        Domain domain = _world.NewDomain((4, 2, PartitionRights.ReadWrite), (6, 1, PartitionRights.ReadOnly));
        nuint start = (_world.Grantable[0].First.Value + 4) << PageSize.Shift;
        Assert.True(Check(in domain, start, 0x2000, Access.Write).IsAllowed);
        Assert.True(Check(in domain, start, 0x3000, Access.Read).IsAllowed);
        Denied(Check(in domain, start, 0x2001, Access.Write), DenialReason.NotWritable, start + 0x2000);
        Denied(Check(in domain, start, 0x3001, Access.Read), DenialReason.NoRights, start + 0x3000);
        Denied(Check(in domain, start - 1, 2, Access.Read), DenialReason.NoRights, start - 1);
        DenialReason execution = FormatGeometry<TFormat>.HasExecuteDisable ? DenialReason.NotExecutable : DenialReason.None;
        Assert.Equal(execution, Check(in domain, start + 1, 1, Access.Execute).Reason);
    }

    [Fact]
    public void What_user_mode_has_anyway_needs_no_domain_and_is_not_widened_by_one()
    {
        Domain none = default;
        nuint text = _world.Regions[2].Pages.First.Address.Value;
        Assert.True(Check(in none, text, 0x2000, Access.Execute).IsAllowed);
        Assert.True(Check(in none, text, 0x3000, Access.Read).IsAllowed);
        Denied(Check(in none, text, 1, Access.Write), DenialReason.NotWritable, text);
        Denied(Check(in none, text, 0x3001, Access.Read), DenialReason.NoRights, text + 0x3000);
    }

    [Fact]
    public void A_stack_is_its_own_threads_only()
    {
        Domain none = default;
        UserStack own = new(_world.StackPages(1), 1);
        nuint start = own.Pages.First.Address.Value;
        Assert.True(Law.Check<TFormat>(in none, in own, _world.BaseMapping, new VirtualAddress(start), 0x2000, Access.Write).IsAllowed);
        Assert.False(Law.Check<TFormat>(in none, in own, _world.BaseMapping, new VirtualAddress(start), 0x2001, Access.Read).IsAllowed);
        Assert.False(Law.Check<TFormat>(in none, in own, _world.BaseMapping, new VirtualAddress(start - 1), 1, Access.Read).IsAllowed);
        UserStack other = new(_world.StackPages(2), 1);
        Assert.False(Law.Check<TFormat>(in none, in other, _world.BaseMapping, new VirtualAddress(start), 1, Access.Read).IsAllowed);
    }

    [Fact]
    public void A_range_is_allowed_exactly_when_each_of_its_pages_is_and_the_first_denied_byte_is_named() =>
        Gen.Select(
            Gen.Select(Gen.UInt[0, 15], Gen.UInt[1, 4], Gen.Int[0, 2]).Array[0, 6], Gen.Int[-1, 5],
            Gen.UInt[0, 43 * 4096], Gen.UInt[1, 4 * 4096], Gen.Int[0, 2]).Sample((partitions, stackSlot, offset, byteCount, kind) =>
        {
            Domain domain = _world.NewDomain();
            foreach ((uint first, uint count, int rights) in partitions)
            {
                PageRange pages = SimulatedMachine<TFormat>.Pages(_world.Grantable[0].First.Value + first, count).Intersect(_world.Grantable[0]);
                _ = Partition.TryCreate<TFormat>(pages, (PartitionRights)rights, out Partition partition);
                _ = domain.Add(in partition, _world.Map);
            }

            UserStack stack = stackSlot < 0 ? default : new UserStack(_world.StackPages(stackSlot), 1);
            nuint address = _world.Windows[0].First.Address.Value + offset;
            LawVerdict verdict = Law.Check<TFormat>(in domain, in stack, _world.BaseMapping, new VirtualAddress(address), byteCount, (Access)kind);
            for (nuint at = address; at < address + byteCount; at = (at | PageSize.OffsetMask) + 1)
            {
                if (!_world.IsLawful(in domain, in stack, new VirtualAddress(at).Page, (Access)kind))
                {
                    return !verdict.IsAllowed && verdict.DeniedAddress.Value == at;
                }
            }

            return verdict.IsAllowed;
        }, iter: 3000, threads: 1);

    [Fact]
    public void A_base_mapping_out_of_order_or_overlapping_is_refused()
    {
        BaseRegion low = new(SimulatedMachine<TFormat>.Pages(4, 2), default, LeafRights.SupervisorRead);
        BaseRegion high = new(SimulatedMachine<TFormat>.Pages(6, 2), default, LeafRights.SupervisorRead);
        BaseRegion across = new(SimulatedMachine<TFormat>.Pages(5, 2), default, LeafRights.SupervisorRead);
        Assert.True(BaseMapping.TryCreate([low, high], out _));
        Assert.False(BaseMapping.TryCreate([high, low], out _));
        Assert.False(BaseMapping.TryCreate([low, across], out _));
        Assert.False(BaseMapping.TryCreate([low, default], out _));
    }

    [Fact]
    public void Only_grantable_memory_passes_and_the_first_obstacle_is_named()
    {
        nuint grantable = _world.Grantable[0].First.Value;
        Obstacle(grantable, 16, GrantObstacleKind.None, 0);
        Obstacle(grantable - 1, 2, GrantObstacleKind.Stack, grantable - 1);
        Obstacle(grantable + 15, 2, GrantObstacleKind.PageTable, grantable + 16);
        Obstacle(_world.Regions[4].Pages.First.Value, 2, GrantObstacleKind.Guard, _world.Regions[4].Pages.First.Value);
        Obstacle(_world.Regions[3].Pages.First.Value, 1, GrantObstacleKind.NotGrantable, _world.Regions[3].Pages.First.Value);
        Obstacle(_world.Regions[0].Pages.First.Value - 1, 1, GrantObstacleKind.NotMapped, _world.Regions[0].Pages.First.Value - 1);
        Obstacle(_world.Grantable[1].First.Value, 6, GrantObstacleKind.None, 0);

        void Obstacle(nuint first, nuint count, GrantObstacleKind kind, nuint page)
        {
            GrantObstacle obstacle = _world.BaseMapping.FindObstacle(SimulatedMachine<TFormat>.Pages(first, count));
            Assert.Equal((kind, page), (obstacle.Kind, obstacle.Page.Value));
        }
    }

    private static nuint LastByte => (SimulatedMachine<TFormat>.LastPage.Value << PageSize.Shift) | PageSize.OffsetMask;

    private Domain WithLastPage()
    {
        Domain domain = _world.NewDomain();
        Assert.True(Partition.TryCreate<TFormat>(
            PageRange.OnePage(SimulatedMachine<TFormat>.LastPage), PartitionRights.ReadWrite, out Partition partition).IsNone);
        Assert.True(domain.Add(in partition, _world.Map).IsNone);
        return domain;
    }

    private LawVerdict Check(in Domain domain, nuint address, nuint byteCount, Access access) =>
        Law.Check<TFormat>(in domain, default, _world.BaseMapping, new VirtualAddress(address), byteCount, access);

    private static void Denied(LawVerdict verdict, DenialReason reason, nuint address) =>
        Assert.Equal((reason, address), (verdict.Reason, verdict.DeniedAddress.Value));
}

public sealed class Ia32LawTests : LawTests<Ia32Format>;

public sealed class PaeLawTests : LawTests<PaeFormat>;

public sealed class FourLevelLawTests : LawTests<FourLevelFormat>
{
    [Fact]
    public void Addresses_in_the_non_canonical_middle_are_denied_as_such()
    {
        Domain none = default;
        World<FourLevelFormat> world = new();
        foreach (ulong address in new ulong[] { 0x0000_8000_0000_0000, 0xFFFF_7FFF_FFFF_FFFF })
        {
            LawVerdict verdict = Law.Check<FourLevelFormat>(
                in none, default, world.BaseMapping, new VirtualAddress(unchecked((nuint)address)), 1, Access.Read);
            Assert.Equal(DenialReason.NonCanonical, verdict.Reason);
            Assert.Equal(
                DenialReason.NonCanonical,
                Law.Check<FourLevelFormat>(in none, default, world.BaseMapping, new VirtualAddress(unchecked((nuint)address)), 0, Access.Read).Reason);
        }
    }
}
