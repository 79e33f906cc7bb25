// What a strategy with a set for each domain does where programs of a kernel hardly come: other owners' obligations, sets that differ from the base set, stacks alike.

using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class PerDomainStrategyTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_first = SimulatedMachine<TFormat>.LeafTableSpan - 8;
    private static readonly PageRange s_device = SimulatedMachine<TFormat>.Pages(5 * SimulatedMachine<TFormat>.LeafTableSpan, 2);

    private readonly SimulatedMachine<TFormat> _machine = new();
    private readonly Domain[] _domains = new Domain[2];
    private readonly PerDomainTables<TFormat, SimulatedTableMemory, FullSet<TFormat, SimulatedTableMemory>>[] _tables =
        new PerDomainTables<TFormat, SimulatedTableMemory, FullSet<TFormat, SimulatedTableMemory>>[2];

    private readonly UserStack _stack = new(SimulatedMachine<TFormat>.Pages(s_first, 2), 5);
    private PerDomainStrategy<TFormat, SimulatedTableMemory, FullSet<TFormat, SimulatedTableMemory>> _strategy;
    private DomainNumberSource _numbers;

    protected PerDomainStrategyTests()
    {
        _machine.Map(SimulatedMachine<TFormat>.Pages(s_first, 4), 0x300, LeafRights.SupervisorRead);
        _machine.Map(SimulatedMachine<TFormat>.Pages(s_first + 4, 4), 0x310, LeafRights.SupervisorReadWrite);
        _strategy = new(_machine.Space, PageRange.Empty, PageRange.Empty);
        for (int domain = 0; domain < 2; domain++)
        {
            Assert.True(_strategy.OnDomainCreated(ref _machine.Pool, ref _tables[domain], new PhysicalAddress(0x7000 + ((ulong)domain * 32))).IsNone);
            _domains[domain].Create(ref _numbers);
        }
    }

    // With room for one entry.
    private bool Step(in UserStack next)
    {
        SwitchStep step = _strategy.SwitchTo(in _domains[0], ref _tables[0], in next, 1);
        _machine.Discharge(step.Flush);
        return step.IsComplete;
    }

    [Fact]
    public void At_boot_the_base_set_is_loaded_and_no_thread_is_current_not_even_one_of_no_domain()
    {
        Assert.Equal(_machine.Space.Root, _strategy.LoadedRoot);
        Domain none = default;
        PerDomainTables<TFormat, SimulatedTableMemory, FullSet<TFormat, SimulatedTableMemory>> tables = default;
        UserStack noStack = default;
        Assert.False(_strategy.IsCurrent(in none, in tables, in noStack));
        Assert.False(_strategy.IsCurrent(in _domains[0], in _tables[0], in noStack));
    }

    [Fact]
    public void A_load_is_the_switch_to_a_thread_until_its_stack_gives_way_or_goes()
    {
        UserStack next = new(SimulatedMachine<TFormat>.Pages(s_first + 2, 2), 6);
        Load(0);
        Assert.False(TryReturn(7, out _));
        _strategy.NoteReady(ref _tables[0], 7);
        Assert.Equal((nuint)7, _tables[0].NotedThread);
        Assert.False(TryReturn(8, out FlushObligation owed));
        Assert.True(TryReturn(7, out owed));
        Assert.True(owed.IsNone);
        Load(1);
        Assert.True(TryReturn(7, out owed));
        Assert.Equal((_strategy.UserTables(in _tables[0]).Root, _strategy.LoadedRoot), (owed.Root, owed.Root));
        _machine.Discharge(owed);
        Assert.True(_strategy.IsReady(in _tables[0], in _stack));

        Assert.False(Step(in next));
        Assert.False(TryReturn(7, out owed));
        Assert.True(owed.IsNone);
        Assert.False(_strategy.IsReady(in _tables[0], in _stack));

        Load(0);
        _strategy.NoteReady(ref _tables[0], 7);
        _machine.Discharge(_strategy.OnStackFreed(in _domains[0], ref _tables[0], in next));
        Assert.True(TryReturn(7, out _));
        _machine.Discharge(_strategy.OnStackFreed(in _domains[0], ref _tables[0], in _stack));
        Assert.False(TryReturn(7, out _));
    }

    private bool TryReturn(nuint thread, out FlushObligation owed)
    {
        OwedFlushes cache = default;
        bool isReturned = _strategy.TryReturnTo(ref _tables[0], thread, ref cache);
        owed = cache.Owed;
        return isReturned;
    }

    [Fact]
    public void What_the_caller_owes_already_stays_owed_through_a_step()
    {
        Load(0);
        PageNumber other = new(77);
        FlushObligation owed = FlushObligation.ForPages(PageRange.OnePage(other));
        UserStack next = new(SimulatedMachine<TFormat>.Pages(s_first + 2, 2), 6);
        Assert.True(_strategy.TrySwitchTo(in _domains[0], ref _tables[0], in next, 64, ref owed));
        Assert.Equal(3, owed.PageTotal);
        Assert.True(owed.Covers(other));
    }

    [Fact]
    public void A_step_in_a_set_that_is_not_loaded_owes_nothing()
    {
        Load(1);
        Load(0);
        UserStack next = new(SimulatedMachine<TFormat>.Pages(s_first + 2, 2), 6);
        FlushObligation owed = default;
        Assert.False(_strategy.TrySwitchTo(in _domains[1], ref _tables[1], in next, 1, ref owed));
        Assert.True(owed.IsNone);
    }

    [Fact]
    public void A_change_of_stacks_takes_as_many_steps_as_there_are_entries_to_write_and_goes_on_where_it_was()
    {
        Load(0);
        UserStack next = new(SimulatedMachine<TFormat>.Pages(s_first + 2, 2), 6);
        for (int step = 1; step < 4; step++)
        {
            Assert.False(Step(in next), $"step {step}");
        }

        Assert.True(Step(in next));
        AssertGranted(next.Pages);
    }

    [Fact]
    public void A_new_life_of_the_same_stack_is_granted_without_a_write()
    {
        Load(0);
        UserStack next = new(_stack.Pages, _stack.Generation + 1);
        Assert.False(_strategy.IsCurrent(in _domains[0], in _tables[0], in next));
        Assert.True(Step(in next));
        Assert.True(_strategy.IsCurrent(in _domains[0], in _tables[0], in next));
        AssertGranted(next.Pages);
    }

    [Fact]
    public void A_grant_that_narrows_the_supervisor_owes_its_flush_in_the_loaded_set_only()
    {
        Load(0);
        Assert.True(Partition.TryCreate<TFormat>(SimulatedMachine<TFormat>.Pages(s_first + 4, 2), PartitionRights.ReadOnly, out Partition partition).IsNone);
        FlushObligation ofOther = _strategy.OnPartitionAdded(ref _machine.Pool, in _domains[1], ref _tables[1], in partition).Flush;
        FlushObligation ofLoaded = _strategy.OnPartitionAdded(ref _machine.Pool, in _domains[0], ref _tables[0], in partition).Flush;
        Assert.Equal((0, 2), (ofOther.PageTotal, ofLoaded.PageTotal));
    }

    [Fact]
    public void The_first_grant_of_a_loaded_set_owes_its_flush_too_when_it_narrows()
    {
        UserStack none = default;
        _machine.Discharge(_strategy.SwitchTo(in _domains[0], ref _tables[0], in none));
        Assert.True(Partition.TryCreate<TFormat>(SimulatedMachine<TFormat>.Pages(s_first + 4, 2), PartitionRights.ReadOnly, out Partition partition).IsNone);
        Assert.Equal(2, _strategy.OnPartitionAdded(ref _machine.Pool, in _domains[0], ref _tables[0], in partition).Flush.PageTotal);
    }

    [Theory]
    [InlineData(0, 2, 6)]
    [InlineData(0, 1, 5)]
    [InlineData(0, 3, 5)]
    [InlineData(0, 4, 6)]
    [InlineData(1, 1, 5)]
    [InlineData(1, 2, 5)]
    [InlineData(1, 3, 6)]
    [InlineData(2, 2, 5)]
    public void A_stack_that_differs_in_place_size_or_generation_alone_is_another_one_from_any_middle_of_a_switch(int offset, int count, int generation)
    {
        UserStack next = new(SimulatedMachine<TFormat>.Pages(s_first + (nuint)offset, (nuint)count), (uint)generation);
        for (int steps = 0; steps < 6; steps++)
        {
            Load(0);
            Assert.False(_strategy.IsCurrent(in _domains[0], in _tables[0], in next));
            for (int step = 0; step < steps; step++)
            {
                _machine.Discharge(_strategy.SwitchTo(in _domains[0], ref _tables[0], in next, 1).Flush);
            }

            // On to the end, then back: each has its pages and no others.
            _machine.Discharge(_strategy.SwitchTo(in _domains[0], ref _tables[0], in next));
            AssertGranted(next.Pages);
            _machine.Discharge(_strategy.SwitchTo(in _domains[0], ref _tables[0], in next, 1).Flush);
            Load(0);
            AssertGranted(_stack.Pages);

            // Left in the middle, and back.
            for (int step = 0; step < steps; step++)
            {
                _machine.Discharge(_strategy.SwitchTo(in _domains[0], ref _tables[0], in next, 1).Flush);
            }

            Load(0);
            AssertGranted(_stack.Pages);
        }
    }

    [Fact]
    public void A_move_to_the_same_domain_changes_nothing()
    {
        Load(0);
        _machine.ResetCounters();
        Assert.True(_strategy.OnThreadMoved(in _domains[0], ref _tables[0], in _domains[0], ref _tables[0], in _stack).IsNone);
        Assert.Equal(0, _machine.StoreCount);
        Assert.True(_strategy.IsCurrent(in _domains[0], in _tables[0], in _stack));
    }

    [Fact]
    public void A_thread_without_a_stack_of_its_own_that_moves_takes_nobody_along()
    {
        // Where stacks are the domain's, threads can't be told apart by them: the one that runs is switched when it is next.
        UserStack none = default;
        _machine.Discharge(_strategy.SwitchTo(in _domains[0], ref _tables[0], in none));
        Assert.True(_strategy.OnThreadMoved(in _domains[0], ref _tables[0], in _domains[1], ref _tables[1], in none).IsNone);
        Assert.Equal(_strategy.UserTables(in _tables[0]).Root, _strategy.LoadedRoot);
    }

    [Fact]
    public void The_end_of_a_stack_elsewhere_with_the_same_generation_takes_nothing()
    {
        Load(0);
        UserStack elsewhere = new(SimulatedMachine<TFormat>.Pages(s_first + 2, 2), _stack.Generation);
        Assert.True(_strategy.OnStackFreed(in _domains[0], ref _tables[0], in elsewhere).IsNone);
        Assert.True(_strategy.IsCurrent(in _domains[0], in _tables[0], in _stack));
        Assert.Equal(2, _strategy.OnStackFreed(in _domains[0], ref _tables[0], in _stack).PageTotal);
    }

    [Fact]
    public void One_set_that_refuses_keeps_all_others_as_they_are()
    {
        // The first domain's set has the pages already, behind the strategy's back; the second would take them. Neither the account nor the pool hides that.
        TableAccount account = TableAccount.Unlimited;
        AddressSpace<TFormat, SimulatedTableMemory> set = _strategy.UserTables(in _tables[0]);
        Assert.True(set.Map(ref _machine.Pool, ref account, s_device, new FrameNumber(0x400), LeafRights.SupervisorRead).Succeeded);
        byte[] before = _machine.Snapshot();
        TableAccount none = new(PageCount.Zero);
        EditResult mapped = _strategy.MapBase(ref _machine.Pool, ref none, s_device, new FrameNumber(0x400), LeafRights.SupervisorRead, _tables);
        Assert.Equal(PagingErrorCode.AlreadyMapped, mapped.Error.Code);
        PageCount rest = _machine.Pool.Available;
        Assert.True(_machine.Pool.TryReserve(rest));
        mapped = _strategy.MapBase(ref _machine.Pool, ref account, s_device, new FrameNumber(0x400), LeafRights.SupervisorRead, _tables);
        Assert.Equal(PagingErrorCode.AlreadyMapped, mapped.Error.Code);
        Assert.Equal(before, _machine.Snapshot());
    }

    [Fact]
    public void Pages_that_one_set_has_lost_are_unmapped_in_none()
    {
        TableAccount account = TableAccount.Unlimited;
        Assert.True(_strategy.MapBase(ref _machine.Pool, ref account, s_device, new FrameNumber(0x400), LeafRights.SupervisorRead, _tables).Succeeded);
        for (int domain = 0; domain < 2; domain++)
        {
            AddressSpace<TFormat, SimulatedTableMemory> set = _strategy.UserTables(in _tables[domain]);
            Assert.True(set.Unmap(PageRange.OnePage(s_device.First)).Succeeded);
            byte[] before = _machine.Snapshot();
            Assert.Equal(PagingErrorCode.NotMapped, _strategy.UnmapBase(s_device, _tables).Error.Code);
            Assert.Equal(before, _machine.Snapshot());
            Assert.True(set.Map(ref _machine.Pool, ref account, PageRange.OnePage(s_device.First), new FrameNumber(0x400), LeafRights.SupervisorRead).Succeeded);
        }

        Assert.True(_strategy.UnmapBase(s_device, _tables).Succeeded);
    }

    [Fact]
    public void The_account_of_the_base_set_is_held_to_its_limit_whatever_the_pool_has()
    {
        Assert.True(_machine.Space.CheckMap(s_device, new FrameNumber(0x400), out PageCount needed).IsNone);
        byte[] before = _machine.Snapshot();
        TableAccount tooSmall = new(new PageCount(needed.Value - 1));
        PagingError error = _strategy.MapBase(ref _machine.Pool, ref tooSmall, s_device, new FrameNumber(0x400), LeafRights.SupervisorRead, _tables).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, needed.Value, needed.Value - 1), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal(before, _machine.Snapshot());
        TableAccount enough = new(needed);
        Assert.True(_strategy.MapBase(ref _machine.Pool, ref enough, s_device, new FrameNumber(0x400), LeafRights.SupervisorRead, _tables).Succeeded);
        Assert.Equal(PageCount.Zero, enough.Left);
    }

    private void AssertGranted(PageRange pages)
    {
        for (nuint page = s_first; page < s_first + 8; page++)
        {
            bool mayWrite = _machine.Cpu.MaySucceed(new MemoryAccess(new PageNumber(page).Address.Value, AccessKind.Write, IsUser: true));
            Assert.Equal(pages.Contains(new PageNumber(page)), mayWrite);
        }
    }

    private void Load(int domain) => _machine.Discharge(_strategy.SwitchTo(in _domains[domain], ref _tables[domain], in _stack));
}

public sealed class Ia32PerDomainStrategyTests : PerDomainStrategyTests<Ia32Format>;

public sealed class PaePerDomainStrategyTests : PerDomainStrategyTests<PaeFormat>;

public sealed class FourLevelPerDomainStrategyTests : PerDomainStrategyTests<FourLevelFormat>;
