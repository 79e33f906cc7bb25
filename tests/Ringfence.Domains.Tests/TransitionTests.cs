// Every transition between threads, and every change of a domain, with its price under each strategy: entries written, pages flushed, roots loaded.

using Ringfence.Paging;
using Ringfence.Verification.Equivalence;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class TransitionTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int Common = StrategyScene<TFormat>.Common;
    private const int PerDomain = StrategyScene<TFormat>.PerDomain;
    private const int Kpti = StrategyScene<TFormat>.Kpti;
    private const int LeafLink = StrategyScene<TFormat>.LeafLink;
    private const int SharedSubtree = StrategyScene<TFormat>.SharedSubtree;
    private const int SharedSubtreeKpti = StrategyScene<TFormat>.SharedSubtreeKpti;
    private const int A = 0;
    private const int B = 1;
    private const int C = 2;
    private const int OwnPageCount = 5;
    private const int OtherPageCount = 2;
    private const int SharedPageCount = 3;
    private const int StackPageCount = 2;

    // Both domains have pages on both sides of a border between leaf tables.
    private const int LinkCount = 2;
    private static readonly OperationCost s_nothing = new(0);

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void Until_the_first_user_thread_nothing_is_applied(int strategy)
    {
        // Domains that are made and filled: where each has a set it is edited, but not loaded.
        StrategyScene<TFormat> scene = Create(strategy, runs: false);
        Assert.False(scene.IsCurrent(A));
        Assert.Equal(0, scene.Cost.RootLoads + scene.Cost.PagesFlushed + scene.Cost.WholeFlushes);
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common, StackPageCount + OwnPageCount + SharedPageCount, 0)]
    [InlineData(PerDomain, StackPageCount, 1)]
    [InlineData(Kpti, StackPageCount, 1)]
    [InlineData(SharedSubtree, StackPageCount, 1)]
    [InlineData(SharedSubtreeKpti, StackPageCount, 1)]
    [InlineData(LeafLink, StackPageCount + LinkCount, 0)]
    public void A_kernel_thread_that_enters_user_mode_is_the_first_to_be_switched_to(int strategy, int entries, int rootLoads)
    {
        StrategyScene<TFormat> scene = Create(strategy, runs: false);
        Assert.Equal(new OperationCost(entries, WholeFlushes: strategy == LeafLink ? 1 : 0, RootLoads: rootLoads), scene.Run(A));
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void From_a_thread_through_a_kernel_thread_back_to_it_costs_nothing(int strategy)
    {
        // No call is made for the kernel thread, and for the thread itself a few compares say that there is nothing to do.
        StrategyScene<TFormat> scene = Create(strategy);
        Assert.True(scene.IsCurrent(A));
        Assert.Equal(s_nothing, scene.Run(A));
        Assert.True(scene.IsCurrent(A));
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void To_another_thread_of_the_domain_only_the_stacks_are_edited(int strategy)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        Assert.Equal(new OperationCost(2 * StackPageCount, PagesFlushed: StackPageCount), scene.Run(B));
        Assert.Equal(new OperationCost(2 * StackPageCount, PagesFlushed: StackPageCount), scene.Run(A));
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void To_a_thread_of_another_domain_exactly_what_differs_is_edited_or_a_root_is_loaded_or_tables_are_linked(int strategy)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        OperationCost there = scene.Run(C);
        OperationCost back = scene.Run(A);
        OperationCost again = scene.Run(C);
        if (strategy == Common)
        {
            // The shared partition has the same rights in both: it is no part of the difference, and stays.
            Assert.Equal(new OperationCost(StackPageCount + OwnPageCount + OtherPageCount + StackPageCount, PagesFlushed: StackPageCount + OwnPageCount), there);
            Assert.Equal(new OperationCost(StackPageCount + OtherPageCount + OwnPageCount + StackPageCount, PagesFlushed: StackPageCount + OtherPageCount), back);
            Assert.Equal(there, again);
        }
        else
        {
            // The tables of each domain keep the stack that they granted last.
            OperationCost toKnown = strategy == LeafLink ? new OperationCost(LinkCount, WholeFlushes: 1) : new OperationCost(0, RootLoads: 1);
            Assert.Equal(toKnown with { EntriesWritten = StackPageCount + toKnown.EntriesWritten }, there);
            Assert.Equal(toKnown, back);
            Assert.Equal(toKnown, again);
        }

        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void More_narrowed_pages_than_the_crossover_cost_one_flush_of_all(int strategy)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        scene.Add(0, new ModelPartition(StrategyScene<TFormat>.Grantable + 12, 4, PartitionRights.ReadWrite));
        OperationCost there = scene.Run(C);
        Assert.Equal(0, there.PagesFlushed);
        Assert.Equal(strategy is Common or LeafLink ? (1, 0) : (0, 1), (there.WholeFlushes, there.RootLoads));
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void A_partition_added_to_the_live_domain_is_granted_at_once_and_removed_revoked_at_once(int strategy)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        scene.Add(0, new ModelPartition(StrategyScene<TFormat>.Grantable + 12, 3, PartitionRights.ReadWrite));
        Assert.Equal(new OperationCost(3), scene.Cost);
        scene.Remove(0, 2);
        Assert.Equal(new OperationCost(3, PagesFlushed: 3), scene.Cost);
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common, 0)]
    [InlineData(PerDomain, 3)]
    [InlineData(Kpti, 3)]
    [InlineData(SharedSubtree, 3)]
    [InlineData(SharedSubtreeKpti, 3)]
    [InlineData(LeafLink, 3)]
    public void A_partition_of_another_domain_costs_no_flush_whatever_it_costs(int strategy, int entries)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        scene.Add(1, new ModelPartition(StrategyScene<TFormat>.Grantable + 12, 3, PartitionRights.ReadWrite));
        Assert.Equal(new OperationCost(entries), scene.Cost);
        scene.Remove(1, 2);
        Assert.Equal(new OperationCost(entries), scene.Cost);
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void A_thread_that_does_not_run_moves_for_nothing_unless_its_domains_set_grants_its_stack(int strategy)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        scene.Move(B, 1);
        Assert.Equal(s_nothing, scene.Cost);
        scene.Run(C);
        scene.Run(A);
        scene.Move(C, 0);
        Assert.Equal(new OperationCost(strategy == Common ? 0 : StackPageCount), scene.Cost);
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void The_running_thread_moves_at_once(int strategy)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        scene.Move(A, 1);
        Assert.True(scene.IsCurrent(A));
        Assert.Equal(
            strategy switch
            {
                Common => new OperationCost(OwnPageCount + OtherPageCount, PagesFlushed: OwnPageCount),
                LeafLink => new OperationCost((2 * StackPageCount) + LinkCount, WholeFlushes: 1),
                _ => new OperationCost(2 * StackPageCount, RootLoads: 1),
            },
            scene.Cost);
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void The_end_of_a_thread_revokes_its_stack_if_it_is_granted_anywhere(int strategy)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        scene.End(B);
        Assert.Equal(s_nothing, scene.Cost);
        scene.Run(C);
        scene.End(A);
        Assert.Equal(new OperationCost(strategy == Common ? 0 : StackPageCount), scene.Cost);
        scene.End(C);
        Assert.Equal(new OperationCost(StackPageCount, PagesFlushed: StackPageCount), scene.Cost);
        Assert.Null(scene.Violation);
    }

    [Theory]
    [InlineData(Common)]
    [InlineData(PerDomain)]
    [InlineData(Kpti)]
    [InlineData(SharedSubtree)]
    [InlineData(SharedSubtreeKpti)]
    [InlineData(LeafLink)]
    public void A_domain_that_is_not_live_ends_without_a_flush_and_the_live_one_is_revoked_or_left(int strategy)
    {
        StrategyScene<TFormat> scene = Create(strategy);
        scene.Destroy(1);
        Assert.Equal((0, 0, 0), (scene.Cost.PagesFlushed, scene.Cost.WholeFlushes, scene.Cost.RootLoads));
        scene.Destroy(0);
        (int, int, int) cost = strategy switch
        {
            Common => (OwnPageCount + SharedPageCount, 0, 0),
            LeafLink => (0, 1, 0),
            _ => (0, 0, 1),
        };
        Assert.Equal(cost, (scene.Cost.PagesFlushed, scene.Cost.WholeFlushes, scene.Cost.RootLoads));
        Assert.Null(scene.Violation);
    }

    /// <summary>Domain 0 with threads A and B, of which A runs, and domain 1 with thread C. They share a partition and have others, and C's stack is nobody else's.</summary>
    private static StrategyScene<TFormat> Create(int strategy, bool runs = true)
    {
        const int First = StrategyScene<TFormat>.Grantable;
        ModelPartition shared = new(First + 8, SharedPageCount, PartitionRights.ReadWrite);
        StrategyScene<TFormat> scene = new(strategy);
        scene.Domain(0, new ModelPartition(First, OwnPageCount, PartitionRights.ReadWrite), shared);
        scene.Domain(1, new ModelPartition(First + 6, OtherPageCount, PartitionRights.ReadOnly), shared);
        scene.Thread(A, domain: 0, stackFirst: 0);
        scene.Thread(B, domain: 0, stackFirst: 3);
        scene.Thread(C, domain: 1, stackFirst: 6);
        if (runs)
        {
            scene.Run(A);
        }

        return scene;
    }
}

public sealed class Ia32TransitionTests : TransitionTests<Ia32Format>;

public sealed class PaeTransitionTests : TransitionTests<PaeFormat>;

public sealed class FourLevelTransitionTests : TransitionTests<FourLevelFormat>;
