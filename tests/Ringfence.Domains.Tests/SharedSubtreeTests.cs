// Domains that share the tables of the base set: what each takes, what appears in it by itself, and what never does.

using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class SharedSubtreeTests<TFormat, TSet>
    where TFormat : struct, IPagingFormat
    where TSet : struct, IDomainSet<TSet, TFormat, SimulatedTableMemory>
{
    private const nuint StackFirst = 16;
    private static readonly PageRange s_stacks = Pages(StackFirst, 8);
    private static readonly UserStack s_stack = new(Pages(StackFirst, 2), 5);

    private readonly Domain[] _domains = new Domain[3];
    private readonly PerDomainTables<TFormat, SimulatedTableMemory, TSet>[] _tables = new PerDomainTables<TFormat, SimulatedTableMemory, TSet>[3];
    private PerDomainStrategy<TFormat, SimulatedTableMemory, TSet> _strategy;
    private DomainNumberSource _numbers;

    protected SharedSubtreeTests()
    {
        // Four leaf tables: stacks and a little memory in the first, memory across the border of the next two, and the last one's by itself.
        Machine.Map(s_stacks, 0x300, LeafRights.SupervisorRead);
        Machine.Map(Pages(32, 4), 0x310, LeafRights.SupervisorRead);
        Machine.Map(Pages((2 * Span) - 4, 8), 0x320, LeafRights.SupervisorRead);
        Machine.Map(Pages(3 * Span, 4), 0x330, LeafRights.SupervisorRead);
        _strategy = new(Machine.Space, PageRange.Empty, s_stacks);
        Create(0);
        Create(1);
    }

    protected static nuint Span => SimulatedMachine<TFormat>.LeafTableSpan;

    /// <summary>Where no format has a table but the root at first.</summary>
    protected static PageRange Far => Pages(((nuint)1 << 19) + 3, 2);

    private protected SimulatedMachine<TFormat> Machine { get; } = new();

    [Fact]
    public void A_domain_with_one_page_and_one_stack_takes_its_root_and_one_table_of_each_level()
    {
        Assert.True(Add(0, 32, 1).Succeeded);
        ulong root = FormatGeometry<TFormat>.RootIsPage ? 4096ul : 32;
        Assert.Equal(root + ((ulong)(TFormat.LevelCount - 1) * 4096), Set(0).CountTables().ByteCount);
        Assert.Equal(Set(0).CountTables().Pages, _tables[0].PageCount);
    }

    [Fact]
    public void A_partition_where_the_domain_has_no_table_takes_one_or_is_refused_and_changes_nothing()
    {
        Machine.Discharge(_strategy.SwitchTo(in _domains[0], ref _tables[0], in s_stack));
        PageCount rest = new(Machine.Pool.Available.Value - 1);
        Assert.True(Machine.Pool.TryReserve(rest));
        nuint before = _tables[0].PageCount.Value;
        byte[] memory = Machine.Snapshot();

        // Across a border it needs two tables, and there is one.
        PagingError error = Add(0, (2 * Span) - 1, 2).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, (nuint)2, (nuint)1), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal(memory, Machine.Snapshot());
        Assert.Equal((before, (nuint)1), (_tables[0].PageCount.Value, Machine.Pool.Available.Value));
        Machine.Discharge(Add(0, 3 * Span, 1).Flush);
        Assert.Equal((before + 1, (nuint)0), (_tables[0].PageCount.Value, Machine.Pool.Available.Value));
        Assert.True(MayWrite(3 * Span));
        error = Add(0, 2 * Span, 1).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, (nuint)1, (nuint)0), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));

        // Where it has a table it needs no other.
        Machine.Discharge(Add(0, (3 * Span) + 2, 1).Flush);
        Machine.Discharge(Add(0, 33, 2).Flush);
        Assert.True(MayWrite((3 * Span) + 2) && MayWrite(33) && !MayWrite((3 * Span) + 1));
    }

    [Fact]
    public void A_partition_across_a_border_is_granted_on_both_sides()
    {
        Machine.Discharge(_strategy.SwitchTo(in _domains[0], ref _tables[0], in s_stack));
        nuint before = _tables[0].PageCount.Value;
        Machine.Discharge(Add(0, (2 * Span) - 2, 4).Flush);
        Assert.Equal(before + 2, _tables[0].PageCount.Value);
        for (nuint page = (2 * Span) - 4; page < (2 * Span) + 4; page++)
        {
            Assert.Equal(page >= (2 * Span) - 2 && page < (2 * Span) + 2, MayWrite(page));
        }
    }

    [Fact]
    public void Nothing_of_a_domain_is_another_ones()
    {
        Machine.Discharge(Add(0, 3 * Span, 1).Flush);
        Machine.Discharge(Add(1, (3 * Span) + 1, 1).Flush);
        Machine.Discharge(_strategy.SwitchTo(in _domains[1], ref _tables[1], in s_stack));
        Assert.Equal((false, true), (MayWrite(3 * Span), MayWrite((3 * Span) + 1)));
        Create(2);
        Machine.Discharge(_strategy.SwitchTo(in _domains[2], ref _tables[2], in s_stack));
        Assert.Equal((false, false), (MayWrite(3 * Span), MayWrite((3 * Span) + 1)));
        Assert.False(Machine.Space.Translate(new PageNumber(3 * Span).Address).Rights.IsUser);
    }

    [Fact]
    public void A_table_that_a_partition_needed_stays_for_the_next_one_until_the_domain_ends()
    {
        nuint before = Machine.Pool.InUse.Value;
        Create(2);
        Machine.Discharge(_strategy.SwitchTo(in _domains[2], ref _tables[2], in s_stack));
        for (int round = 0; round < 3; round++)
        {
            Machine.Discharge(Add(2, 3 * Span, 2).Flush);
            nuint count = _tables[2].PageCount.Value;
            Assert.True(_domains[2].Remove(Pages(3 * Span, 2), out Partition removed).IsNone);
            Machine.Discharge(_strategy.OnPartitionRemoved(in _domains[2], ref _tables[2], in removed));
            Assert.False(MayWrite(3 * Span));
            Assert.Equal(count, _tables[2].PageCount.Value);
        }

        for (int round = 0; round < 3; round++)
        {
            SimulatedTranslationCache cache = new(Machine.Cpu);
            _strategy.OnDomainDestroyed(in _domains[2], ref _tables[2], ref Machine.Pool, ref cache);
            _domains[2].Destroy();
            Assert.Equal(before, Machine.Pool.InUse.Value);

            // The base set's tables were not among those that went, and the pages come back clean.
            Assert.True(Machine.Space.Translate(new PageNumber(3 * Span).Address).IsMapped);
            Create(2);
            Machine.Discharge(_strategy.SwitchTo(in _domains[2], ref _tables[2], in s_stack));
            Assert.True(MayWrite(StackFirst) && !MayWrite(3 * Span));
        }
    }

    protected static PageRange Pages(nuint first, nuint count) => SimulatedMachine<TFormat>.Pages(first, count);

    protected AddressSpace<TFormat, SimulatedTableMemory> Set(int domain) => _strategy.UserTables(in _tables[domain]);

    protected nuint PageCountOf(int domain) => _tables[domain].PageCount.Value;

    protected void Load(int domain) => Machine.Discharge(_strategy.SwitchTo(in _domains[domain], ref _tables[domain], in s_stack));

    protected EditResult MapBase(PageRange pages, LeafRights rights) =>
        _strategy.MapBase(ref Machine.Pool, ref Machine.Account, pages, new FrameNumber(0x400), rights, _tables);

    protected EditResult UnmapBase(PageRange pages) => _strategy.UnmapBase(pages, _tables);

    protected EditResult Add(int domain, nuint first, nuint count)
    {
        Assert.True(Partition.TryCreate<TFormat>(Pages(first, count), PartitionRights.ReadWrite, out Partition partition).IsNone);
        Assert.True(_domains[domain].Add(in partition, default(AnythingMap)).IsNone);
        EditResult result = _strategy.OnPartitionAdded(ref Machine.Pool, in _domains[domain], ref _tables[domain], in partition);
        if (!result.Succeeded)
        {
            Assert.True(_domains[domain].Remove(partition.Pages, out _).IsNone);
        }

        return result;
    }

    protected bool May(nuint page, AccessKind kind, bool isUser) =>
        Machine.Cpu.MaySucceed(new MemoryAccess(new PageNumber(page).Address.Value, kind, isUser));

    private bool MayWrite(nuint page) => May(page, AccessKind.Write, isUser: true);

    private void Create(int domain)
    {
        Assert.True(_strategy.OnDomainCreated(ref Machine.Pool, ref _tables[domain], new PhysicalAddress(0x7000 + ((ulong)domain * 32))).IsNone);
        _domains[domain].Create(ref _numbers);
    }

    private readonly struct AnythingMap : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages) => GrantObstacle.None;
    }
}

public abstract class SharedSetTests<TFormat> : SharedSubtreeTests<TFormat, SharedSet<TFormat, SimulatedTableMemory>>
    where TFormat : struct, IPagingFormat
{
    [Fact]
    public void What_comes_into_the_base_mapping_is_in_every_domain_and_what_goes_is_in_none_and_no_domain_takes_a_page_for_it()
    {
        // Beside a partition of domain 0 in a table of its own, which is shared by domain 1; in everyone's own table; where there is no table yet.
        Machine.Discharge(Add(0, 3 * Span, 1).Flush);
        Load(0);
        (nuint, nuint) taken = (PageCountOf(0), PageCountOf(1));
        foreach (PageRange device in new[] { Pages((3 * Span) + 8, 2), Pages(64, 2), Far })
        {
            Machine.Discharge(MapBase(device, LeafRights.SupervisorReadWrite).Flush);
            for (int domain = 0; domain < 2; domain++)
            {
                Load(domain);
                Assert.True(Machine.Cpu.MustSucceedWithoutRetry(new MemoryAccess(device.First.Address.Value, AccessKind.Write, IsUser: false)));
                Assert.False(May(device.First.Value, AccessKind.Read, isUser: true));
                Assert.Equal(Machine.Space.Translate(device.First.Address).Frame, Set(domain).Translate(device.First.Address).Frame);
            }

            Machine.Discharge(UnmapBase(device).Flush);
            for (int domain = 1; domain >= 0; domain--)
            {
                Assert.False(May(device.First.Value + 1, AccessKind.Read, isUser: false));
                Assert.False(Set(domain).Translate(device.First.Address).IsMapped);
                Load(domain);
            }

            Assert.Equal(taken, (PageCountOf(0), PageCountOf(1)));
        }

        // The partition is where it was.
        Assert.True(May(3 * Span, AccessKind.Write, isUser: true));
    }

    [Fact]
    public void A_device_that_came_after_the_domain_is_granted_in_tables_of_its_own()
    {
        Load(0);
        Machine.Discharge(MapBase(Far, LeafRights.SupervisorRead).Flush);
        nuint before = PageCountOf(0);
        Machine.Discharge(Add(0, Far.First.Value, 2).Flush);
        Assert.Equal(before + (nuint)(TFormat.LevelCount == 4 ? 2 : TFormat.LevelCount - 1), PageCountOf(0));
        Assert.True(May(Far.First.Value, AccessKind.Write, isUser: true));
        Load(1);
        Assert.False(May(Far.First.Value, AccessKind.Read, isUser: true));
    }

    [Fact]
    public void Unsharing_owes_its_flush_in_the_loaded_set_only()
    {
        Load(1);
        Assert.True(Add(0, 3 * Span, 1).Flush.IsNone);
        FlushObligation owed = Add(1, 3 * Span, 1).Flush;
        Assert.Equal((FlushKind.WholeSet, true), (owed.Kind, owed.NeedsStructureCacheFlush));
    }
}

public abstract class SparseUserSetTests<TFormat> : SharedSubtreeTests<TFormat, SparseUserSet<TFormat, SimulatedTableMemory>>
    where TFormat : struct, IPagingFormat
{
    [Fact]
    public void Memory_of_the_kernel_takes_no_table_of_a_domain_and_memory_of_user_mode_takes_those_on_its_way()
    {
        nuint before = PageCountOf(0);
        Machine.Discharge(MapBase(Far, LeafRights.SupervisorRead).Flush);
        Assert.Equal((before, false), (PageCountOf(0), Set(0).Translate(Far.First.Address).IsMapped));
        Machine.Discharge(UnmapBase(Far).Flush);

        // The base set has its tables already; each domain lacks as many as are on the way.
        nuint lacking = (nuint)(TFormat.LevelCount == 4 ? 2 : TFormat.LevelCount - 1);
        Assert.True(Machine.Pool.TryReserve(new PageCount(Machine.Pool.Available.Value - (2 * lacking) + 1)));
        byte[] memory = Machine.Snapshot();
        PagingError error = MapBase(Far, LeafRights.UserRead).Error;
        Assert.Equal((PagingErrorCode.OutOfTablePages, 2 * lacking, (2 * lacking) - 1), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
        Assert.Equal(memory, Machine.Snapshot());
    }

    [Fact]
    public void Memory_of_the_kernel_is_mapped_with_no_more_table_pages_than_the_base_set_needs()
    {
        Assert.True(Machine.Space.CheckMap(Far, new FrameNumber(0x400), out PageCount needed).IsNone);
        Assert.True(Machine.Pool.TryReserve(new PageCount(Machine.Pool.Available.Value - needed.Value)));
        Machine.Discharge(MapBase(Far, LeafRights.SupervisorRead).Flush);
        Assert.Equal(PageCount.Zero, Machine.Pool.Available);
        Assert.True(Machine.Space.Translate(Far.First.Address).IsMapped);
    }

    [Fact]
    public void A_device_that_came_after_the_domain_is_granted_at_once_in_tables_that_are_made_for_it()
    {
        Load(0);
        Machine.Discharge(MapBase(Far, LeafRights.SupervisorRead).Flush);
        FlushObligation owed = Add(0, Far.First.Value, 2).Flush;
        Assert.Equal(TFormat.RootIsHeldInRegisters, owed.NeedsDirectoryPointerReload);
        Machine.Discharge(owed);
        Assert.True(May(Far.First.Value, AccessKind.Write, isUser: true) && May(Far.First.Value + 1, AccessKind.Write, isUser: true));
    }

    [Fact]
    public void Memory_of_user_mode_is_every_domains_while_it_is_mapped()
    {
        Load(0);
        nuint before = PageCountOf(0);
        Machine.Discharge(MapBase(Far, LeafRights.UserRead).Flush);
        Assert.True(PageCountOf(0) > before);
        Assert.True(May(Far.First.Value + 1, AccessKind.Read, isUser: true));
        Machine.Discharge(UnmapBase(Far).Flush);
        Assert.False(May(Far.First.Value + 1, AccessKind.Read, isUser: true));
    }

    [Fact]
    public void There_is_no_table_in_which_there_can_be_nothing()
    {
        Assert.Equal((nuint)(TFormat.LevelCount - 1), Set(0).CountTables().Pages.Value - (FormatGeometry<TFormat>.RootIsPage ? 1u : 0u));
        Assert.False(Set(0).Translate(new PageNumber(3 * Span).Address).IsMapped);
    }
}

public sealed class Ia32SharedSetTests : SharedSetTests<Ia32Format>;

public sealed class PaeSharedSetTests : SharedSetTests<PaeFormat>;

public sealed class FourLevelSharedSetTests : SharedSetTests<FourLevelFormat>;

public sealed class Ia32SparseUserSetTests : SparseUserSetTests<Ia32Format>;

public sealed class PaeSparseUserSetTests : SparseUserSetTests<PaeFormat>;

public sealed class FourLevelSparseUserSetTests : SparseUserSetTests<FourLevelFormat>;
