// Sets under numbers of contexts: which loads keep what the processor holds, and which forget it.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;
using Set = Ringfence.Domains.FullSet<Ringfence.Paging.FourLevelFormat, Ringfence.Simulator.SimulatedTableMemory>;

namespace Ringfence.Domains.Tests;

public sealed class PerDomainContextTests
{
    private const int DomainTotal = 3;

    private static readonly PageRange s_pages = SimulatedMachine<FourLevelFormat>.Pages(8, 8);

    private readonly SimulatedMachine<FourLevelFormat> _machine = new(settings: new ProcessorSettings { Mode = PagingMode.FourLevel, ProcessContextIdentifiersEnable = true });
    private readonly Domain[] _domains = new Domain[DomainTotal];
    private readonly PerDomainTables<FourLevelFormat, SimulatedTableMemory, Set>[] _tables = new PerDomainTables<FourLevelFormat, SimulatedTableMemory, Set>[DomainTotal];
    private readonly UserStack _stack = new(PageRange.CreateTruncated(s_pages.First, new PageCount(2)), 1);
    private readonly UserStack _otherStack = new(PageRange.CreateTruncated(s_pages.First + new PageCount(2), new PageCount(2)), 2);
    private readonly Partition _partition;
    private PerDomainStrategy<FourLevelFormat, SimulatedTableMemory, Set> _strategy;
    private DomainNumberSource _numbers;

    public PerDomainContextTests()
    {
        _machine.Map(s_pages, 0x300, LeafRights.SupervisorRead);
        _strategy = new(_machine.Space, PageRange.Empty, PageRange.Empty, usesContexts: true);
        Assert.True(Partition.TryCreate<FourLevelFormat>(PageRange.CreateTruncated(s_pages.First + new PageCount(4), new PageCount(2)), PartitionRights.ReadWrite, out _partition).IsNone);
        for (int domain = 0; domain < DomainTotal; domain++)
        {
            Create(domain);
        }
    }

    [Fact]
    public void A_new_set_is_loaded_without_what_its_number_held_and_keeps_from_then_on_what_it_holds()
    {
        AssertLoad(0, keeps: false);
        AssertLoad(1, keeps: false);
        AssertLoad(0, keeps: true);
        AssertLoad(1, keeps: true);
        Assert.NotEqual(Load(0).Context, Load(1).Context);
        Assert.NotEqual(0, Load(0).Context);
    }

    [Fact]
    public void A_right_that_is_taken_from_a_set_that_is_not_loaded_is_forgotten_at_its_next_load_and_at_no_other()
    {
        LoadAll();
        Assert.True(_strategy.OnPartitionAdded(ref _machine.Pool, in _domains[0], ref _tables[0], in _partition).Succeeded);
        AssertLoad(0, keeps: true);
        AssertLoad(1, keeps: true);
        Assert.True(_strategy.OnPartitionRemoved(in _domains[0], ref _tables[0], in _partition).IsNone);
        AssertLoad(2, keeps: true);
        AssertLoad(0, keeps: false);
        AssertLoad(1, keeps: true);
        AssertLoad(0, keeps: true);
    }

    [Fact]
    public void Another_stack_in_a_set_that_is_not_loaded_and_the_end_of_one_are_forgotten_at_its_next_load()
    {
        LoadAll();
        FlushObligation owed = default;
        Assert.False(_strategy.TrySwitchTo(in _domains[0], ref _tables[0], in _otherStack, 1, ref owed));
        Assert.True(owed.IsNone);
        AssertLoad(0, keeps: false);
        AssertLoad(1, keeps: true);
        Assert.True(_strategy.OnStackFreed(in _domains[0], ref _tables[0], in _stack).IsNone);
        AssertLoad(0, keeps: false);
    }

    [Fact]
    public void A_thread_that_runs_and_moves_leaves_its_old_set_out_of_date_and_flushes_nothing_beside_its_new_one()
    {
        LoadAll();
        AssertLoad(0, keeps: true);
        FlushObligation owed = _strategy.OnThreadMoved(in _domains[0], ref _tables[0], in _domains[1], ref _tables[1], in _stack);
        Assert.True(owed.LoadsRoot);
        Assert.False(owed.ConcernsEveryContext);
        _machine.Discharge(owed);
        AssertLoad(2, keeps: true);
        AssertLoad(0, keeps: false);
    }

    [Fact]
    public void A_thread_that_moves_while_the_loaded_set_is_half_way_to_another_stack_owes_the_pages_that_it_still_had()
    {
        LoadAll();
        AssertLoad(0, keeps: true);
        FlushObligation owed = default;
        Assert.False(_strategy.TrySwitchTo(in _domains[0], ref _tables[0], in _otherStack, 1, ref owed));
        Assert.True(owed.Covers(_stack.Pages.First + PageCount.One));
        FlushObligation moved = _strategy.OnThreadMoved(in _domains[0], ref _tables[0], in _domains[1], ref _tables[1], in _stack);
        Assert.True(moved.Covers(_stack.Pages.First));
    }

    [Fact]
    public void A_flush_that_two_switches_owe_together_is_not_lost_with_the_load_that_is_given_up()
    {
        LoadAll();
        Assert.True(_strategy.OnPartitionAdded(ref _machine.Pool, in _domains[0], ref _tables[0], in _partition).Succeeded);
        Assert.True(_strategy.OnPartitionRemoved(in _domains[0], ref _tables[0], in _partition).IsNone);
        FlushObligation owed = default;
        Assert.True(_strategy.TrySwitchTo(in _domains[0], ref _tables[0], in _stack, 64, ref owed));
        Assert.True(_strategy.TrySwitchTo(in _domains[1], ref _tables[1], in _stack, 64, ref owed));
        Assert.True(owed.ConcernsEveryContext);
        AssertFlushesEveryContext(owed);
    }

    [Fact]
    public void A_page_that_is_taken_from_a_set_whose_load_is_still_owed_is_flushed_with_it()
    {
        LoadAll();
        FlushObligation owed = default;
        Assert.True(_strategy.TrySwitchTo(in _domains[0], ref _tables[0], in _stack, 64, ref owed));
        Assert.True(_strategy.TrySwitchTo(in _domains[0], ref _tables[0], in _otherStack, 64, ref owed));
        AssertFlushesEveryContext(owed);
    }

    [Fact]
    public void What_goes_out_of_every_set_is_flushed_in_every_context_at_once()
    {
        LoadAll();
        PageRange last = PageRange.CreateTruncated(s_pages.First + new PageCount(6), new PageCount(2));
        EditResult result = _strategy.UnmapBase(last, _tables);
        Assert.True(result.Succeeded);
        AssertFlushesEveryContext(result.Flush);
        AssertLoad(0, keeps: true);
    }

    [Fact]
    public void A_number_that_is_used_again_brings_nothing_of_the_domain_before()
    {
        LoadAll();
        AssertLoad(0, keeps: true);
        int number = Load(1).Context;
        SimulatedTranslationCache cache = new(_machine.Cpu);
        _strategy.OnDomainDestroyed(in _domains[1], ref _tables[1], ref _machine.Pool, ref cache);
        _domains[1].Destroy();
        Assert.Equal(_machine.Space.Root, _strategy.LoadedRoot);
        Assert.Equal(0, _machine.Cpu.Cache.ProcessContext);
        Create(1);
        ContextRoot load = Load(1);
        Assert.Equal((number, false), (load.Context, load.KeepsTranslations));
    }

    // 63 numbers, that of the base set, and one for all others: a kernel that runs on the base set while they are loaded keeps its translations.
    [Fact]
    public void Domains_that_find_no_number_free_share_one_and_keep_nothing()
    {
        const int Count = 66;
        PhysicalMemory memory = new((Count + 2) * 4096);
        SimulatedTableMemory tableMemory = new(memory);
        TablePool<SimulatedTableMemory> pool = new(tableMemory, new PhysicalAddress(0x2000).Frame, new PageCount(Count));
        PerDomainStrategy<FourLevelFormat, SimulatedTableMemory, SharedSet<FourLevelFormat, SimulatedTableMemory>> strategy =
            new(new AddressSpace<FourLevelFormat, SimulatedTableMemory>(tableMemory, new PhysicalAddress(0x1000)), PageRange.Empty, PageRange.Empty, usesContexts: true);
        PerDomainTables<FourLevelFormat, SimulatedTableMemory, SharedSet<FourLevelFormat, SimulatedTableMemory>>[] tables =
            new PerDomainTables<FourLevelFormat, SimulatedTableMemory, SharedSet<FourLevelFormat, SimulatedTableMemory>>[Count];
        HashSet<int> numbers = [];
        UserStack noStack = default;
        for (int domain = 0; domain < Count; domain++)
        {
            Assert.True(strategy.OnDomainCreated(ref pool, ref tables[domain], default).IsNone);
        }

        for (int turn = 0; turn < 2; turn++)
        {
            for (int domain = 0; domain < Count; domain++)
            {
                ContextRoot load = Loaded(strategy.SwitchTo(default, ref tables[domain], in noStack));
                Assert.Equal((domain < 63, domain < 63 && turn == 1), (load.Context < 64, load.KeepsTranslations));
                numbers.Add(load.Context);
            }
        }

        Assert.Equal(64, numbers.Count);
        Assert.DoesNotContain(0, numbers);
    }

    private void Create(int domain)
    {
        Assert.True(_strategy.OnDomainCreated(ref _machine.Pool, ref _tables[domain], default).IsNone);
        _domains[domain].Create(ref _numbers);
    }

    private void LoadAll()
    {
        for (int domain = 0; domain < DomainTotal; domain++)
        {
            _ = Load(domain);
        }
    }

    private void AssertLoad(int domain, bool keeps) => Assert.Equal(keeps, Load(domain).KeepsTranslations);

    private ContextRoot Load(int domain)
    {
        FlushObligation owed = _strategy.SwitchTo(in _domains[domain], ref _tables[domain], in _stack);
        Assert.False(owed.ConcernsEveryContext);
        _machine.Discharge(owed);
        return Loaded(owed);
    }

    private static ContextRoot Loaded(FlushObligation owed)
    {
        List<ContextRoot> loads = [];
        NotingCache cache = new(loads, []);
        owed.Discharge(ref cache);
        return Assert.Single(loads);
    }

    private static void AssertFlushesEveryContext(FlushObligation owed)
    {
        List<bool> flushes = [];
        NotingCache cache = new([], flushes);
        owed.Discharge(ref cache);
        Assert.Single(flushes);
    }

    private readonly struct NotingCache(List<ContextRoot> loads, List<bool> flushesOfEveryContext) : ITranslationCache
    {
        public void FlushPage(PageNumber page) => Assert.Fail("a page is flushed in whichever context is loaded");

        public void FlushAll() => Assert.Fail("the context that is loaded is flushed");

        public void LoadRoot(TableAddress root) => Assert.Fail("loaded without a context");

        public void LoadContext(ContextRoot root) => loads.Add(root);

        public void FlushEveryContext() => flushesOfEveryContext.Add(true);
    }
}
