// Two domains that take turns: what is known of their difference does what comparing them does, there and back, and is forgotten before it could be wrong.

using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class KnownDifferenceTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private readonly World<TFormat> _world = new();
    private readonly UserStack _stackA;
    private readonly UserStack _stackB;
    private readonly UserStack _stackC;
    private readonly Dictionary<UserStack, StackPlace> _places = [];
    private Domain _first;
    private Domain _second;

    protected KnownDifferenceTests()
    {
        _stackA = new UserStack(_world.StackPages(0), 1);
        _stackB = new UserStack(_world.StackPages(1), 2);
        _stackC = new UserStack(_world.StackPages(2), 3);

        // On both sides of the border of two leaf tables; shared, widened, narrowed, and code that becomes data.
        _first = _world.NewDomain(
            (0, 2, PartitionRights.ReadWrite), (3, 1, PartitionRights.ReadOnly), (4, 1, PartitionRights.ReadExecute), (6, 2, PartitionRights.ReadWrite), (12, 1, PartitionRights.ReadExecute));
        _second = _world.NewDomain(
            (1, 1, PartitionRights.ReadWrite), (3, 1, PartitionRights.ReadWrite), (4, 1, PartitionRights.ReadWrite), (8, 1, PartitionRights.ReadWrite), (13, 2, PartitionRights.ReadOnly));
    }

    [Fact]
    public void Two_domains_are_known_when_they_have_taken_turns_and_three_in_a_ring_never()
    {
        To(in _first, in _stackA);
        To(in _second, in _stackB);
        To(in _first, in _stackA);
        Assert.False(_world.Strategy.KnowsDifference);
        To(in _second, in _stackB);
        Assert.True(_world.Strategy.KnowsDifference);

        Domain third = _world.NewDomain((2, 9, PartitionRights.ReadWrite));
        for (int round = 0; round < 4; round++)
        {
            To(in third, in _stackC);
            Assert.False(_world.Strategy.KnowsDifference);
            To(in _first, in _stackA);
            To(in _second, in _stackB);
        }
    }

    [Fact]
    public void A_switch_that_is_known_writes_and_flushes_what_a_compared_one_does()
    {
        int knownCount = 0;
        Gen.Select(Gen.Int[0, 15], Gen.Int[1, 4], Gen.Int[0, 2]).Array[0, 7].Array[2].Sample(
            contents =>
            {
                World<TFormat> world = new();
                Domain[] domains = [.. contents.Select(content => DomainOf(world, content))];
                UserStack[] stacks = [new(world.StackPages(0), 1), new(world.StackPages(3), 1)];
                List<(int Writes, int Flushed)> costs = [];
                for (int turn = 0; turn < 8; turn++)
                {
                    int side = turn & 1;
                    int flushedBefore = world.Machine.Cpu.FlushPageCount;
                    world.Machine.ResetCounters();
                    world.Discharge(world.Strategy.SwitchTo(in domains[side], in stacks[side]));
                    costs.Add((world.Machine.EntriesWritten, world.Machine.Cpu.FlushPageCount - flushedBefore));
                    if (world.Judge(in domains[side], in stacks[side]) is { } wrong)
                    {
                        throw new InvalidOperationException($"turn {turn}: {wrong}");
                    }
                }

                // Turns 1 and 2 are compared; from 3 on they are known, if there is room.
                knownCount += world.Strategy.KnowsDifference ? 1 : 0;
                return Enumerable.Range(3, 5).All(turn => costs[turn] == costs[turn - 2]);
            },
            iter: 150,
            threads: 1);
        Assert.InRange(knownCount, 50, int.MaxValue);
    }

    [Fact]
    public void A_partition_that_went_and_came_again_with_other_rights_is_what_it_is_now()
    {
        TakeTurns();
        PageRange pages = _first[2].Pages;
        foreach (PartitionRights rights in new[] { PartitionRights.ReadOnly, PartitionRights.ReadExecute, PartitionRights.ReadWrite })
        {
            // While the other domain runs, then while it runs itself.
            To(in _second, in _stackB);
            Replace(pages, rights);
            To(in _first, in _stackA);
            Replace(pages, rights == PartitionRights.ReadOnly ? PartitionRights.ReadWrite : PartitionRights.ReadOnly);
            Judge(in _first, in _stackA);
            TakeTurns();
        }
    }

    [Fact]
    public void A_domain_that_ended_leaves_nothing_known_to_its_successor()
    {
        TakeTurns();
        To(in _first, in _stackA);
        _world.Discharge(_world.Strategy.OnDomainDestroyed(in _second));
        _second.Destroy();
        _second.Create(ref _world.Numbers);
        _world.Add(ref _second, 9, 1, PartitionRights.ReadOnly);
        TakeTurns();
        To(in _second, in _stackB);
        _world.Discharge(_world.Strategy.RevokeAll());
        Judge(default, default);
        TakeTurns();
    }

    [Fact]
    public void A_change_of_the_base_mapping_forgets_what_is_known()
    {
        TakeTurns();

        // Below all pages that are judged, in a leaf table that is there.
        PageRange unused = SimulatedMachine<TFormat>.Pages(_world.Windows[0].First.Value - 4, 1);
        TableAccount account = TableAccount.Unlimited;
        EditResult mapped = _world.Strategy.MapBase(ref _world.Machine.Pool, ref account, unused, new FrameNumber(0x77), LeafRights.SupervisorRead, []);
        Assert.False(_world.Strategy.KnowsDifference);
        _world.Machine.Done(mapped);
        TakeTurns();
        EditResult unmapped = _world.Strategy.UnmapBase(unused, []);
        Assert.False(_world.Strategy.KnowsDifference);
        _world.Machine.Done(unmapped);
        TakeTurns();
    }

    [Fact]
    public void A_switch_left_half_way_is_finished_without_what_was_known()
    {
        int steps = 0;
        bool isHalfWay;
        do
        {
            steps++;
            isHalfWay = Leave(steps);
            To(in _first, in _stackC);
            To(in _second, in _stackB);
            _ = Leave(steps);
            To(in _second, in _stackA);
            To(in _first, in _stackB);
        }
        while (isHalfWay);

        Assert.InRange(steps, 8, 30);
    }

    private bool Leave(int steps)
    {
        TakeTurns();
        for (int step = 0; step < steps; step++)
        {
            _world.Discharge(_world.Strategy.SwitchTo(in _first, in _stackC, 1).Flush);
        }

        return _world.Strategy.IsSwitchUnderWay;
    }

    [Fact]
    public void No_step_writes_more_entries_than_it_may_when_all_of_them_are_known()
    {
        TakeTurns();
        _world.Machine.ResetCounters();
        _world.Discharge(_world.Strategy.SwitchTo(in _first, in _stackA));
        int all = _world.Machine.EntriesWritten;
        To(in _second, in _stackB);
        Assert.True(_world.Strategy.KnowsDifference);
        _world.Machine.ResetCounters();
        SwitchStep step = _world.Strategy.SwitchTo(in _first, in _stackA, all - 1);
        Assert.Equal((false, all - 1), (step.IsComplete, _world.Machine.EntriesWritten));
        _world.Discharge(step.Flush);
        TakeTurns();
        To(in _first, in _stackA);
        To(in _second, in _stackB);
        _world.Machine.ResetCounters();
        step = _world.Strategy.SwitchTo(in _first, in _stackA, all);
        Assert.Equal((true, all), (step.IsComplete, _world.Machine.EntriesWritten));
        _world.Discharge(step.Flush);
        Judge(in _first, in _stackA);
    }

    [Fact]
    public void Domains_that_differ_in_more_ways_than_there_is_room_for_are_compared_each_time()
    {
        PartitionRights[] rights = [PartitionRights.ReadOnly, PartitionRights.ReadWrite, PartitionRights.ReadExecute];
        _first = _world.NewDomain();
        _second = _world.NewDomain();

        // Every pair of rights, and those that only one of them has, on both sides of the border of two tables.
        for (int page = 1; page < 16; page++)
        {
            if (page / 4 != 0)
            {
                _world.Add(ref _first, (nuint)page, 1, rights[(page / 4) - 1]);
            }

            if (page % 4 != 0)
            {
                _world.Add(ref _second, (nuint)page, 1, rights[(page % 4) - 1]);
            }
        }

        for (int turn = 0; turn < 3; turn++)
        {
            To(in _first, in _stackA);
            To(in _second, in _stackB);
        }

        // Where execution can't be withheld there are fewer ways.
        Assert.Equal(!FormatGeometry<TFormat>.HasExecuteDisable, _world.Strategy.KnowsDifference);
    }

    [Fact]
    public void A_stack_of_another_length_or_elsewhere_is_granted_and_taken_back_as_any_other()
    {
        nuint grantable = _world.Grantable[0].First.Value;
        UserStack[] stacks =
        [
            _stackA,
            new(SimulatedMachine<TFormat>.Pages(_world.FirstStackPage + 4, 1), 4),
            _stackB,
            new(SimulatedMachine<TFormat>.Pages(_world.FirstStackPage + 3, 2), 5),
            new(SimulatedMachine<TFormat>.Pages(grantable + 10, 2), 6),
            new(_stackB.Pages, 7),
            new(SimulatedMachine<TFormat>.Pages(_world.Grantable[1].First.Value, 2), 8),
            _stackC,

            // Where what is to be added to an entry is less.
            new(SimulatedMachine<TFormat>.Pages(_world.FirstStackPage - 8, 2), 10),
            _stackA,

            // Across the border of two leaf tables.
            new(SimulatedMachine<TFormat>.Pages(grantable + 4, 2), 9),
            _stackA,
            default,
        ];
        Domain empty = _world.NewDomain();
        Domain other = _world.NewDomain((12, 2, PartitionRights.ReadWrite));
        for (int from = 0; from < stacks.Length; from++)
        {
            for (int to = 0; to < stacks.Length; to++)
            {
                To(in empty, in stacks[from]);
                To(in empty, in stacks[to]);
                To(in other, in stacks[from]);
                To(in empty, in stacks[to]);
                To(in other, in stacks[to]);
            }
        }
    }

    [Fact]
    public void Pages_that_two_stacks_have_both_are_left_alone()
    {
        Domain empty = _world.NewDomain();
        foreach (nuint first in new nuint[] { 1, 3 })
        {
            To(in empty, in _stackA);
            To(in empty, in _stackB);
            _world.Machine.ResetCounters();
            To(in empty, new UserStack(SimulatedMachine<TFormat>.Pages(_world.FirstStackPage + first, 2), 4));
            Assert.Equal(2, _world.Machine.EntriesWritten);
        }
    }

    [Fact]
    public void What_is_known_of_a_domain_and_none_is_forgotten_when_all_is_revoked()
    {
        Domain none = default;
        for (int turn = 0; turn < 3; turn++)
        {
            To(in _first, in _stackA);
            To(in none, in _stackB);
        }

        Assert.True(_world.Strategy.KnowsDifference);
        _world.Discharge(_world.Strategy.RevokeAll());
        Assert.False(_world.Strategy.KnowsDifference);
        Judge(default, default);
    }

    [Fact]
    public void A_stack_page_that_was_a_partition_of_the_domain_before_is_the_stacks_alone()
    {
        UserStack stack = new(SimulatedMachine<TFormat>.Pages(_world.Grantable[0].First.Value + 6, 2), 4);
        TakeTurns();
        To(in _first, in _stackA);
        To(in _second, in stack);
        To(in _first, in _stackA);
        To(in _second, in stack);
    }

    [Fact]
    public void Stacks_whose_entries_are_known_are_exchanged_as_others_are()
    {
        foreach (nuint count in new nuint[] { 1, 2, 6 })
        {
            World<TFormat> world = new();
            Domain[] domains = [world.NewDomain((0, 2, PartitionRights.ReadWrite), (4, 1, PartitionRights.ReadOnly)), world.NewDomain((1, 4, PartitionRights.ReadWrite))];
            StackPlace[] places = [Place(world.FirstStackPage, count, 1), Place(world.FirstStackPage + 6, count, 2)];
            int known = 0;
            for (int turn = 0; turn < 24; turn++)
            {
                // Every pair of domains, one after the other, with the stacks in turn.
                ref Domain domain = ref domains[(turn >> ((turn / 8) & 1)) & 1];
                ref StackPlace place = ref places[turn & 1];
                known += place.Entry != 0 ? 1 : 0;
                world.Machine.ResetCounters();
                SwitchPlaced(world, in domain, ref place);
                Assert.Null(world.Judge(in domain, place.Stack));
                Assert.True(world.Strategy.IsCurrent(in domain, place.Stack));
            }

            Assert.InRange(known, 20, 24);
        }
    }

    [Fact]
    public void Within_a_domain_two_known_stacks_take_two_stores_and_one_flush()
    {
        StackPlace one = Place(_world.FirstStackPage, 1, 1);
        StackPlace other = Place(_world.FirstStackPage + 4, 1, 2);
        for (int turn = 0; turn < 2; turn++)
        {
            SwitchPlaced(_world, in _first, ref one);
            SwitchPlaced(_world, in _first, ref other);
        }

        Assert.NotEqual((nuint)0, one.Entry);
        Assert.NotEqual(one.Entry, other.Entry);
        _world.Machine.ResetCounters();
        int flushedBefore = _world.Machine.Cpu.FlushPageCount;
        SwitchPlaced(_world, in _first, ref one);
        Assert.Equal((2, 1), (_world.Machine.StoreCount, _world.Machine.Cpu.FlushPageCount - flushedBefore));
        Judge(in _first, one.Stack);

        // The same thread again, and its stack in another life.
        _world.Machine.ResetCounters();
        SwitchPlaced(_world, in _first, ref one);
        StackPlace reborn = new(new UserStack(one.Stack.Pages, 9));
        SwitchPlaced(_world, in _first, ref reborn);
        Assert.Equal(0, _world.Machine.StoreCount);
        Assert.True(_world.Strategy.IsCurrent(in _first, reborn.Stack));
        SwitchPlaced(_world, in _second, ref one);
        Judge(in _second, one.Stack);
    }

    [Fact]
    public void A_stack_is_known_only_where_it_is_as_long_as_the_first_and_the_supervisor_alone_reads_its_base()
    {
        StackPlace first = Place(_world.FirstStackPage, 1, 1);
        StackPlace longer = Place(_world.FirstStackPage + 2, 2, 2);
        StackPlace written = Place(_world.FirstStackPage - 8, 1, 3);
        StackPlace split = Place(_world.Grantable[0].First.Value + 4, 2, 4);
        StackPlace before = Place(_world.FirstStackPage + 4, 1, 5);
        SwitchPlaced(_world, default, ref before);
        for (int turn = 0; turn < 3; turn++)
        {
            SwitchPlaced(_world, default, ref first);
            SwitchPlaced(_world, default, ref longer);
            Judge(default, longer.Stack);
            SwitchPlaced(_world, default, ref first);
            SwitchPlaced(_world, default, ref written);
            Judge(default, written.Stack);
            SwitchPlaced(_world, default, ref split);
            Judge(default, split.Stack);
        }

        Assert.NotEqual((nuint)0, first.Entry);
        Assert.Equal((0, 0, 0), ((int)longer.Entry, (int)written.Entry, (int)split.Entry));
    }

    [Fact]
    public void What_happens_to_the_thread_that_runs_leaves_nothing_known_that_is_not_so()
    {
        StackPlace one = Place(_world.FirstStackPage, 1, 1);
        StackPlace other = Place(_world.FirstStackPage + 4, 1, 2);
        StackPlace third = Place(_world.FirstStackPage + 7, 1, 3);
        for (int turn = 0; turn < 4; turn++)
        {
            SwitchPlaced(_world, in _second, ref third);
            SwitchPlaced(_world, in _first, ref one);
            SwitchPlaced(_world, in _second, ref other);
            Assert.DoesNotContain((nuint)0, new[] { one.Entry, other.Entry });

            // It loses its stack, gets a partition more, moves, and is left half way: each time the next switch is to the other one.
            _world.Discharge(_world.Strategy.OnStackFreed(other.Stack));
            Judge(in _second, default);
            SwitchPlaced(_world, in _second, ref one);
            Judge(in _second, one.Stack);
            Replace(_first[2].Pages, turn % 2 == 0 ? PartitionRights.ReadOnly : PartitionRights.ReadWrite);
            SwitchPlaced(_world, in _first, ref other);
            Judge(in _first, other.Stack);
            Replace(_first[2].Pages, turn % 2 == 0 ? PartitionRights.ReadWrite : PartitionRights.ReadOnly);
            Judge(in _first, other.Stack);
            SwitchPlaced(_world, in _first, ref one);
            Judge(in _first, one.Stack);
            _world.Discharge(_world.Strategy.OnThreadMoved(in _second, one.Stack));
            Judge(in _second, one.Stack);
            SwitchPlaced(_world, in _second, ref other);
            Judge(in _second, other.Stack);
            _world.Discharge(_world.Strategy.SwitchTo(in _first, one.Stack, 1 + turn).Flush);
            Assert.True(_world.Strategy.IsSwitchUnderWay);
            SwitchPlaced(_world, in _second, ref third);
            Judge(in _second, third.Stack);
            SwitchPlaced(_world, in _first, ref other);
            Judge(in _first, other.Stack);
        }
    }

    [Fact]
    public void A_change_of_the_live_domain_that_is_still_to_be_made_is_made_by_a_switch_within_it()
    {
        StackPlace one = Place(_world.FirstStackPage, 1, 1);
        StackPlace other = Place(_world.FirstStackPage + 4, 1, 2);
        for (int turn = 0; turn < 2; turn++)
        {
            SwitchPlaced(_world, in _first, ref one);
            SwitchPlaced(_world, in _first, ref other);
        }

        // As when an edit in steps is left after its first one.
        Assert.True(_first.Remove(_first[2].Pages, out _).IsNone);
        SwitchPlaced(_world, in _first, ref one);
        Judge(in _first, one.Stack);
    }

    [Fact]
    public void With_known_stacks_no_step_writes_more_entries_than_it_may()
    {
        StackPlace one = Place(_world.FirstStackPage, 1, 1);
        StackPlace other = Place(_world.FirstStackPage + 4, 1, 2);
        for (int turn = 0; turn < 3; turn++)
        {
            SwitchPlaced(_world, in _first, ref one);
            SwitchPlaced(_world, in _second, ref other);
        }

        Assert.True(_world.Strategy.KnowsDifference);
        foreach (int limit in new[] { 1, 3 })
        {
            SimulatedTranslationCache cache = new(_world.Machine.Cpu);
            _world.Machine.ResetCounters();
            Assert.False(_world.Strategy.TrySwitchTo(in _first, ref one, limit, ref cache));
            Assert.Equal(limit, _world.Machine.EntriesWritten);
            SwitchPlaced(_world, in _first, ref one);
            Judge(in _first, one.Stack);
            SwitchPlaced(_world, in _second, ref other);
        }
    }

    private static StackPlace Place(nuint first, nuint count, uint generation) => new(new UserStack(SimulatedMachine<TFormat>.Pages(first, count), generation));

    private static void SwitchPlaced(World<TFormat> world, in Domain domain, ref StackPlace place)
    {
        SimulatedTranslationCache cache = new(world.Machine.Cpu);
        for (int step = 0; step < 2 && !world.Strategy.TrySwitchTo(in domain, ref place, 1000, ref cache); step++)
        {
        }
    }

    /// <summary>Lets the two take turns until their difference is known, with the second one applied at the end.</summary>
    private void TakeTurns()
    {
        for (int turn = 0; turn < 3; turn++)
        {
            To(in _first, in _stackA);
            To(in _second, in _stackB);
        }

        Assert.True(_world.Strategy.KnowsDifference);
    }

    // With what is known of each stack, as a kernel keeps it.
    private void To(in Domain domain, in UserStack stack)
    {
        StackPlace place = _places.GetValueOrDefault(stack, new StackPlace(in stack));
        SwitchPlaced(_world, in domain, ref place);
        _places[stack] = place;
        Judge(in domain, in stack);
    }

    private void Judge(in Domain domain, in UserStack stack) => Assert.Null(_world.Judge(in domain, in stack));

    private void Replace(PageRange pages, PartitionRights rights)
    {
        Assert.True(_first.Remove(pages, out _).IsNone);
        _world.Discharge(_world.Strategy.OnPartitionRemoved(in _first));
        Assert.True(Partition.TryCreate<TFormat>(pages, rights, out Partition partition).IsNone);
        Assert.True(_first.Add(in partition, _world.Map).IsNone);
        _world.Discharge(_world.Strategy.OnPartitionAdded(in _first));
    }

    private static Domain DomainOf(World<TFormat> world, (int First, int Count, int Rights)[] content)
    {
        Domain domain = world.NewDomain();
        foreach ((int first, int count, int rights) in content)
        {
            PageRange pages = SimulatedMachine<TFormat>.Pages(world.Grantable[0].First.Value + (nuint)first, (nuint)Math.Min(count, 16 - first));
            if (Partition.TryCreate<TFormat>(pages, (PartitionRights)rights, out Partition partition).IsNone)
            {
                // One that overlaps is refused, and nothing is lost.
                _ = domain.Add(in partition, world.Map);
            }
        }

        return domain;
    }
}

public sealed class Ia32KnownDifferenceTests : KnownDifferenceTests<Ia32Format>;

public sealed class PaeKnownDifferenceTests : KnownDifferenceTests<PaeFormat>;

public sealed class FourLevelKnownDifferenceTests : KnownDifferenceTests<FourLevelFormat>;
