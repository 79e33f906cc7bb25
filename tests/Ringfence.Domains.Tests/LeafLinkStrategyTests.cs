// What leaf tables that take turns cost and keep: pages, stores and flushes to the unit, tables that differ in nothing but what is granted, and refusals that change nothing.

using System;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class LeafLinkStrategyTests<TFormat> : LeafLinkScene<TFormat>
    where TFormat : struct, IPagingFormat
{
    [Fact]
    public void A_window_without_a_table_gets_one_before_the_first_domain_and_no_other_window_does()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(Near, 32), 0x310, LeafRights.SupervisorRead);
        nuint before = machine.Pool.InUse.Value;
        LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> strategy = NewStrategy(machine, default);
        machine.Done(strategy.Initialize(ref machine.Pool, ref machine.Account));
        Assert.Equal((2u, machine.Pool.InUse.Value), (machine.Pool.InUse.Value - before, machine.Account.InUse.Value));
        machine.Done(strategy.Initialize(ref machine.Pool, ref machine.Account));
        Assert.Equal(2u, machine.Pool.InUse.Value - before);
    }

    [Fact]
    public void A_domain_with_a_page_and_a_stack_in_one_window_takes_one_page_and_another_for_each_further_window()
    {
        Assert.Equal(4096ul, DomainTables[0].PageCount.ByteCount);
        Machine.Discharge(Add(0, Near, 1).Flush);
        Assert.Equal(4096ul, DomainTables[0].PageCount.ByteCount);
        nuint inUse = Machine.Pool.InUse.Value;
        Machine.Discharge(Add(0, Span, 64).Flush);
        Machine.Discharge(Add(0, Far, 1).Flush);
        Assert.Equal((2u, 3u), (Machine.Pool.InUse.Value - inUse, DomainTables[0].PageCount.Value));
        Machine.Discharge(Remove(0, Far, 1));
        Assert.Equal(3u, DomainTables[0].PageCount.Value);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 1)]
    [InlineData(4, 8)]
    public void A_switch_stores_a_link_for_each_window_that_differs_and_flushes_once_whatever_is_granted(int pageCount, int partitionCount)
    {
        for (int partition = 0; partition < partitionCount; partition++)
        {
            Machine.Discharge(Add(0, Span + (nuint)(partition * pageCount), (nuint)pageCount).Flush);
        }

        Run(0);
        Run(1);
        Machine.ResetCounters();
        FlushObligation owed = Strategy.SwitchTo(in Domains[0], ref DomainTables[0], Stack(0));
        Assert.Equal((2, 2), (Machine.EntriesWritten, Machine.StoreCount));
        Assert.Equal((FlushKind.WholeSet, true, false, false), (owed.Kind, owed.NeedsStructureCacheFlush, owed.NeedsDirectoryPointerReload, owed.LoadsRoot));
        Machine.Discharge(owed);
        AssertWritable(SimulatedMachine<TFormat>.Pages(Span, (nuint)(pageCount * partitionCount)), Stack(0).Pages);

        // By a kernel thread back to the same one: nothing.
        Machine.ResetCounters();
        Assert.True(Strategy.IsCurrent(in Domains[0], in DomainTables[0], Stack(0)));
        Assert.True(Strategy.SwitchTo(in Domains[0], ref DomainTables[0], Stack(0)).IsNone);
        Assert.Equal(0, Machine.StoreCount);
    }

    [Fact]
    public void A_partition_in_a_new_window_is_the_running_domains_at_once_for_one_flush_and_in_a_known_one_for_none()
    {
        Run(0);
        FlushObligation owed = Add(0, Span, 2).Flush;
        Assert.True(Strategy.IsCurrent(in Domains[0], in DomainTables[0], Stack(0)));
        Assert.Equal((FlushKind.WholeSet, true), (owed.Kind, owed.NeedsStructureCacheFlush));
        Machine.Discharge(owed);
        AssertWritable(SimulatedMachine<TFormat>.Pages(Span, 2), Stack(0).Pages);
        Assert.True(Add(0, Span + 2, 2).Flush.IsNone);
        AssertWritable(SimulatedMachine<TFormat>.Pages(Span, 4), Stack(0).Pages);
        Assert.Equal(4, Remove(0, Span, 2).PageTotal + Remove(0, Span + 2, 2).PageTotal);
    }

    [Fact]
    public void What_is_edited_while_it_is_not_linked_owes_nothing_and_is_there_when_it_is_linked()
    {
        Run(1);
        Run(0);
        Assert.True(Add(1, Span, 4).Flush.IsNone);
        AssertWritable(default, Stack(0).Pages);
        Assert.True(Remove(1, Span, 4).IsNone);
        Assert.True(Add(1, Near, 2).Flush.IsNone);
        Run(1);
        AssertWritable(SimulatedMachine<TFormat>.Pages(Near, 2), Stack(1).Pages);
    }

    [Fact]
    public void A_switch_of_one_entry_a_step_may_turn_to_another_domain_at_each()
    {
        Machine.Discharge(Add(0, Span, 1).Flush);
        Machine.Discharge(Add(1, Far, 1).Flush);
        for (int steps = 0; steps < 8; steps++)
        {
            Run(0);
            for (int step = 0; step < steps; step++)
            {
                Machine.ResetCounters();
                Machine.Discharge(Strategy.SwitchTo(in Domains[1], ref DomainTables[1], Stack(1), 1).Flush);
                Assert.InRange(Machine.EntriesWritten, 0, 1);
            }

            bool isThere = Strategy.IsCurrent(in Domains[1], in DomainTables[1], Stack(1));
            Assert.False(isThere && Strategy.IsCurrent(in Domains[0], in DomainTables[0], Stack(0)));
            Run(0);
            AssertWritable(SimulatedMachine<TFormat>.Pages(Span, 1), Stack(0).Pages);
            Run(1);
            AssertWritable(SimulatedMachine<TFormat>.Pages(Far, 1), Stack(1).Pages);
        }
    }

    [Fact]
    public void A_domain_or_a_partition_that_lacks_a_table_is_refused_with_what_it_needs_and_what_is_left_and_nothing_changed()
    {
        Run(0);
        Assert.True(Machine.Pool.TryReserve(new PageCount(Machine.Pool.Available.Value - 1)));
        byte[] before = Machine.Snapshot();

        // Two windows, and one page for them.
        PagingError error = Add(0, Span, 64, Far + 1).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, 3u, 1u), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal(before, Machine.Snapshot());
        Assert.True(Add(0, Span, 1).Succeeded);
        before = Machine.Snapshot();
        error = Strategy.OnDomainCreated(ref Machine.Pool, ref DomainTables[2], new PhysicalAddress(DomainPlaces + 128));
        Assert.Equal((PagingErrorCode.OutOfTablePages, 1u, 0u), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal((DomainErrorCode.OutOfTablePages, (nuint)4096), (DomainError.From(error).Code, DomainError.From(error).OffendingValue));
        Assert.Equal(before, Machine.Snapshot());
        Assert.Equal(PageCount.Zero, DomainTables[2].PageCount);
    }

    [Fact]
    public void A_partition_outside_all_windows_is_refused_with_its_first_page_there()
    {
        byte[] before = Machine.Snapshot();
        PagingError error = Add(0, (4 * Span) - 1, 3).Error;
        Assert.Equal((PagingErrorCode.OutsideWindows, 4 * Span), (error.Code, error.Page.Value));
        Assert.Equal((DomainErrorCode.OutsideWindows, error.Page.Address.Value), (DomainError.From(error).Code, DomainError.From(error).OffendingValue));
        Assert.Equal(before, Machine.Snapshot());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_that_everybody_gets_or_loses_is_in_every_leaf_table_linked_or_not(bool isFirstLinked)
    {
        // Over the end of the last window, so that part of it is in no window at all.
        PageRange device = SimulatedMachine<TFormat>.Pages((4 * Span) - 2, 4);
        Machine.Discharge(Add(0, Far, 1).Flush);
        Machine.Discharge(Add(1, Far, 1).Flush);
        int running = isFirstLinked ? 0 : 1;
        Run(running);
        Machine.Done(Strategy.MapBase(ref Machine.Pool, ref Machine.Account, device, new FrameNumber(0x500), LeafRights.UserReadWrite, DomainTables));
        Assert.True(Strategy.IsCurrent(in Domains[running], in DomainTables[running], Stack(running)));
        for (int domain = 0; domain < 2; domain++)
        {
            AssertWritable(SimulatedMachine<TFormat>.Pages(Far, 1), Stack(running).Pages, device);
            running = 1 - running;
            Run(running);
        }

        Assert.Equal(PagingErrorCode.AlreadyMapped, Strategy.MapBase(ref Machine.Pool, ref Machine.Account, device, new FrameNumber(0x500), LeafRights.UserRead, DomainTables).Error.Code);
        FlushObligation owed = Machine.Done(Strategy.UnmapBase(device, DomainTables));
        Assert.Equal(4, owed.PageTotal);
        for (int domain = 0; domain < 2; domain++)
        {
            AssertWritable(SimulatedMachine<TFormat>.Pages(Far, 1), Stack(running).Pages);
            running = 1 - running;
            Run(running);
        }

        // The base table as well: whoever has none of their own there.
        Destroy(0);
        Destroy(1);
        AssertWritable(default, default);
    }

    [Fact]
    public void The_end_of_a_domain_unlinks_its_tables_whole_or_half_linked_before_it_gives_them_back()
    {
        nuint inUse = Machine.Pool.InUse.Value;
        for (int steps = 0; steps < 8; steps++)
        {
            Create(2);
            Machine.Discharge(Add(2, Span, 3).Flush);
            Run(0);
            for (int step = 0; step < steps; step++)
            {
                Machine.Discharge(Strategy.SwitchTo(in Domains[2], ref DomainTables[2], Stack(2), 1).Flush);
            }

            bool isOtherLinked = Strategy.IsCurrent(in Domains[0], in DomainTables[0], Stack(0));
            int flushes = Machine.Cpu.FlushAllCount;
            Destroy(2);
            Assert.Equal(isOtherLinked, Strategy.IsCurrent(in Domains[0], in DomainTables[0], Stack(0)));
            Assert.InRange(Machine.Cpu.FlushAllCount - flushes, 0, 1);
            Assert.True(DomainTables[2].AppliedStack.IsNone);
            Assert.Equal((inUse, (nuint)0), (Machine.Pool.InUse.Value, DomainTables[2].PageCount.Value));
            AssertNotWritable(SimulatedMachine<TFormat>.Pages(Span, 3));
            AssertNotWritable(Stack(2).Pages);
            Assert.False(Strategy.IsCurrent(in Domains[2], in DomainTables[2], Stack(2)));
            Run(0);
            AssertWritable(default, Stack(0).Pages);
        }
    }

    [Fact]
    public void A_stack_is_revoked_where_it_is_granted_and_the_flush_is_owed_where_it_is_linked()
    {
        Run(0);
        Run(1);
        Assert.True(Strategy.OnStackFreed(in Domains[0], ref DomainTables[0], Stack(0)).IsNone);
        Assert.True(DomainTables[0].AppliedStack.IsNone);
        FlushObligation owed = Strategy.OnStackFreed(in Domains[1], ref DomainTables[1], Stack(1));
        Assert.Equal(2, owed.PageTotal);
        Machine.Discharge(owed);
        AssertWritable(default, default);
    }

    [Fact]
    public void A_thread_that_runs_and_is_moved_takes_its_stack_along_and_leaves_its_old_rights()
    {
        Machine.Discharge(Add(0, Near, 2).Flush);
        Machine.Discharge(Add(1, Span, 2).Flush);
        Run(0);
        Machine.Discharge(Strategy.OnThreadMoved(in Domains[0], ref DomainTables[0], in Domains[1], ref DomainTables[1], Stack(0)));
        Assert.True(Strategy.IsCurrent(in Domains[1], in DomainTables[1], Stack(0)));
        AssertWritable(SimulatedMachine<TFormat>.Pages(Span, 2), Stack(0).Pages);
        Assert.True(DomainTables[0].AppliedStack.IsNone);
    }

    [Fact]
    public void No_thread_is_current_at_boot_not_even_one_of_no_domain()
    {
        LeafLinkTables none = default;
        Domain noDomain = default;
        Assert.False(Strategy.IsCurrent(in noDomain, in none, default));
        Assert.False(Strategy.IsCurrent(in Domains[0], in DomainTables[0], default));
    }

    [Fact]
    public void A_run_of_windows_has_every_page_of_its_range_in_the_window_that_maps_it()
    {
        WindowRun<TFormat> run = Windows;
        Assert.Equal((WindowCount, (nuint)0, 3 * Span), (run.Count, run.FirstPage(0).Value, run.FirstPage(3).Value));
        Assert.Equal((0, 0, 1, 3, -1), (run.IndexOf(new PageNumber(0)), run.IndexOf(new PageNumber(Span - 1)), run.IndexOf(new PageNumber(Span)), run.IndexOf(new PageNumber((4 * Span) - 1)), run.IndexOf(new PageNumber(4 * Span))));
        WindowRun<TFormat> whole = new(SimulatedMachine<TFormat>.Pages(Span, Span));
        Assert.Equal((1, 0, -1, -1), (whole.Count, whole.IndexOf(new PageNumber(Span)), whole.IndexOf(new PageNumber(Span - 1)), whole.IndexOf(new PageNumber(2 * Span))));
        WindowRun<TFormat> none = new(default);
        Assert.Equal((0, -1), (none.Count, none.IndexOf(default)));
    }
}

public sealed class Ia32LeafLinkStrategyTests : LeafLinkStrategyTests<Ia32Format>;

public sealed class PaeLeafLinkStrategyTests : LeafLinkStrategyTests<PaeFormat>;

public sealed class FourLevelLeafLinkStrategyTests : LeafLinkStrategyTests<FourLevelFormat>;
