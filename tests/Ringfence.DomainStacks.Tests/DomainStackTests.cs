// The stacks of a domain: kept in order, apart from partitions, and refused where they would overlap.

using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public sealed class DomainStackTests
{
    private readonly World<PaeFormat> _world = new();

    [Fact]
    public void A_domain_has_room_for_the_stacks_of_all_threads_besides_its_partitions()
    {
        Assert.Equal(World<PaeFormat>.StackCount, DomainCapacity.StackCount);
        Domain domain = Full();
        Assert.Equal(DomainCapacity.PartitionCount, domain.PartitionCount);
        Assert.Equal(DomainCapacity.StackCount, domain.StackCount);
        DomainError error = domain.AddStack(new UserStack(SimulatedMachine<PaeFormat>.Pages(5000, 1), 9));
        Assert.Equal((DomainErrorCode.NoFreeSlot, (nuint)DomainCapacity.StackCount), (error.Code, error.OffendingValue));
    }

    [Fact]
    public void Adding_and_removing_agrees_with_a_list_of_stacks() =>
        Gen.Select(Gen.Bool, Gen.UInt[0, 40], Gen.UInt[1, 4], Gen.UInt[1, 2]).Array[0, 60].Sample(operations =>
        {
            Domain domain = _world.NewDomain((0, 3, PartitionRights.ReadWrite));
            List<UserStack> model = [];
            foreach ((bool add, uint first, uint count, uint generation) in operations)
            {
                UserStack stack = new(SimulatedMachine<PaeFormat>.Pages(first, count), generation);
                DomainIdentity before = domain.Identity;
                UserStack over = model.Where(other => other.Pages.Overlaps(stack.Pages)).OrderBy(static other => other.Pages.First.Value).FirstOrDefault();
                DomainErrorCode expected = add
                    ? !over.IsNone ? DomainErrorCode.OverlapsStack : model.Count == DomainCapacity.StackCount ? DomainErrorCode.NoFreeSlot : DomainErrorCode.None
                    : model.Contains(stack) ? DomainErrorCode.None : DomainErrorCode.NoSuchPartition;
                DomainError error = add ? domain.AddStack(in stack) : domain.RemoveStack(in stack);
                if (error.Code != expected || (expected == DomainErrorCode.OverlapsStack && error.OffendingValue != over.Pages.First.Address.Value))
                {
                    return false;
                }

                if (expected == DomainErrorCode.None && add)
                {
                    model.Add(stack);
                }
                else if (expected == DomainErrorCode.None)
                {
                    model.Remove(stack);
                }

                UserStack[] sorted = [.. model.OrderBy(static other => other.Pages.First.Value)];
                if ((expected == DomainErrorCode.None) == (before == domain.Identity)
                    || !sorted.SequenceEqual(Enumerable.Range(0, domain.StackCount).Select(index => domain.Stack(index)))
                    || domain.PartitionCount != 1)
                {
                    return false;
                }
            }

            return true;
        });

    [Fact]
    public void A_partition_and_a_stack_never_share_a_page()
    {
        Domain domain = _world.NewDomain((0, 3, PartitionRights.ReadWrite));
        PageRange taken = domain[0].Pages;
        DomainError error = domain.AddStack(new UserStack(PageRange.OnePage(taken.First + PageCount.One), 1));
        Assert.Equal((DomainErrorCode.OverlapsPartition, taken.First.Address.Value), (error.Code, error.OffendingValue));
        Assert.Equal(DomainErrorCode.EmptyPartition, domain.AddStack(default).Code);

        PageRange pages = SimulatedMachine<PaeFormat>.Pages(taken.First.Value + 5, 2);
        Assert.True(domain.AddStack(new UserStack(pages, 1)).IsNone);
        Assert.True(Partition.TryCreate<PaeFormat>(SimulatedMachine<PaeFormat>.Pages(taken.First.Value + 6, 3), PartitionRights.ReadOnly, out Partition over).IsNone);
        error = domain.Add(in over, _world.Map);
        Assert.Equal((DomainErrorCode.OverlapsStack, pages.First.Address.Value), (error.Code, error.OffendingValue));
        Assert.Equal(1, domain.PartitionCount);
    }

    [Fact]
    public void A_new_life_has_no_stacks_and_another_generation_is_another_stack()
    {
        Domain domain = _world.NewDomain();
        UserStack stack = new(_world.StackPages(0), 4);
        Assert.True(domain.AddStack(in stack).IsNone);
        DomainError error = domain.RemoveStack(new UserStack(_world.StackPages(0), 5));
        Assert.Equal((DomainErrorCode.NoSuchPartition, stack.Pages.First.Address.Value), (error.Code, error.OffendingValue));
        domain.Destroy();
        Assert.Equal(0, domain.StackCount);
        domain.Create(ref _world.Numbers);
        Assert.Equal(0, domain.StackCount);
    }

    [Fact]
    public void The_nearest_partition_is_never_a_stack()
    {
        Domain domain = _world.NewDomain((0, 1, PartitionRights.ReadWrite));
        UserStack stack = new(_world.StackPages(3), 1);
        Assert.True(domain.AddStack(in stack).IsNone);
        Assert.True(NearestPartition.TryFind(in domain, stack.Pages.First.Address, out NearestPartition nearest));
        Assert.Equal((0, PartitionSide.Below), (nearest.Index, nearest.Side));
        Assert.Equal(-1, domain.IndexOf(stack.Pages.First));
    }

    private Domain Full()
    {
        Domain domain = _world.NewDomain();
        for (int slot = 0; slot < DomainCapacity.StackCount; slot++)
        {
            Assert.True(domain.AddStack(new UserStack(_world.StackPages(slot), 1)).IsNone);
        }

        for (nuint offset = 0; offset < 16; offset++)
        {
            _world.Add(ref domain, offset, 1, PartitionRights.ReadOnly);
        }

        for (nuint offset = 0; domain.PartitionCount < DomainCapacity.PartitionCount; offset++)
        {
            Assert.True(Partition.TryCreate<PaeFormat>(PageRange.OnePage(_world.Grantable[1].First + new PageCount(offset)), PartitionRights.ReadOnly, out Partition top).IsNone);
            Assert.True(domain.Add(in top, _world.Map).IsNone);
        }

        return domain;
    }
}
