// Layouts and turns of events that the small world doesn't have: partitions below and between stacks, threads without a stack, lists that are remembered too long.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class StrategySceneTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const nuint FirstPage = 32;
    private const nuint PageCountInAll = 64;
    private readonly SimulatedMachine<TFormat> _machine = new();
    private CommonTableStrategy<TFormat, SimulatedTableMemory> _strategy;
    private DomainNumberSource _numbers;

    protected StrategySceneTests()
    {
        _machine.Map(Pages(0, PageCountInAll), 0x100, LeafRights.SupervisorRead);
        _strategy = new CommonTableStrategy<TFormat, SimulatedTableMemory>(_machine.Space);
    }

    [Fact]
    public void A_partition_between_two_stacks_that_both_domains_have_stays_through_every_kind_of_switch()
    {
        UserStack low = new(Pages(2, 3), 1);
        UserStack high = new(Pages(20, 3), 2);
        Domain first = NewDomain((8, 4));
        Domain second = NewDomain((8, 4), (30, 1));
        for (int limit = 1; limit < 12; limit++)
        {
            Step(in first, in low, limit);
            AssertGranted((2, 3), (8, 4));
            Step(in second, in high, limit);
            AssertGranted((8, 4), (20, 3), (30, 1));
        }

        _machine.Discharge(_strategy.SwitchTo(in first, in low));
        AssertGranted((2, 3), (8, 4));
        _machine.Discharge(_strategy.SwitchTo(in second, in high));
        AssertGranted((8, 4), (20, 3), (30, 1));
    }

    [Theory]
    [InlineData(4, 3, 4, 5, 2)]
    [InlineData(4, 5, 6, 3, 2)]
    [InlineData(4, 5, 5, 2, 3)]
    [InlineData(4, 2, 6, 2, 4)]
    public void Partitions_that_begin_or_end_alike_are_told_apart_also_by_the_short_way_of_a_switch(
        int first, int count, int otherFirst, int otherCount, int differing)
    {
        UserStack low = new(Pages(20, 2), 1);
        UserStack high = new(Pages(24, 2), 2);
        (nuint First, nuint Count) pages = ((nuint)first, (nuint)count);
        (nuint First, nuint Count) otherPages = ((nuint)otherFirst, (nuint)otherCount);
        Domain one = NewDomain(pages, (12, 1));
        Domain other = NewDomain(otherPages, (12, 1));

        // The editors know their tables after the first round, and the switches after it take the short way.
        for (int round = 0; round < 3; round++)
        {
            int there = SwitchAndCount(in one, in low);
            AssertGranted(pages, (12, 1), (20, 2));
            int back = SwitchAndCount(in other, in high);
            AssertGranted(otherPages, (12, 1), (24, 2));

            // Both stacks change as well.
            Assert.Equal(differing + 4, back);
            Assert.True(round == 0 || there == back);
        }
    }

    [Fact]
    public void Partitions_below_and_above_the_stacks_come_and_go_in_steps()
    {
        UserStack one = new(Pages(20, 3), 1);
        UserStack other = new(Pages(24, 2), 2);
        Domain first = NewDomain((1, 2), (40, 2));
        Domain second = NewDomain((4, 3), (44, 1));
        for (int limit = 1; limit < 16; limit++)
        {
            Step(in first, in one, limit);
            AssertGranted((1, 2), (20, 3), (40, 2));
            Step(in second, in other, limit);
            AssertGranted((4, 3), (24, 2), (44, 1));
        }
    }

    [Fact]
    public void A_thread_without_a_stack_is_switched_to_and_from()
    {
        UserStack stack = new(Pages(20, 3), 1);
        Domain domain = NewDomain((1, 2));
        _machine.Discharge(_strategy.SwitchTo(in domain, in stack));
        _machine.Discharge(_strategy.SwitchTo(in domain, default));
        Assert.False(_strategy.IsSwitchUnderWay);
        Assert.True(_strategy.IsCurrent(in domain, default));
        AssertGranted((1, 2));
        _machine.Discharge(_strategy.SwitchTo(in domain, in stack));
        _machine.Discharge(_strategy.OnThreadExited(in stack));
        Assert.False(_strategy.IsSwitchUnderWay);
        Assert.True(_strategy.SwitchTo(in domain, default, 1).IsComplete);
    }

    [Fact]
    public void A_list_that_was_emptied_is_remembered_as_nobodys()
    {
        UserStack stack = new(Pages(20, 3), 1);
        Domain first = NewDomain((1, 2));
        Domain second = NewDomain((4, 3));
        Domain third = NewDomain((8, 1));
        _machine.Discharge(_strategy.SwitchTo(in second, in stack));
        _machine.Discharge(_strategy.SwitchTo(in first, in stack));
        _machine.Discharge(_strategy.OnDomainDestroyed(in first));
        AssertGranted((20, 3));
        Assert.Equal(default, _strategy.AppliedDomain);
        _machine.Discharge(_strategy.SwitchTo(in third, in stack));
        _machine.Discharge(_strategy.SwitchTo(in second, in stack));
        AssertGranted((4, 3), (20, 3));
    }

    [Fact]
    public void A_list_that_was_longer_before_ends_where_it_ends_now()
    {
        UserStack stack = new(Pages(20, 3), 1);
        Domain longer = NewDomain((0, 1), (4, 2), (8, 2));
        Domain between = NewDomain((30, 1));
        Domain shorter = NewDomain((2, 1));
        Domain next = NewDomain((4, 2), (8, 2));
        for (int limit = 1; limit < 9; limit++)
        {
            // Each list in turn has held the long one before it holds the short one.
            Step(in longer, in stack, limit);
            Step(in between, in stack, limit);
            Step(in shorter, in stack, limit);
            AssertGranted((2, 1), (20, 3));
            Step(in next, in stack, limit);
            AssertGranted((4, 2), (8, 2), (20, 3));

            Step(in longer, in stack, limit);
            Step(in next, in stack, limit);
            Step(in shorter, in stack, limit);
            AssertGranted((2, 1), (20, 3));
        }
    }

    [Fact]
    public void A_domain_without_partitions_grants_nothing_that_its_list_held_before()
    {
        UserStack stack = new(Pages(20, 3), 1);
        Domain first = NewDomain((1, 2));
        Domain second = NewDomain((4, 3));
        Domain empty = NewDomain();
        for (int round = 0; round < 3; round++)
        {
            _machine.Discharge(_strategy.SwitchTo(in first, in stack));
            _machine.Discharge(_strategy.SwitchTo(in second, in stack));
            _machine.Discharge(_strategy.SwitchTo(in empty, in stack));
            AssertGranted((20, 3));
        }
    }

    [Fact]
    public void A_step_for_the_thread_that_is_current_doesnt_go_on_towards_an_earlier_one()
    {
        UserStack one = new(Pages(20, 3), 1);
        UserStack other = new(Pages(30, 3), 2);
        Domain first = NewDomain((1, 2));
        Domain second = NewDomain((4, 3));
        Step(in first, in one, 4);
        _machine.Discharge(_strategy.SwitchTo(in second, in other));
        SwitchStep step = _strategy.SwitchTo(in second, in other, 64);
        Assert.True(step.IsComplete);
        Assert.True(step.Flush.IsNone);
        AssertGranted((4, 3), (30, 3));
    }

    [Fact]
    public void Notices_about_the_first_domain_of_all_are_acted_on_and_those_about_no_domain_or_no_stack_are_not()
    {
        UserStack stack = new(Pages(20, 3), 1);
        Domain first = NewDomain((1, 2));
        Assert.Equal(1u, first.Identity.Id);
        Domain destroyed = NewDomain((40, 1));
        destroyed.Destroy();
        _machine.Discharge(_strategy.OnPartitionAdded(in destroyed));
        _machine.Discharge(_strategy.OnDomainDestroyed(in destroyed));
        _machine.Discharge(_strategy.OnThreadMoved(in first, default));
        _machine.Discharge(_strategy.OnStackFreed(default));
        Assert.Equal(default, _strategy.AppliedDomain);
        AssertGranted();

        _machine.Discharge(_strategy.SwitchTo(in first, in stack));
        Add(ref first, 10, 2);
        _machine.Discharge(_strategy.OnPartitionAdded(in first));
        AssertGranted((1, 2), (10, 2), (20, 3));
        _machine.Discharge(_strategy.OnDomainDestroyed(in first));
        AssertGranted((20, 3));
    }

    [Fact]
    public void A_stack_with_the_same_generation_elsewhere_or_of_another_size_is_another_one()
    {
        Domain domain = NewDomain();
        UserStack stack = new(Pages(20, 3), 1);
        _machine.Discharge(_strategy.SwitchTo(in domain, in stack));
        Assert.True(_strategy.IsCurrent(in domain, in stack));
        Assert.False(_strategy.IsCurrent(in domain, new UserStack(Pages(21, 2), 1)));
        Assert.False(_strategy.IsCurrent(in domain, new UserStack(Pages(20, 2), 1)));
        Assert.False(_strategy.IsCurrent(in domain, new UserStack(Pages(20, 3), 2)));
    }

    [Fact]
    public void No_step_writes_more_entries_than_its_limit_and_a_limit_as_large_as_all_pages_is_enough_for_one()
    {
        UserStack one = new(Pages(20, 3), 1);
        UserStack other = new(Pages(50, 4), 2);
        Domain first = NewDomain((1, 2), (8, 3), (40, 2));
        Domain second = NewDomain((4, 3), (10, 4), (44, 1));
        for (int limit = 1; limit <= 24; limit++)
        {
            _machine.Discharge(_strategy.SwitchTo(in first, in one));
            int steps = 0;
            bool isComplete = false;
            while (!isComplete)
            {
                _machine.ResetCounters();
                SwitchStep step = _strategy.SwitchTo(in second, in other, limit);
                _machine.Discharge(step.Flush);
                Assert.InRange(_machine.EntriesWritten, 0, limit);
                isComplete = step.IsComplete;
                Assert.True(++steps < 30);
            }

            AssertGranted((4, 3), (10, 4), (44, 1), (50, 4));
            Assert.True(limit < 3 + 4 + 15 || steps == 1);
            Assert.True(limit > 1 || steps >= 20);
        }
    }

    private static PageRange Pages(nuint offset, nuint count) => SimulatedMachine<TFormat>.Pages(FirstPage + offset, count);

    private Domain NewDomain(params (nuint Offset, nuint Count)[] partitions)
    {
        Domain domain = default;
        domain.Create(ref _numbers);
        foreach ((nuint offset, nuint count) in partitions)
        {
            Add(ref domain, offset, count);
        }

        return domain;
    }

    private static void Add(ref Domain domain, nuint offset, nuint count)
    {
        Assert.True(Partition.TryCreate<TFormat>(Pages(offset, count), PartitionRights.ReadWrite, out Partition partition).IsNone);
        Assert.True(domain.Add(in partition, default(Everything)).IsNone);
    }

    /// <summary>A whole switch; how many entries it wrote.</summary>
    private int SwitchAndCount(in Domain domain, in UserStack stack)
    {
        _machine.ResetCounters();
        _machine.Discharge(_strategy.SwitchTo(in domain, in stack));
        return _machine.EntriesWritten;
    }

    private void Step(in Domain domain, in UserStack stack, int limit)
    {
        bool isComplete = false;
        while (!isComplete)
        {
            SwitchStep step = _strategy.SwitchTo(in domain, in stack, limit);
            _machine.Discharge(step.Flush);
            isComplete = step.IsComplete;
        }
    }

    /// <summary>These pages, and no others, can be written by user mode.</summary>
    private void AssertGranted(params (nuint Offset, nuint Count)[] stretches)
    {
        HashSet<nuint> granted = [];
        foreach ((nuint offset, nuint count) in stretches)
        {
            for (nuint page = offset; page < offset + count; page++)
            {
                granted.Add(page);
            }
        }

        for (nuint page = 0; page < PageCountInAll; page++)
        {
            MemoryAccess write = new(Pages(page, 1).First.Address.Value, AccessKind.Write, IsUser: true);
            Assert.Equal(granted.Contains(page), _machine.Cpu.MaySucceed(write));
            Assert.Equal(granted.Contains(page), _machine.Cpu.MustSucceedWithRetry(write));
        }
    }

    private readonly struct Everything : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages) => GrantObstacle.None;
    }
}

public sealed class Ia32StrategySceneTests : StrategySceneTests<Ia32Format>;

public sealed class PaeStrategySceneTests : StrategySceneTests<PaeFormat>;

public sealed class FourLevelStrategySceneTests : StrategySceneTests<FourLevelFormat>;
