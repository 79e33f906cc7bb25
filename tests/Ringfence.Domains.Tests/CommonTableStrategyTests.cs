// Every transition between threads with its price: entries written and pages flushed.

using System.Linq;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class CommonTableStrategyTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private readonly World<TFormat> _world = new();
    private readonly Domain _empty;
    private readonly UserStack _stackA;
    private readonly UserStack _stackB;

    protected CommonTableStrategyTests()
    {
        _empty = _world.NewDomain();
        _stackA = new UserStack(_world.StackPages(0), 1);
        _stackB = new UserStack(_world.StackPages(1), 2);
    }

    [Fact]
    public void Before_the_first_user_thread_nothing_is_applied()
    {
        Assert.Null(_world.Judge(default, default));
        Assert.False(_world.Strategy.IsCurrent(in _empty, in _stackA));
        Assert.Equal(default, _world.Strategy.AppliedDomain);
        Assert.True(_world.Strategy.AppliedStack.IsNone);
        Assert.Equal((0, 0), Cost(_world.Strategy.RevokeAll()));
    }

    [Fact]
    public void From_a_thread_through_a_kernel_thread_back_to_it_costs_nothing()
    {
        Domain domain = _world.NewDomain((2, 3, PartitionRights.ReadWrite));
        Assert.Equal((5, 0), Cost(_world.Strategy.SwitchTo(in domain, in _stackA)));
        Assert.True(_world.Strategy.IsCurrent(in domain, in _stackA));
        Assert.Equal((0, 0), Cost(_world.Strategy.SwitchTo(in domain, in _stackA)));
        Assert.Equal(0, _world.Machine.StoreCount);
    }

    [Fact]
    public void Between_threads_of_one_domain_only_the_stacks_are_edited()
    {
        Domain domain = _world.NewDomain((2, 3, PartitionRights.ReadWrite), (8, 3, PartitionRights.ReadOnly));
        Cost(_world.Strategy.SwitchTo(in domain, in _stackA));
        Assert.Equal((4, 2), Cost(_world.Strategy.SwitchTo(in domain, in _stackB)));
        Assert.Null(_world.Judge(in domain, in _stackB));
    }

    [Fact]
    public void A_partition_that_both_domains_share_costs_nothing()
    {
        Domain first = _world.NewDomain((0, 2, PartitionRights.ReadWrite), (4, 6, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((4, 6, PartitionRights.ReadWrite), (12, 1, PartitionRights.ReadOnly));
        Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        Assert.Equal((2 + 1 + 4, 2 + 2), Cost(_world.Strategy.SwitchTo(in second, in _stackB)));
        Assert.Null(_world.Judge(in second, in _stackB));
    }

    [Fact]
    public void Partly_shared_pages_are_left_alone_page_by_page()
    {
        Domain first = _world.NewDomain((0, 6, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((2, 2, PartitionRights.ReadWrite), (4, 4, PartitionRights.ReadWrite));
        Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        Assert.Equal((2 + 2, 2), Cost(_world.Strategy.SwitchTo(in second, in _stackA)));
        Assert.Null(_world.Judge(in second, in _stackA));
    }

    [Fact]
    public void What_lies_behind_partly_shared_pages_is_taken_back_and_flushed_like_anything_else()
    {
        Domain first = _world.NewDomain((0, 6, PartitionRights.ReadWrite), (9, 2, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((2, 6, PartitionRights.ReadWrite));
        Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        Assert.Equal((2 + 2 + 2, 2 + 2), Cost(_world.Strategy.SwitchTo(in second, in _stackA)));
        Assert.Null(_world.Judge(in second, in _stackA));
    }

    [Fact]
    public void Other_rights_on_the_same_pages_take_one_write_each_and_a_flush_only_where_they_shrink()
    {
        Domain writer = _world.NewDomain((4, 3, PartitionRights.ReadWrite));
        Domain reader = _world.NewDomain((4, 3, PartitionRights.ReadOnly));
        Domain runner = _world.NewDomain((4, 3, PartitionRights.ReadExecute));
        Cost(_world.Strategy.SwitchTo(in writer, in _stackA));
        Assert.Equal((3, 3), Cost(_world.Strategy.SwitchTo(in reader, in _stackA)));
        Assert.Equal((3, 0), Cost(_world.Strategy.SwitchTo(in writer, in _stackA)));
        Assert.Null(_world.Judge(in writer, in _stackA));
        Assert.Equal((3, 3), Cost(_world.Strategy.SwitchTo(in runner, in _stackA)));
        Assert.Null(_world.Judge(in runner, in _stackA));

        // Read and read-execute are the same entry where execution can't be withheld.
        int pages = FormatGeometry<TFormat>.HasExecuteDisable ? 3 : 0;
        Assert.Equal((pages, pages), Cost(_world.Strategy.SwitchTo(in reader, in _stackA)));
        Assert.Null(_world.Judge(in reader, in _stackA));
    }

    [Fact]
    public void A_grant_that_takes_a_right_from_the_supervisor_flushes_and_one_that_does_not_is_free()
    {
        // The memory at the top has read-write base rights, so a read-only grant narrows the supervisor there and only there.
        Domain reader = _world.NewDomain((4, 3, PartitionRights.ReadOnly));
        Assert.Equal((3, 0), Cost(_world.Strategy.SwitchTo(in reader, default)));
        Assert.True(Partition.TryCreate<TFormat>(_world.Grantable[1], PartitionRights.ReadOnly, out Partition top).IsNone);
        Assert.True(reader.Add(in top, _world.Map).IsNone);
        Assert.Equal((6, 6), Cost(_world.Strategy.OnPartitionAdded(in reader)));
        Assert.Null(_world.Judge(in reader, default));
    }

    [Fact]
    public void A_switch_flushes_a_grant_that_takes_a_right_from_the_supervisor_also_where_the_domain_before_had_one_beside_it()
    {
        PageNumber page = _world.Grantable[1].First;
        Domain first = _world.NewDomain();
        Domain second = _world.NewDomain();
        Assert.True(Partition.TryCreate<TFormat>(PageRange.OnePage(page), PartitionRights.ReadOnly, out Partition partition).IsNone);
        Assert.True(first.Add(in partition, _world.Map).IsNone);
        Assert.True(Partition.TryCreate<TFormat>(PageRange.OnePage(page + PageCount.One), PartitionRights.ReadOnly, out partition).IsNone);
        Assert.True(second.Add(in partition, _world.Map).IsNone);
        _world.Discharge(_world.Strategy.SwitchTo(in first, in _stackA));
        FlushObligation owed = _world.Strategy.SwitchTo(in second, in _stackB);
        Assert.True(owed.Covers(page + PageCount.One));
        _world.Discharge(owed);
        Assert.Null(_world.Judge(in second, in _stackB));
    }

    [Fact]
    public void A_domain_that_was_never_created_grants_nothing()
    {
        Domain never = default;
        Domain domain = _world.NewDomain((2, 3, PartitionRights.ReadWrite));
        int pages = (int)_stackA.Pages.Count.Value;
        Assert.Equal((pages, 0), Cost(_world.Strategy.SwitchTo(in never, in _stackA)));
        Assert.Equal((3, 0), Cost(_world.Strategy.SwitchTo(in domain, in _stackA)));
        Assert.Equal((3, 3), Cost(_world.Strategy.SwitchTo(in never, in _stackA)));
        Assert.Null(_world.Judge(in never, in _stackA));
    }

    [Fact]
    public void The_applied_stack_is_told_from_one_of_other_pages_or_of_another_life()
    {
        Domain domain = _world.NewDomain();
        Assert.False(_world.Strategy.IsApplied(in _stackA));
        _world.Discharge(_world.Strategy.SwitchTo(in domain, in _stackA));
        Assert.True(_world.Strategy.IsApplied(in _stackA));
        PageRange pages = _stackA.Pages;
        UserStack[] others =
        [
            new(pages, _stackA.Generation + 1),
            new(PageRange.FromFirstToEnd(new PageNumber(pages.First.Value + 1), pages.End), _stackA.Generation),
            new(PageRange.FromFirstToEnd(pages.First, new PageNumber(pages.End.Value - 1)), _stackA.Generation),
            _stackB,
        ];
        Assert.All(others, other => Assert.False(_world.Strategy.IsApplied(in other)));
    }

    [Fact]
    public void Following_a_domain_that_is_not_applied_changes_nothing_whatever_switch_was_last()
    {
        Domain first = _world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((3, 1, PartitionRights.ReadWrite));
        SwitchStep step;
        do
        {
            step = _world.Strategy.SwitchTo(in first, in _stackA, 1);
            _world.Discharge(step.Flush);
        }
        while (!step.IsComplete);

        _world.Discharge(_world.Strategy.SwitchTo(in second, in _stackB));
        FlushObligation owed = default;
        Assert.True(_world.Strategy.TryFollow(in first, 100, ref owed));
        Assert.True(owed.IsNone);
        Assert.True(_world.Strategy.IsCurrent(in second, in _stackB));
        Assert.Null(_world.Judge(in second, in _stackB));
    }

    [Fact]
    public void A_step_through_the_contract_adds_what_it_owes_to_the_callers_obligation()
    {
        Domain first = _world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((3, 1, PartitionRights.ReadWrite));
        NoDomainTables tables = default;
        FlushObligation owed = default;
        Assert.True(_world.Strategy.TrySwitchTo(in first, ref tables, in _stackA, 64, ref owed));
        Assert.True(owed.IsNone);
        Assert.True(_world.Strategy.TrySwitchTo(in second, ref tables, in _stackB, 64, ref owed));
        Assert.Equal(2 + 2, owed.PageTotal);
        _world.Discharge(owed);
        Assert.Null(_world.Judge(in second, in _stackB));
    }

    [Fact]
    public void A_domain_that_changed_while_another_was_live_is_applied_as_it_is_now()
    {
        Domain first = _world.NewDomain((0, 2, PartitionRights.ReadWrite), (6, 1, PartitionRights.ReadOnly));
        Domain second = _world.NewDomain((3, 2, PartitionRights.ReadWrite));
        Domain third = _world.NewDomain((12, 1, PartitionRights.ReadWrite));
        Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        Cost(_world.Strategy.SwitchTo(in second, in _stackB));
        Assert.True(first.Remove(first[0].Pages, out _).IsNone);
        Cost(_world.Strategy.OnPartitionRemoved(in first));
        Assert.Equal((2 + 1 + 4, 2 + 2), Cost(_world.Strategy.SwitchTo(in first, in _stackA)));
        Assert.Null(_world.Judge(in first, in _stackA));

        // By way of a third domain, so that neither of the two that are remembered is the one that comes.
        Cost(_world.Strategy.SwitchTo(in third, in _stackB));
        Cost(_world.Strategy.SwitchTo(in second, in _stackA));
        Assert.Null(_world.Judge(in second, in _stackA));
    }

    [Fact]
    public void Through_a_kernel_thread_to_another_thread_costs_what_the_direct_switch_costs()
    {
        // A kernel thread makes no call, so the two are the same call; what matters is that the first switch left the state it needs.
        Domain first = _world.NewDomain((0, 3, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((8, 2, PartitionRights.ReadExecute));
        Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        (int Writes, int Flushed) there = Cost(_world.Strategy.SwitchTo(in second, in _stackB));
        (int Writes, int Flushed) back = Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        Assert.Equal((9, 5), there);
        Assert.Equal((9, 4), back);
    }

    [Fact]
    public void Many_narrowed_pages_become_one_flush_of_all()
    {
        Domain large = _world.NewDomain((0, 12, PartitionRights.ReadWrite));
        Cost(_world.Strategy.SwitchTo(in large, in _stackA));
        int before = _world.Machine.Cpu.FlushAllCount;
        FlushObligation flush = _world.Strategy.SwitchTo(in _empty, in _stackA);
        Assert.Equal(FlushKind.WholeSet, flush.Kind);
        _world.Discharge(flush);
        Assert.Equal(before + 1, _world.Machine.Cpu.FlushAllCount);
        Assert.Null(_world.Judge(in _empty, in _stackA));
    }

    [Fact]
    public void A_partition_added_or_removed_acts_at_once_on_the_live_domain_and_not_at_all_on_another()
    {
        Domain live = _world.NewDomain((0, 1, PartitionRights.ReadWrite));
        Domain other = _world.NewDomain();
        Cost(_world.Strategy.SwitchTo(in live, in _stackA));
        _world.Add(ref live, 4, 3, PartitionRights.ReadWrite);
        Assert.Equal((3, 0), Cost(_world.Strategy.OnPartitionAdded(in live)));
        Assert.Null(_world.Judge(in live, in _stackA));
        Assert.True(_world.Strategy.IsCurrent(in live, in _stackA));
        Assert.True(live.Remove(live[1].Pages, out _).IsNone);
        Assert.Equal((3, 3), Cost(_world.Strategy.OnPartitionRemoved(in live)));
        Assert.Null(_world.Judge(in live, in _stackA));

        _world.Add(ref other, 8, 2, PartitionRights.ReadWrite);
        Assert.Equal((0, 0), Cost(_world.Strategy.OnPartitionAdded(in other)));
        Assert.True(other.Remove(other[0].Pages, out _).IsNone);
        Assert.Equal((0, 0), Cost(_world.Strategy.OnPartitionRemoved(in other)));
        Assert.Null(_world.Judge(in live, in _stackA));
    }

    [Fact]
    public void A_thread_that_is_moved_while_its_stack_is_applied_returns_with_the_new_rights_only()
    {
        Domain old = _world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Domain next = _world.NewDomain((6, 1, PartitionRights.ReadWrite));
        Cost(_world.Strategy.SwitchTo(in old, in _stackA));
        Assert.Equal((0, 0), Cost(_world.Strategy.OnThreadMoved(in next, in _stackB)));
        Assert.Null(_world.Judge(in old, in _stackA));
        Assert.Equal((3, 2), Cost(_world.Strategy.OnThreadMoved(in next, in _stackA)));
        Assert.Null(_world.Judge(in next, in _stackA));
    }

    [Fact]
    public void A_dead_threads_stack_is_revoked_at_once_and_a_new_stack_at_its_place_is_granted_anew()
    {
        Domain domain = _world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Cost(_world.Strategy.SwitchTo(in domain, in _stackA));
        Assert.Equal((0, 0), Cost(_world.Strategy.OnThreadExited(in _stackB)));
        Assert.Equal((2, 2), Cost(_world.Strategy.OnThreadExited(in _stackA)));
        Assert.Null(_world.Judge(in domain, default));
        UserStack reborn = new(_stackA.Pages, _stackA.Generation + 1);
        Assert.False(_world.Strategy.IsCurrent(in domain, in reborn));
        Assert.Equal((2, 0), Cost(_world.Strategy.SwitchTo(in domain, in reborn)));
        Assert.Null(_world.Judge(in domain, in reborn));

        // The old stack's end, told late, concerns the new one no more.
        Assert.Equal((0, 0), Cost(_world.Strategy.OnStackFreed(in _stackA)));
        Assert.Null(_world.Judge(in domain, in reborn));
    }

    [Fact]
    public void Only_the_stack_of_the_right_generation_counts_as_applied()
    {
        Cost(_world.Strategy.SwitchTo(in _empty, in _stackA));
        UserStack successor = new(_stackA.Pages, 99);
        Assert.False(_world.Strategy.IsCurrent(in _empty, in successor));
        Assert.Equal((0, 0), Cost(_world.Strategy.SwitchTo(in _empty, in successor)));
        Assert.True(_world.Strategy.IsCurrent(in _empty, in successor));
    }

    [Fact]
    public void A_domain_made_anew_at_the_same_place_leaves_none_of_its_predecessors_pages_behind()
    {
        Domain storage = _world.NewDomain((0, 3, PartitionRights.ReadWrite));
        Cost(_world.Strategy.SwitchTo(in storage, in _stackA));

        // Even without any notice: overwritten, and another content under the same address.
        storage = default;
        storage.Create(ref _world.Numbers);
        _world.Add(ref storage, 8, 1, PartitionRights.ReadWrite);
        Assert.Equal((0, 0), Cost(_world.Strategy.OnPartitionAdded(in storage)));
        Assert.Equal((4, 3), Cost(_world.Strategy.SwitchTo(in storage, in _stackA)));
        Assert.Null(_world.Judge(in storage, in _stackA));
    }

    [Fact]
    public void A_destroyed_domain_is_revoked_at_once_and_the_stack_stays()
    {
        Domain domain = _world.NewDomain((0, 3, PartitionRights.ReadWrite), (15, 1, PartitionRights.ReadOnly));
        Cost(_world.Strategy.SwitchTo(in domain, in _stackB));
        Assert.Equal((0, 0), Cost(_world.Strategy.OnDomainDestroyed(in _empty)));
        Assert.Equal((4, 4), Cost(_world.Strategy.OnDomainDestroyed(in domain)));
        Assert.Null(_world.Judge(default, in _stackB));
        Assert.Equal((2, 2), Cost(_world.Strategy.RevokeAll()));
        Assert.Null(_world.Judge(default, default));
    }

    [Fact]
    public void A_full_domain_switches_like_any_other()
    {
        Domain odd = _world.NewDomain();
        Domain even = _world.NewDomain();
        PageRange top = _world.Grantable[1];
        for (nuint index = 0; index < 6; index++)
        {
            ref Domain domain = ref index is 0 or 2 ? ref even : ref odd;
            Assert.True(Partition.TryCreate<TFormat>(
                PageRange.OnePage(top.First + new PageCount(index)), PartitionRights.ReadWrite, out Partition partition).IsNone);
            Assert.True(domain.Add(in partition, _world.Map).IsNone);
        }

        for (nuint offset = 0; offset < 16; offset++)
        {
            _world.Add(ref odd, offset, 1, (PartitionRights)(offset % 3));
            _world.Add(ref even, offset, 1, (PartitionRights)((offset + 1) % 3));
        }

        Assert.Equal(DomainCapacity.PartitionCount, odd.PartitionCount);
        foreach (int _ in Enumerable.Range(0, 3))
        {
            Cost(_world.Strategy.SwitchTo(in odd, in _stackA));
            Assert.Null(_world.Judge(in odd, in _stackA));
            Cost(_world.Strategy.SwitchTo(in even, in _stackB));
            Assert.Null(_world.Judge(in even, in _stackB));
        }
    }

    [Fact]
    public void Between_two_steps_each_page_has_the_rights_of_the_old_thread_or_of_the_new_one()
    {
        Domain old = _world.NewDomain((0, 4, PartitionRights.ReadWrite), (6, 4, PartitionRights.ReadExecute), (12, 2, PartitionRights.ReadOnly));
        Domain next = _world.NewDomain((2, 6, PartitionRights.ReadOnly), (9, 1, PartitionRights.ReadWrite), (12, 4, PartitionRights.ReadWrite));
        Cost(_world.Strategy.SwitchTo(in old, in _stackB));
        bool complete = false;
        int steps = 0;
        while (!complete)
        {
            _world.Machine.ResetCounters();
            SwitchStep step = _world.Strategy.SwitchTo(in next, in _stackA, 1);
            _world.Discharge(step.Flush);
            complete = step.IsComplete;
            Assert.True(_world.Machine.EntriesWritten <= 1);
            Assert.Equal(!complete, _world.Strategy.IsSwitchUnderWay);
            steps++;
            foreach (PageRange window in _world.Windows)
            {
                for (PageNumber page = window.First; page < window.End; page += PageCount.One)
                {
                    bool asOld = true;
                    bool asNext = true;
                    foreach ((Access access, AccessKind kind) in Rights.Accesses())
                    {
                        bool may = _world.Machine.Cpu.MaySucceed(new MemoryAccess(page.Address.Value, kind, IsUser: true));
                        asOld &= may == _world.IsLawful(in old, in _stackB, page, access);
                        asNext &= may == _world.IsLawful(in next, in _stackA, page, access);
                    }

                    Assert.True(asOld || asNext);
                }
            }
        }

        Assert.True(steps > 10);
        Assert.Null(_world.Judge(in next, in _stackA));
    }

    [Fact]
    public void Another_thread_chosen_between_steps_gets_its_rights_and_no_others()
    {
        Domain first = _world.NewDomain((0, 4, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((8, 4, PartitionRights.ReadWrite));
        Domain third = _world.NewDomain((2, 4, PartitionRights.ReadOnly));
        Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        SwitchStep step = _world.Strategy.SwitchTo(in second, in _stackB, 3);
        Assert.False(step.IsComplete);
        _world.Discharge(step.Flush);

        // Neither the old thread nor the one under way may run as things stand.
        Assert.False(_world.Strategy.IsCurrent(in first, in _stackA));
        Assert.False(_world.Strategy.IsCurrent(in second, in _stackB));
        UserStack stackC = new(_world.StackPages(3), 3);
        do
        {
            step = _world.Strategy.SwitchTo(in third, in stackC, 3);
            _world.Discharge(step.Flush);
        }
        while (!step.IsComplete);

        Assert.Null(_world.Judge(in third, in stackC));
    }

    [Fact]
    public void Back_to_the_thread_that_was_applied_before_an_unfinished_switch()
    {
        Domain first = _world.NewDomain((0, 4, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((2, 6, PartitionRights.ReadOnly));
        Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        _world.Discharge(_world.Strategy.SwitchTo(in second, in _stackB, 2).Flush);
        Cost(_world.Strategy.SwitchTo(in first, in _stackA));
        Assert.Null(_world.Judge(in first, in _stackA));
    }

    [Fact]
    public void A_page_unmapped_against_the_rules_does_not_keep_a_switch_from_ending()
    {
        Domain domain = _world.NewDomain((0, 4, PartitionRights.ReadWrite));
        PageRange gone = PageRange.OnePage(domain[0].Pages.First + PageCount.One);
        _world.Machine.Done(_world.Machine.Space.Unmap(gone));
        Cost(_world.Strategy.SwitchTo(in domain, in _stackA));
        Assert.True(_world.Strategy.IsCurrent(in domain, in _stackA));
        Assert.True(_world.Machine.Space.Translate((gone.End + PageCount.One).Address).Rights.IsUser);
        Assert.False(_world.Machine.Space.Translate(gone.First.Address).IsMapped);
    }

    [Fact]
    public void What_the_kernel_needs_stays_as_it_is_through_every_switch()
    {
        Domain domain = _world.NewDomain((0, 16, PartitionRights.ReadOnly));
        Cost(_world.Strategy.SwitchTo(in domain, in _stackA));
        Cost(_world.Strategy.SwitchTo(in _empty, in _stackB));
        Cost(_world.Strategy.RevokeAll());
        foreach (BaseRegion region in _world.Regions)
        {
            for (PageNumber page = region.Pages.First; page < region.Pages.End; page += PageCount.One)
            {
                Assert.Equal(region.Rights, _world.Machine.Space.Translate(page.Address).BaseRights);
                MemoryAccess write = new(page.Address.Value, AccessKind.Write, IsUser: false);
                Assert.Equal(region.Rights.IsWritable, _world.Machine.Strict.Access(write).Succeeded);
            }
        }
    }

    /// <summary>Discharges, and gives the entries written and the pages flushed one by one since the last call.</summary>
    private (int Writes, int Flushed) Cost(FlushObligation flush)
    {
        int flushedBefore = _world.Machine.Cpu.FlushPageCount;
        _world.Discharge(flush);
        int writes = _world.Machine.EntriesWritten;
        if (writes != 0)
        {
            _world.Machine.ResetCounters();
        }

        return (writes, _world.Machine.Cpu.FlushPageCount - flushedBefore);
    }
}

public sealed class Ia32CommonTableStrategyTests : CommonTableStrategyTests<Ia32Format>;

public sealed class PaeCommonTableStrategyTests : CommonTableStrategyTests<PaeFormat>;

public sealed class FourLevelCommonTableStrategyTests : CommonTableStrategyTests<FourLevelFormat>;
