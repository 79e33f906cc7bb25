// The less usual turns of leaf tables that take turns: what is short of table pages, what lies where a domain has nothing of its own, and what names a stack that is not the one that is granted.

using System.Linq;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class LeafLinkDetailTests<TFormat> : LeafLinkScene<TFormat>
    where TFormat : struct, IPagingFormat
{
    // Where no format has a table but the root at first: the last page of one leaf table and the first of the next.
    private static readonly PageRange s_device = SimulatedMachine<TFormat>.Pages(((nuint)1 << 19) + Span - 1, 2);

    [Fact]
    public void The_lists_take_the_bytes_that_are_said_and_no_others()
    {
        int itemByteCount = FormatGeometry<TFormat>.TableAddressByteCount;
        Assert.Equal((WindowCount * itemByteCount, 2 * WindowCount * itemByteCount), (LeafLinkMemory.DomainByteCount<TFormat>(WindowCount), LeafLinkMemory.StrategyByteCount<TFormat>(WindowCount)));
        ulong end = StrategyPlace + (ulong)LeafLinkMemory.StrategyByteCount<TFormat>(WindowCount);
        Assert.NotEqual(0u, Machine.Memory.Read32(end - (ulong)itemByteCount));
        Assert.Equal((0u, 0u), (Machine.Memory.Read32(StrategyPlace - 4), Machine.Memory.Read32(end)));
        Assert.Equal(0u, Machine.Memory.Read32(DomainPlaces + (2 * (ulong)LeafLinkMemory.DomainByteCount<TFormat>(WindowCount))));
    }

    [Fact]
    public void Links_are_the_switch_to_a_thread_until_its_stack_gives_way_or_goes()
    {
        UserStack stack = Stack(0);
        UserStack next = Stack(1);
        Machine.Discharge(Strategy.SwitchTo(in Domains[0], ref DomainTables[0], in stack));
        Strategy.NoteReady(ref DomainTables[0], 7);
        Assert.Equal((nuint)7, DomainTables[0].NotedThread);
        Assert.False(TryReturn(8, out FlushObligation owed));
        Assert.True(TryReturn(7, out owed));
        Assert.True(owed.IsNone);
        Machine.Discharge(Strategy.SwitchTo(in Domains[1], ref DomainTables[1], in next));
        Assert.True(TryReturn(7, out owed));
        Assert.Equal(FlushKind.WholeSet, owed.Kind);
        Machine.Discharge(owed);
        Assert.True(Strategy.IsCurrent(in Domains[0], in DomainTables[0], in stack));
        Assert.True(Strategy.IsReady(in DomainTables[0], in stack));

        SwitchStep step = Strategy.SwitchTo(in Domains[0], ref DomainTables[0], in next, 1);
        Assert.False(step.IsComplete);
        Machine.Discharge(step.Flush);
        Assert.False(TryReturn(7, out _));
        Assert.False(Strategy.IsReady(in DomainTables[0], in stack));

        Machine.Discharge(Strategy.SwitchTo(in Domains[0], ref DomainTables[0], in stack));
        Strategy.NoteReady(ref DomainTables[0], 7);
        Machine.Discharge(Strategy.OnStackFreed(in Domains[0], ref DomainTables[0], in next));
        Assert.True(TryReturn(7, out _));
        Machine.Discharge(Strategy.OnStackFreed(in Domains[0], ref DomainTables[0], in stack));
        Assert.False(TryReturn(7, out _));
    }

    [Theory]
    [InlineData(128, 7)]
    [InlineData(129, 0)]
    public void More_links_than_a_switch_may_store_at_once_are_stored_in_steps_each_time(int windowCount, int noted)
    {
        WindowRun<TFormat> windows = new(SimulatedMachine<TFormat>.Pages(0, (nuint)windowCount * Span));
        LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> strategy = new(Machine.Space, windows, default, new PhysicalAddress(StrategyPlace));
        strategy.NoteReady(ref DomainTables[0], 7);
        Assert.Equal((nuint)noted, DomainTables[0].NotedThread);
    }

    private bool TryReturn(nuint thread, out FlushObligation owed)
    {
        OwedFlushes cache = default;
        bool isReturned = Strategy.TryReturnTo(ref DomainTables[0], thread, ref cache);
        owed = cache.Owed;
        return isReturned;
    }

    [Fact]
    public void Tables_for_windows_that_run_out_are_refused_and_new_directory_pointers_are_owed_once_for_all()
    {
        // Three windows, of which the last two lie behind a border of every level below the root.
        nuint border = (nuint)1 << 18;
        WindowRun<TFormat> windows = new(PageRange.FromFirstToEnd(new PageNumber(border - 1), new PageNumber(border + Span + 1)));
        SimulatedMachine<TFormat> machine = new();
        LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> strategy = new(machine.Space, windows, default, new PhysicalAddress(StrategyPlace));
        FlushObligation owed = machine.Done(strategy.Initialize(ref machine.Pool, ref machine.Account));
        Assert.Equal((TFormat.RootIsHeldInRegisters, FlushKind.None), (owed.NeedsDirectoryPointerReload, owed.Kind));
        for (int window = 0; window < windows.Count; window++)
        {
            Assert.True(machine.Space.TryFindLeafLink(windows.FirstPage(window), out TableAddress link));
            ulong item = StrategyPlace + (ulong)(window * FormatGeometry<TFormat>.TableAddressByteCount);
            Assert.Equal((uint)machine.Space.LinkedTable(link).Value, machine.Memory.Read32(item));
        }

        SimulatedMachine<TFormat> poor = new(poolPageCount: (int)machine.Account.InUse.Value - 1);
        strategy = new(poor.Space, windows, default, new PhysicalAddress(StrategyPlace));
        PagingError error = strategy.Initialize(ref poor.Pool, ref poor.Account).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, windows.FirstPage(2)), (error.Code, error.Page));
    }

    [Fact]
    public void What_lies_where_a_domain_has_no_table_of_its_own_is_passed_over_and_the_base_tables_stay_everybodys()
    {
        // A stack in a window that wasn't planned for one, and one outside all windows: neither is granted, and no other table is edited for it.
        foreach (nuint first in new[] { Far, 4 * Span })
        {
            UserStack stack = new(SimulatedMachine<TFormat>.Pages(first, 2), 40);
            Machine.Discharge(Strategy.SwitchTo(in Domains[1], ref DomainTables[1], in stack));
            AssertWritable(default);
            Run(0);
            AssertWritable(Stack(0).Pages);
            Assert.True(Remove(0, first, 2).IsNone);
        }
    }

    [Fact]
    public void A_domain_whose_stacks_lie_outside_the_windows_is_refused_and_takes_nothing()
    {
        nuint inUse = Machine.Pool.InUse.Value;
        Strategy = NewStrategy(Machine, SimulatedMachine<TFormat>.Pages(4 * Span, 2));
        PagingError error = Strategy.OnDomainCreated(ref Machine.Pool, ref DomainTables[2], new PhysicalAddress(DomainPlaces + 128));
        Assert.Equal((PagingErrorCode.OutsideWindows, new PageNumber(4 * Span)), (error.Code, error.Page));
        Assert.Equal((inUse, (nuint)0), (Machine.Pool.InUse.Value, DomainTables[2].PageCount.Value));
    }

    [Fact]
    public void A_page_for_everybody_is_refused_with_what_it_needs_and_the_lesser_of_what_pool_and_account_leave()
    {
        byte[] before = Machine.Snapshot();
        nuint needed = Machine.Space.CheckMap(s_device, new FrameNumber(0x500), out PageCount count).IsNone ? count.Value : 0;
        Assert.True(needed > 1);
        TableAccount account = new(new PageCount(needed - 1));
        PagingError error = MapForAll(s_device, ref account).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, s_device.First, needed, needed - 1), (error.Code, error.Page, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal(before, Machine.Snapshot());
        Assert.True(Machine.Pool.TryReserve(new PageCount(Machine.Pool.Available.Value - needed)));
        account = new TableAccount(new PageCount(needed + 1));
        nuint left = Machine.Pool.Available.Value;
        Assert.True(Machine.Pool.TryReserve(PageCount.One));
        error = MapForAll(s_device, ref account).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, needed, left - 1), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));

        // Something that is there already is what is said first, also when nothing is left.
        error = MapForAll(SimulatedMachine<TFormat>.Pages(Far, 1), ref account).Error;
        Assert.Equal((PagingErrorCode.AlreadyMapped, new PageNumber(Far)), (error.Code, error.Page));
        Assert.Equal(before, Machine.Snapshot());
        Machine.Pool.Free(Machine.Pool.TakeReserved());
        account = new TableAccount(new PageCount(needed));
        FlushObligation owed = Machine.Done(MapForAll(s_device, ref account));
        Assert.Equal((TFormat.RootIsHeldInRegisters, FlushKind.None), (owed.NeedsDirectoryPointerReload, owed.Kind));
        Assert.Equal((PageCount.Zero, (nuint)0x501), (account.Left, Machine.Space.Translate(new PageNumber(s_device.End.Value - 1).Address).Frame.Value));
    }

    [Fact]
    public void A_page_for_everybody_is_stored_once_in_each_table_that_there_is_and_nowhere_for_a_domain_that_is_none()
    {
        // Of three domains one is none, and one has a table of its own in the window: that and the base table.
        Machine.Discharge(Add(0, Far, 1).Flush);
        int stores = TFormat.EntryWidth == EntryWidth.Bits64 || FormatGeometry<TFormat>.EntryByteCount == 4 ? 1 : 2;
        PageRange page = SimulatedMachine<TFormat>.Pages(Far + 8, 1);
        Machine.Memory.Fill(0, (int)PageSize.ByteCount, 0x67);
        byte[] first = [.. Machine.Snapshot().Take((int)PageSize.ByteCount)];
        Machine.ResetCounters();
        Machine.Done(MapForAll(page, ref Machine.Account));
        Assert.Equal((2, 2 * stores), (Machine.EntriesWritten, Machine.StoreCount));
        Machine.ResetCounters();
        Machine.Done(Strategy.UnmapBase(page, DomainTables));
        Assert.Equal(2, Machine.EntriesWritten);
        Assert.Equal(first, Machine.Snapshot().Take((int)PageSize.ByteCount));
    }

    [Fact]
    public void A_page_in_the_first_window_is_everybodys_while_it_is_mapped()
    {
        PageRange page = SimulatedMachine<TFormat>.Pages(Near - 1, 1);
        Run(0);
        Machine.Done(MapForAll(page, ref Machine.Account));
        MemoryAccess read = new(page.First.Address.Value, AccessKind.Read, IsUser: true);
        foreach (int domain in new[] { 0, 1 })
        {
            Run(domain);
            Assert.True(Machine.Cpu.MustSucceedWithRetry(read));
        }

        Machine.Done(Strategy.UnmapBase(page, DomainTables));
        foreach (int domain in new[] { 1, 0 })
        {
            Run(domain);
            Assert.False(Machine.Cpu.MaySucceed(read));
        }
    }

    [Fact]
    public void A_page_that_is_taken_from_a_base_table_owes_a_flush_where_that_is_linked()
    {
        Run(0);
        PageRange page = SimulatedMachine<TFormat>.Pages(Far + 8, 1);
        Machine.Done(MapForAll(page, ref Machine.Account));
        MemoryAccess read = new(page.First.Address.Value, AccessKind.Read, IsUser: true);
        Assert.True(Machine.Cpu.MustSucceedWithRetry(read));
        FlushObligation owed = Machine.Done(Strategy.UnmapBase(page, DomainTables));
        Assert.Equal(1, owed.PageTotal);
        Assert.False(Machine.Cpu.MaySucceed(read));
    }

    [Fact]
    public void A_step_counts_the_links_that_it_stores_and_is_the_last_when_all_others_are_there()
    {
        // The first window alone differs; then the first and the last.
        Run(1);
        Run(0);
        Step(isLast: true);
        Machine.Discharge(Add(1, Far, 1).Flush);
        Run(0);
        Step(isLast: false);
        Step(isLast: true);
        AssertWritable(SimulatedMachine<TFormat>.Pages(Far, 1), Stack(1).Pages);

        void Step(bool isLast)
        {
            Machine.ResetCounters();
            SwitchStep step = Strategy.SwitchTo(in Domains[1], ref DomainTables[1], Stack(1), 1);
            Assert.Equal((isLast, 1, FlushKind.WholeSet), (step.IsComplete, Machine.EntriesWritten, step.Flush.Kind));
            Machine.Discharge(step.Flush);
        }
    }

    [Fact]
    public void A_page_that_nobody_has_is_not_taken_from_everybody()
    {
        PageRange half = SimulatedMachine<TFormat>.Pages(Far + 7, 2);
        byte[] before = Machine.Snapshot();
        PagingError error = Strategy.UnmapBase(half, DomainTables).Error;
        Assert.Equal((PagingErrorCode.NotMapped, new PageNumber(Far + 8)), (error.Code, error.Page));
        Assert.Equal(before, Machine.Snapshot());
    }

    [Fact]
    public void A_page_that_is_taken_from_everybody_owes_a_flush_where_the_table_is_linked_and_it_owes_it_once()
    {
        Machine.Discharge(Add(0, Far, 1).Flush);
        Machine.Discharge(Add(1, Far, 1).Flush);
        Run(0);
        FlushObligation owed = Strategy.UnmapBase(SimulatedMachine<TFormat>.Pages(Far + 4, 3), DomainTables).Flush;
        Assert.Equal((3, false), (owed.PageTotal, owed.NeedsStructureCacheFlush));
        Machine.Discharge(owed);
    }

    [Fact]
    public void A_step_that_changes_a_stack_alone_leaves_who_is_linked_linked()
    {
        Run(1);
        Run(0);
        UserStack other = new(SimulatedMachine<TFormat>.Pages(Stacks + 4, 2), 9);

        // Two pages back and two pages on, in domain 1's own tables, and then its links.
        for (int step = 0; step < 2; step++)
        {
            SwitchStep taken = Strategy.SwitchTo(in Domains[1], ref DomainTables[1], in other, 2);
            Assert.False(taken.IsComplete);
            Assert.True(taken.Flush.IsNone);
            Assert.True(Strategy.IsCurrent(in Domains[0], in DomainTables[0], Stack(0)));
            AssertWritable(Stack(0).Pages);
        }

        SwitchStep last = Strategy.SwitchTo(in Domains[1], ref DomainTables[1], in other, 2);
        Assert.True(last.IsComplete);
        Machine.Discharge(last.Flush);
        AssertWritable(other.Pages);
    }

    [Fact]
    public void What_the_caller_owes_already_is_still_owed_after_a_switch()
    {
        Run(1);
        Run(0);
        FlushObligation owed = MapForAll(s_device, ref Machine.Account).Flush;
        Assert.True(Strategy.TrySwitchTo(in Domains[1], ref DomainTables[1], Stack(1), int.MaxValue, ref owed));
        Assert.Equal((FlushKind.WholeSet, true, TFormat.RootIsHeldInRegisters), (owed.Kind, owed.NeedsStructureCacheFlush, owed.NeedsDirectoryPointerReload));
        Machine.Discharge(owed);
    }

    [Fact]
    public void A_thread_is_current_with_the_stack_that_is_granted_to_its_last_page_and_generation_and_no_other()
    {
        Run(0);
        nuint first = Stack(0).Pages.First.Value;
        uint generation = Stack(0).Generation;
        foreach (UserStack other in new[] { Named(first, 2, generation + 1), Named(first, 1, generation), Named(first, 3, generation), Named(first + 1, 1, generation), Named(first - 1, 3, generation) })
        {
            Assert.False(Strategy.IsCurrent(in Domains[0], in DomainTables[0], in other));
        }

        Assert.True(Strategy.IsCurrent(in Domains[0], in DomainTables[0], Stack(0)));

        // Nor is one of another domain, which has a stack of the same pages and generation.
        Assert.False(Strategy.IsCurrent(in Domains[1], in DomainTables[1], Stack(0)));
    }

    [Fact]
    public void A_stack_that_is_not_the_granted_one_is_not_revoked_in_its_place()
    {
        Run(0);
        nuint first = Stack(0).Pages.First.Value;
        uint generation = Stack(0).Generation;
        foreach (UserStack other in new[] { Named(first, 2, generation + 1), Named(first + 2, 2, generation) })
        {
            Assert.True(Strategy.OnStackFreed(in Domains[0], ref DomainTables[0], in other).IsNone);
            Assert.True(Strategy.IsCurrent(in Domains[0], in DomainTables[0], Stack(0)));
        }

        AssertWritable(Stack(0).Pages);
    }

    [Fact]
    public void A_move_within_the_domain_changes_nothing_and_a_thread_without_a_stack_of_its_own_moves_when_it_is_switched_to()
    {
        Run(0);
        Machine.ResetCounters();
        Assert.True(Strategy.OnThreadMoved(in Domains[0], ref DomainTables[0], in Domains[0], ref DomainTables[0], Stack(0)).IsNone);
        Assert.Equal(0, Machine.StoreCount);

        // All threads of a domain that owns the stacks are alike: which of them runs can't be told.
        Machine.Discharge(Strategy.SwitchTo(in Domains[0], ref DomainTables[0], default));
        Assert.True(Strategy.OnThreadMoved(in Domains[0], ref DomainTables[0], in Domains[1], ref DomainTables[1], default).IsNone);
        Assert.True(Strategy.IsCurrent(in Domains[0], in DomainTables[0], default));
        Assert.False(Strategy.IsCurrent(in Domains[1], in DomainTables[1], default));
    }

    private static UserStack Named(nuint first, nuint count, uint generation) => new(SimulatedMachine<TFormat>.Pages(first, count), generation);

    private EditResult MapForAll(PageRange pages, ref TableAccount account) =>
        Strategy.MapBase(ref Machine.Pool, ref account, pages, new FrameNumber(0x500), LeafRights.UserRead, DomainTables);
}

public sealed class Ia32LeafLinkDetailTests : LeafLinkDetailTests<Ia32Format>;

public sealed class PaeLeafLinkDetailTests : LeafLinkDetailTests<PaeFormat>;

public sealed class FourLevelLeafLinkDetailTests : LeafLinkDetailTests<FourLevelFormat>;
