// Steps of a switch, and of following a domain that changed: how many entries one writes, and that all of them together are the whole.

using Ringfence.Paging;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class SwitchStepTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private readonly World<TFormat> _world = new();
    private readonly UserStack _stackA;
    private readonly UserStack _stackB;

    protected SwitchStepTests()
    {
        _stackA = new UserStack(_world.StackPages(0), 1);
        _stackB = new UserStack(_world.StackPages(1), 2);
    }

    [Fact]
    public void A_switch_is_one_step_when_the_limit_is_no_less_than_all_pages_of_both()
    {
        Domain first = _world.NewDomain((0, 4, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((8, 4, PartitionRights.ReadOnly));
        Apply(in first, in _stackA);
        Assert.Equal((true, 4 + 4 + 2 + 2), Step(in second, in _stackB, 12));
        Assert.Null(_world.Judge(in second, in _stackB));
        Assert.Equal((false, 11), Step(in first, in _stackA, 11));
        Assert.True(_world.Strategy.IsSwitchUnderWay);
        Assert.False(_world.Strategy.IsCurrent(in first, in _stackA));
        Assert.False(_world.Strategy.IsCurrent(in second, in _stackB));
        Assert.Equal((true, 1), Step(in first, in _stackA, 11));
        Assert.Null(_world.Judge(in first, in _stackA));
    }

    // What both have alike takes no entry: a limit below the sum of their pages is enough if it is one for those that differ.
    [Fact]
    public void A_switch_between_large_domains_that_differ_little_is_one_step()
    {
        Domain first = _world.NewDomain((0, 8, PartitionRights.ReadWrite), (10, 1, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain((0, 8, PartitionRights.ReadWrite), (12, 1, PartitionRights.ReadWrite));
        Apply(in first, in _stackA);
        Assert.Equal((true, 6), Step(in second, in _stackB, 6));
        Assert.Null(_world.Judge(in second, in _stackB));
    }

    [Fact]
    public void Steps_of_every_limit_write_what_the_whole_switch_writes()
    {
        Domain first = _world.NewDomain((0, 3, PartitionRights.ReadWrite), (5, 4, PartitionRights.ReadOnly));
        Domain second = _world.NewDomain((2, 5, PartitionRights.ReadOnly), (11, 3, PartitionRights.ReadWrite));
        Apply(in first, in _stackA);
        int whole = Step(in second, in _stackB, 100).Writes;
        Apply(in first, in _stackA);
        for (int limit = 1; limit <= whole + 1; limit++)
        {
            int written = 0;
            bool isComplete = false;
            while (!isComplete)
            {
                (isComplete, int step) = Step(in second, in _stackB, limit);
                Assert.InRange(step, 0, limit);
                written += step;
            }

            Assert.Equal(whole, written);
            Assert.Null(_world.Judge(in second, in _stackB));
            Apply(in first, in _stackA);
        }
    }

    [Fact]
    public void What_a_step_owes_is_added_to_what_the_caller_owes_already()
    {
        Domain first = _world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Domain second = _world.NewDomain();
        Apply(in first, in _stackA);
        PageNumber before = new(5);
        FlushObligation owed = FlushObligation.ForPages(PageRange.OnePage(before));
        Assert.True(_world.Strategy.TrySwitchTo(in second, in _stackB, 100, ref owed));
        Assert.True(owed.Covers(before));
        Assert.True(owed.Covers(_world.Grantable[0].First));
        Assert.True(owed.Covers(_stackA.Pages.First));
        _world.Discharge(owed);
    }

    [Fact]
    public void A_live_domain_that_gains_or_loses_pages_is_followed_in_steps()
    {
        Domain domain = _world.NewDomain((0, 1, PartitionRights.ReadWrite));
        Apply(in domain, in _stackA);
        _world.Add(ref domain, 4, 6, PartitionRights.ReadWrite);
        Assert.False(_world.Strategy.IsCurrent(in domain, in _stackA));
        Assert.Equal((false, 4), Follow(in domain, 4));
        Assert.False(_world.Strategy.IsCurrent(in domain, in _stackA));
        Assert.Equal((true, 2), Follow(in domain, 4));
        Assert.True(_world.Strategy.IsCurrent(in domain, in _stackA));
        Assert.Null(_world.Judge(in domain, in _stackA));
        Assert.True(domain.Remove(domain[1].Pages, out _).IsNone);
        Assert.Equal((false, 5), Follow(in domain, 5));
        Assert.Equal((true, 1), Follow(in domain, 5));
        Assert.Null(_world.Judge(in domain, in _stackA));
        Assert.Equal((true, 0), Follow(in domain, 5));
    }

    [Fact]
    public void A_domain_that_is_not_live_is_not_followed_and_the_default_one_finishes_what_is_under_way()
    {
        Domain live = _world.NewDomain((0, 4, PartitionRights.ReadWrite));
        Domain other = _world.NewDomain((8, 4, PartitionRights.ReadWrite));
        Apply(in live, in _stackA);
        _world.Add(ref other, 13, 1, PartitionRights.ReadWrite);
        Assert.Equal((true, 0), Follow(in other, 100));
        Assert.Null(_world.Judge(in live, in _stackA));
        Assert.Equal((false, 3), Step(in other, in _stackB, 3));
        Assert.Equal((false, 3), Follow(default, 3));
        Assert.Equal((true, 7), Follow(default, 100));
        Assert.True(_world.Strategy.IsCurrent(in other, in _stackB));
        Assert.Null(_world.Judge(in other, in _stackB));
    }

    // The domain changes once more while it is followed, and the switch that was under way before is finished on the way.
    [Fact]
    public void A_change_on_top_of_a_change_is_followed_too()
    {
        Domain first = _world.NewDomain((0, 2, PartitionRights.ReadWrite));
        Domain domain = _world.NewDomain((8, 4, PartitionRights.ReadWrite));
        Apply(in first, in _stackA);
        Assert.False(Step(in domain, in _stackB, 3).IsComplete);
        _world.Add(ref domain, 4, 2, PartitionRights.ReadOnly);
        int steps = 0;
        while (!Follow(in domain, 3).IsComplete)
        {
            if (++steps == 3)
            {
                _world.Add(ref domain, 14, 1, PartitionRights.ReadWrite);
            }
        }

        Assert.True(steps >= 3);
        Assert.True(_world.Strategy.IsCurrent(in domain, in _stackB));
        Assert.Null(_world.Judge(in domain, in _stackB));
    }

    [Fact]
    public void A_strategy_initialised_where_it_lies_is_one_that_was_constructed()
    {
        CommonTableStrategy<TFormat, FallibleMemory> strategy = default;
        strategy.Initialize(_world.Tables);
        Domain domain = _world.NewDomain((0, 4, PartitionRights.ReadWrite));
        _world.Discharge(strategy.SwitchTo(in domain, in _stackA));
        Assert.Null(_world.Judge(in domain, in _stackA));
        Assert.True(strategy.IsCurrent(in domain, in _stackA));
        _world.Discharge(strategy.RevokeAll());
        Assert.Null(_world.Judge(default, default));
    }

    private void Apply(in Domain domain, in UserStack stack) => _world.Discharge(_world.Strategy.SwitchTo(in domain, in stack));

    private (bool IsComplete, int Writes) Step(in Domain domain, in UserStack stack, int limit)
    {
        _world.Machine.ResetCounters();
        FlushObligation owed = default;
        bool isComplete = _world.Strategy.TrySwitchTo(in domain, in stack, limit, ref owed);
        int writes = _world.Machine.EntriesWritten;
        _world.Discharge(owed);
        return (isComplete, writes);
    }

    private (bool IsComplete, int Writes) Follow(in Domain domain, int limit)
    {
        _world.Machine.ResetCounters();
        FlushObligation owed = default;
        bool isComplete = _world.Strategy.TryFollow(in domain, limit, ref owed);
        int writes = _world.Machine.EntriesWritten;
        _world.Discharge(owed);
        return (isComplete, writes);
    }
}

public sealed class Ia32SwitchStepTests : SwitchStepTests<Ia32Format>;

public sealed class PaeSwitchStepTests : SwitchStepTests<PaeFormat>;

public sealed class FourLevelSwitchStepTests : SwitchStepTests<FourLevelFormat>;
