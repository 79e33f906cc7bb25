// What leaf tables that take turns cost and keep: pages, stores and flushes to the unit, tables that differ in nothing but what is granted, and refusals that change nothing.

using System;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class LeafLinkStrategyTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int WindowCount = 4;
    private const ulong StrategyPlace = 0x6000;
    private const ulong DomainPlaces = 0x7000;

    // Window 0 ends with private memory and the stacks, window 1 begins with the memory that the tests share, window 2 is empty, window 3 has some.
    private static readonly nuint s_span = SimulatedMachine<TFormat>.LeafTableSpan;
    private static readonly nuint s_near = s_span - 16;
    private static readonly nuint s_stacks = s_span - 8;
    private static readonly nuint s_far = 3 * s_span;
    private static readonly PageRange s_kernel = SimulatedMachine<TFormat>.Pages(s_span - 20, 2);

    private readonly SimulatedMachine<TFormat> _machine = new();
    private readonly Domain[] _domains = new Domain[3];
    private readonly LeafLinkTables[] _tables = new LeafLinkTables[3];
    private LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> _strategy;
    private DomainNumberSource _numbers;

    protected LeafLinkStrategyTests()
    {
        _machine.Map(s_kernel, 0x300, LeafRights.SupervisorReadWrite);
        _machine.Map(SimulatedMachine<TFormat>.Pages(s_near, 16 + 64), 0x310, LeafRights.SupervisorRead);
        _machine.Map(SimulatedMachine<TFormat>.Pages(s_far, 8), 0x400, LeafRights.SupervisorRead);
        WindowRun<TFormat> windows = new(PageRange.FromFirstToEnd(new PageNumber(s_near), new PageNumber(s_far + 8)));
        _strategy = new(_machine.Space, windows, SimulatedMachine<TFormat>.Pages(s_stacks, 8), new PhysicalAddress(StrategyPlace));
        _machine.Done(_strategy.Initialize(ref _machine.Pool, ref _machine.Account));
        Create(0);
        Create(1);
    }

    [Fact]
    public void A_window_without_a_table_gets_one_before_the_first_domain_and_no_other_window_does()
    {
        SimulatedMachine<TFormat> machine = new();
        machine.Map(SimulatedMachine<TFormat>.Pages(s_near, 32), 0x310, LeafRights.SupervisorRead);
        nuint before = machine.Pool.InUse.Value;
        WindowRun<TFormat> windows = new(PageRange.FromFirstToEnd(new PageNumber(s_near), new PageNumber(s_far + 8)));
        LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> strategy = new(machine.Space, windows, default, new PhysicalAddress(StrategyPlace));
        machine.Done(strategy.Initialize(ref machine.Pool, ref machine.Account));
        Assert.Equal((2u, machine.Pool.InUse.Value), (machine.Pool.InUse.Value - before, machine.Account.InUse.Value));
        machine.Done(strategy.Initialize(ref machine.Pool, ref machine.Account));
        Assert.Equal(2u, machine.Pool.InUse.Value - before);
    }

    [Fact]
    public void A_domain_with_a_page_and_a_stack_in_one_window_takes_one_page_and_another_for_each_further_window()
    {
        Assert.Equal(4096ul, _tables[0].PageCount.ByteCount);
        _machine.Discharge(Add(0, s_near, 1).Flush);
        Assert.Equal(4096ul, _tables[0].PageCount.ByteCount);
        nuint inUse = _machine.Pool.InUse.Value;
        _machine.Discharge(Add(0, s_span, 64).Flush);
        _machine.Discharge(Add(0, s_far, 1).Flush);
        Assert.Equal((2u, 3u), (_machine.Pool.InUse.Value - inUse, _tables[0].PageCount.Value));
        _machine.Discharge(Remove(0, s_far, 1));
        Assert.Equal(3u, _tables[0].PageCount.Value);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 1)]
    [InlineData(4, 8)]
    public void A_switch_stores_a_link_for_each_window_that_differs_and_flushes_once_whatever_is_granted(int pageCount, int partitionCount)
    {
        for (int partition = 0; partition < partitionCount; partition++)
        {
            _machine.Discharge(Add(0, s_span + (nuint)(partition * pageCount), (nuint)pageCount).Flush);
        }

        Run(0);
        Run(1);
        _machine.ResetCounters();
        FlushObligation owed = _strategy.SwitchTo(in _domains[0], ref _tables[0], Stack(0));
        Assert.Equal((2, 2), (_machine.EntriesWritten, _machine.StoreCount));
        Assert.Equal((FlushKind.WholeSet, true, false, false), (owed.Kind, owed.NeedsStructureCacheFlush, owed.NeedsDirectoryPointerReload, owed.LoadsRoot));
        _machine.Discharge(owed);
        AssertWritable(SimulatedMachine<TFormat>.Pages(s_span, (nuint)(pageCount * partitionCount)), Stack(0).Pages);

        // By a kernel thread back to the same one: nothing.
        _machine.ResetCounters();
        Assert.True(_strategy.IsCurrent(in _domains[0], in _tables[0], Stack(0)));
        Assert.True(_strategy.SwitchTo(in _domains[0], ref _tables[0], Stack(0)).IsNone);
        Assert.Equal(0, _machine.StoreCount);
    }

    [Fact]
    public void A_partition_in_a_new_window_is_the_running_domains_at_once_for_one_flush_and_in_a_known_one_for_none()
    {
        Run(0);
        FlushObligation owed = Add(0, s_span, 2).Flush;
        Assert.True(_strategy.IsCurrent(in _domains[0], in _tables[0], Stack(0)));
        Assert.Equal((FlushKind.WholeSet, true), (owed.Kind, owed.NeedsStructureCacheFlush));
        _machine.Discharge(owed);
        AssertWritable(SimulatedMachine<TFormat>.Pages(s_span, 2), Stack(0).Pages);
        Assert.True(Add(0, s_span + 2, 2).Flush.IsNone);
        AssertWritable(SimulatedMachine<TFormat>.Pages(s_span, 4), Stack(0).Pages);
        Assert.Equal(4, Remove(0, s_span, 2).PageTotal + Remove(0, s_span + 2, 2).PageTotal);
    }

    [Fact]
    public void What_is_edited_while_it_is_not_linked_owes_nothing_and_is_there_when_it_is_linked()
    {
        Run(1);
        Run(0);
        Assert.True(Add(1, s_span, 4).Flush.IsNone);
        AssertWritable(default, Stack(0).Pages);
        Assert.True(Remove(1, s_span, 4).IsNone);
        Assert.True(Add(1, s_near, 2).Flush.IsNone);
        Run(1);
        AssertWritable(SimulatedMachine<TFormat>.Pages(s_near, 2), Stack(1).Pages);
    }

    [Fact]
    public void A_switch_of_one_entry_a_step_may_turn_to_another_domain_at_each()
    {
        _machine.Discharge(Add(0, s_span, 1).Flush);
        _machine.Discharge(Add(1, s_far, 1).Flush);
        for (int steps = 0; steps < 8; steps++)
        {
            Run(0);
            for (int step = 0; step < steps; step++)
            {
                _machine.ResetCounters();
                _machine.Discharge(_strategy.SwitchTo(in _domains[1], ref _tables[1], Stack(1), 1).Flush);
                Assert.InRange(_machine.EntriesWritten, 0, 1);
            }

            bool isThere = _strategy.IsCurrent(in _domains[1], in _tables[1], Stack(1));
            Assert.False(isThere && _strategy.IsCurrent(in _domains[0], in _tables[0], Stack(0)));
            Run(0);
            AssertWritable(SimulatedMachine<TFormat>.Pages(s_span, 1), Stack(0).Pages);
            Run(1);
            AssertWritable(SimulatedMachine<TFormat>.Pages(s_far, 1), Stack(1).Pages);
        }
    }

    [Fact]
    public void A_domain_or_a_partition_that_lacks_a_table_is_refused_with_what_it_needs_and_what_is_left_and_nothing_changed()
    {
        Run(0);
        Assert.True(_machine.Pool.TryReserve(new PageCount(_machine.Pool.Available.Value - 1)));
        byte[] before = _machine.Snapshot();

        // Two windows, and one page for them.
        PagingError error = Add(0, s_span, 64, s_far + 1).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, 3u, 1u), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal(before, _machine.Snapshot());
        Assert.True(Add(0, s_span, 1).Succeeded);
        before = _machine.Snapshot();
        error = _strategy.OnDomainCreated(ref _machine.Pool, ref _tables[2], new PhysicalAddress(DomainPlaces + 128));
        Assert.Equal((PagingErrorCode.OutOfTablePages, 1u, 0u), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal((DomainErrorCode.OutOfTablePages, (nuint)4096), (DomainError.From(error).Code, DomainError.From(error).OffendingValue));
        Assert.Equal(before, _machine.Snapshot());
        Assert.Equal(PageCount.Zero, _tables[2].PageCount);
    }

    [Fact]
    public void A_partition_outside_all_windows_is_refused_with_its_first_page_there()
    {
        byte[] before = _machine.Snapshot();
        PagingError error = Add(0, (4 * s_span) - 1, 3).Error;
        Assert.Equal((PagingErrorCode.OutsideWindows, 4 * s_span), (error.Code, error.Page.Value));
        Assert.Equal((DomainErrorCode.OutsideWindows, error.Page.Address.Value), (DomainError.From(error).Code, DomainError.From(error).OffendingValue));
        Assert.Equal(before, _machine.Snapshot());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_that_everybody_gets_or_loses_is_in_every_leaf_table_linked_or_not(bool isFirstLinked)
    {
        // Over the end of the last window, so that part of it is in no window at all.
        PageRange device = SimulatedMachine<TFormat>.Pages((4 * s_span) - 2, 4);
        _machine.Discharge(Add(0, s_far, 1).Flush);
        _machine.Discharge(Add(1, s_far, 1).Flush);
        int running = isFirstLinked ? 0 : 1;
        Run(running);
        _machine.Done(_strategy.MapBase(ref _machine.Pool, ref _machine.Account, device, new FrameNumber(0x500), LeafRights.UserReadWrite, _tables));
        Assert.True(_strategy.IsCurrent(in _domains[running], in _tables[running], Stack(running)));
        for (int domain = 0; domain < 2; domain++)
        {
            AssertWritable(SimulatedMachine<TFormat>.Pages(s_far, 1), Stack(running).Pages, device);
            running = 1 - running;
            Run(running);
        }

        Assert.Equal(PagingErrorCode.AlreadyMapped, _strategy.MapBase(ref _machine.Pool, ref _machine.Account, device, new FrameNumber(0x500), LeafRights.UserRead, _tables).Error.Code);
        FlushObligation owed = _machine.Done(_strategy.UnmapBase(device, _tables));
        Assert.Equal(4, owed.PageTotal);
        for (int domain = 0; domain < 2; domain++)
        {
            AssertWritable(SimulatedMachine<TFormat>.Pages(s_far, 1), Stack(running).Pages);
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
        nuint inUse = _machine.Pool.InUse.Value;
        for (int steps = 0; steps < 8; steps++)
        {
            Create(2);
            _machine.Discharge(Add(2, s_span, 3).Flush);
            Run(0);
            for (int step = 0; step < steps; step++)
            {
                _machine.Discharge(_strategy.SwitchTo(in _domains[2], ref _tables[2], Stack(2), 1).Flush);
            }

            Destroy(2);
            Assert.Equal((inUse, (nuint)0), (_machine.Pool.InUse.Value, _tables[2].PageCount.Value));
            AssertNotWritable(SimulatedMachine<TFormat>.Pages(s_span, 3));
            AssertNotWritable(Stack(2).Pages);
            Assert.False(_strategy.IsCurrent(in _domains[2], in _tables[2], Stack(2)));
            Run(0);
            AssertWritable(default, Stack(0).Pages);
        }
    }

    [Fact]
    public void A_stack_is_revoked_where_it_is_granted_and_the_flush_is_owed_where_it_is_linked()
    {
        Run(0);
        Run(1);
        Assert.True(_strategy.OnStackFreed(in _domains[0], ref _tables[0], Stack(0)).IsNone);
        Assert.True(_tables[0].AppliedStack.IsNone);
        FlushObligation owed = _strategy.OnStackFreed(in _domains[1], ref _tables[1], Stack(1));
        Assert.Equal(2, owed.PageTotal);
        _machine.Discharge(owed);
        AssertWritable(default, default);
    }

    [Fact]
    public void A_thread_that_runs_and_is_moved_takes_its_stack_along_and_leaves_its_old_rights()
    {
        _machine.Discharge(Add(0, s_near, 2).Flush);
        _machine.Discharge(Add(1, s_span, 2).Flush);
        Run(0);
        _machine.Discharge(_strategy.OnThreadMoved(in _domains[0], ref _tables[0], in _domains[1], ref _tables[1], Stack(0)));
        Assert.True(_strategy.IsCurrent(in _domains[1], in _tables[1], Stack(0)));
        AssertWritable(SimulatedMachine<TFormat>.Pages(s_span, 2), Stack(0).Pages);
        Assert.True(_tables[0].AppliedStack.IsNone);
    }

    [Fact]
    public void No_thread_is_current_at_boot_not_even_one_of_no_domain()
    {
        LeafLinkTables none = default;
        Domain noDomain = default;
        Assert.False(_strategy.IsCurrent(in noDomain, in none, default));
        Assert.False(_strategy.IsCurrent(in _domains[0], in _tables[0], default));
    }

    [Fact]
    public void A_run_of_windows_has_every_page_of_its_range_in_the_window_that_maps_it()
    {
        WindowRun<TFormat> run = new(PageRange.FromFirstToEnd(new PageNumber(s_near), new PageNumber(s_far + 8)));
        Assert.Equal((WindowCount, (nuint)0, 3 * s_span), (run.Count, run.FirstPage(0).Value, run.FirstPage(3).Value));
        Assert.Equal((0, 0, 1, 3, -1), (run.IndexOf(new PageNumber(0)), run.IndexOf(new PageNumber(s_span - 1)), run.IndexOf(new PageNumber(s_span)), run.IndexOf(new PageNumber((4 * s_span) - 1)), run.IndexOf(new PageNumber(4 * s_span))));
        WindowRun<TFormat> whole = new(SimulatedMachine<TFormat>.Pages(s_span, s_span));
        Assert.Equal((1, 0, -1, -1), (whole.Count, whole.IndexOf(new PageNumber(s_span)), whole.IndexOf(new PageNumber(s_span - 1)), whole.IndexOf(new PageNumber(2 * s_span))));
        WindowRun<TFormat> none = new(default);
        Assert.Equal((0, -1), (none.Count, none.IndexOf(default)));
    }

    private static UserStack Stack(int domain) => new(SimulatedMachine<TFormat>.Pages(s_stacks + ((nuint)domain * 2), 2), 5 + (uint)domain);

    private void Create(int domain)
    {
        int byteCount = LeafLinkMemory.DomainByteCount<TFormat>(WindowCount);
        Assert.True(_strategy.OnDomainCreated(ref _machine.Pool, ref _tables[domain], new PhysicalAddress(DomainPlaces + (ulong)(domain * byteCount))).IsNone);
        _domains[domain].Create(ref _numbers);
    }

    private void Destroy(int domain)
    {
        SimulatedTranslationCache cache = new(_machine.Cpu);
        _strategy.OnDomainDestroyed(in _domains[domain], ref _tables[domain], ref _machine.Pool, ref cache);
        _domains[domain].Destroy();
    }

    private EditResult Add(int domain, nuint first, nuint count, nuint end = 0)
    {
        PageRange pages = PageRange.FromFirstToEnd(new PageNumber(first), new PageNumber(end == 0 ? first + count : end));
        Assert.True(Partition.TryCreate<TFormat>(pages, PartitionRights.ReadWrite, out Partition partition).IsNone);
        return _strategy.OnPartitionAdded(ref _machine.Pool, in _domains[domain], ref _tables[domain], in partition);
    }

    private FlushObligation Remove(int domain, nuint first, nuint count)
    {
        Assert.True(Partition.TryCreate<TFormat>(SimulatedMachine<TFormat>.Pages(first, count), PartitionRights.ReadWrite, out Partition partition).IsNone);
        return _strategy.OnPartitionRemoved(in _domains[domain], ref _tables[domain], in partition);
    }

    private void Run(int domain)
    {
        _machine.Discharge(_strategy.SwitchTo(in _domains[domain], ref _tables[domain], Stack(domain)));
        Assert.True(_strategy.IsCurrent(in _domains[domain], in _tables[domain], Stack(domain)));
    }

    /// <summary>User mode can write these pages and no others, and the kernel its own.</summary>
    private void AssertWritable(params ReadOnlySpan<PageRange> pages)
    {
        foreach (PageRange mapped in (ReadOnlySpan<PageRange>)[SimulatedMachine<TFormat>.Pages(s_near, 80), SimulatedMachine<TFormat>.Pages(s_far, 8), SimulatedMachine<TFormat>.Pages((4 * s_span) - 2, 4)])
        {
            for (PageNumber page = mapped.First; page != mapped.End; page += PageCount.One)
            {
                bool isMeant = false;
                foreach (PageRange range in pages)
                {
                    isMeant |= range.Contains(page);
                }

                MemoryAccess access = new(page.Address.Value, AccessKind.Write, IsUser: true);
                Assert.Equal((isMeant, page.Value), (_machine.Cpu.MaySucceed(access), page.Value));
                Assert.True(!isMeant || _machine.Cpu.MustSucceedWithRetry(access));
            }
        }

        Assert.True(_machine.Cpu.MustSucceedWithoutRetry(new MemoryAccess(s_kernel.First.Address.Value, AccessKind.Write, IsUser: false)));
    }

    private void AssertNotWritable(PageRange pages)
    {
        for (PageNumber page = pages.First; page != pages.End; page += PageCount.One)
        {
            Assert.False(_machine.Cpu.MaySucceed(new MemoryAccess(page.Address.Value, AccessKind.Write, IsUser: true)));
        }
    }
}

public sealed class Ia32LeafLinkStrategyTests : LeafLinkStrategyTests<Ia32Format>;

public sealed class PaeLeafLinkStrategyTests : LeafLinkStrategyTests<PaeFormat>;

public sealed class FourLevelLeafLinkStrategyTests : LeafLinkStrategyTests<FourLevelFormat>;
