// What domains take of tables, under each strategy that gives them some, and the pool that it comes from: one domain too many is refused and changes nothing, and what was given back is there again, ten thousand times.

using System;
using Ringfence.Paging;
using Ringfence.Simulator;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class SetExhaustionTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int DomainCount = 4;
    private const int CycleCount = 10_000;
    private const ulong RootAddress = 0x8000;
    private const ulong PlacesAddress = 0x7000;
    private const ulong StrategyPlaceAddress = 0x6000;
    private const ulong PoolAddress = 0x1_0000;
    private const int PoolLimit = 64;

    // Two pages on each side of a border between leaf tables, of which the first is for a partition.
    private static readonly PageRange s_pages = PageRange.CreateTruncated(new PageNumber(TFormat.Level(1).EntrySpan.Value - 2), new PageCount(4));
    private static readonly PageRange s_stack = PageRange.OnePage(s_pages.First + new PageCount(3));

    private interface IKind<TStrategy, TTables>
        where TStrategy : struct, ITableStrategy<TFormat, SimulatedTableMemory, TTables>
        where TTables : struct
    {
        /// <summary>The strategy with these pages for stacks.</summary>
        static abstract TStrategy Create(AddressSpace<TFormat, SimulatedTableMemory> baseSet, PageRange stacks);

        /// <summary>The table pages that a domain has.</summary>
        static abstract nuint CountPages(in TTables tables);

        /// <summary>Whether nothing of any domain is loaded or linked.</summary>
        static abstract bool IsBaseLive(in TStrategy strategy, AddressSpace<TFormat, SimulatedTableMemory> baseSet);
    }

    [Fact]
    public void One_domain_too_many_is_refused_with_what_it_needs_and_what_is_left_and_succeeds_after_another_was_destroyed()
    {
        RunOutOfSets<FullSet<TFormat, SimulatedTableMemory>>();
        RunOutOfSets<UserSet<TFormat, SimulatedTableMemory>>();
        RunOutOfSets<SharedSet<TFormat, SimulatedTableMemory>>();
        RunOutOfSets<SparseUserSet<TFormat, SimulatedTableMemory>>();
        RunOut<LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>>, LeafLinkTables, LeafLink>();

        static void RunOutOfSets<TSet>()
            where TSet : struct, IDomainSet<TSet, TFormat, SimulatedTableMemory> =>
            RunOut<PerDomainStrategy<TFormat, SimulatedTableMemory, TSet>, PerDomainTables<TFormat, SimulatedTableMemory, TSet>, PerDomain<TSet>>();
    }

    [Fact]
    public void Ten_thousand_lives_of_a_domain_leak_nothing()
    {
        LiveAndDieInSets<FullSet<TFormat, SimulatedTableMemory>>();
        LiveAndDieInSets<UserSet<TFormat, SimulatedTableMemory>>();
        LiveAndDieInSets<SharedSet<TFormat, SimulatedTableMemory>>();
        LiveAndDieInSets<SparseUserSet<TFormat, SimulatedTableMemory>>();
        LiveAndDie<LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>>, LeafLinkTables, LeafLink>();

        static void LiveAndDieInSets<TSet>()
            where TSet : struct, IDomainSet<TSet, TFormat, SimulatedTableMemory> =>
            LiveAndDie<PerDomainStrategy<TFormat, SimulatedTableMemory, TSet>, PerDomainTables<TFormat, SimulatedTableMemory, TSet>, PerDomain<TSet>>();
    }

    private static void RunOut<TStrategy, TTables, TKind>()
        where TStrategy : struct, ITableStrategy<TFormat, SimulatedTableMemory, TTables>
        where TTables : struct
        where TKind : IKind<TStrategy, TTables>
    {
        // Stacks on both sides of the border, so that a domain takes two pages at least.
        PageRange stacks = PageRange.FromFirstToEnd(s_pages.First + PageCount.One, s_pages.End);
        Machine<TStrategy, TTables, TKind> plenty = new(PoolLimit, stacks);
        nuint baseCount = plenty.Pool.InUse.Value;
        Assert.True(plenty.Create(0).IsNone);
        nuint setCount = plenty.Pool.InUse.Value - baseCount;
        Assert.True(setCount > 1);
        Assert.Equal(TKind.CountPages(in plenty.Tables[0]), setCount);

        // Table pages for three domains, and all but one of a fourth.
        for (nuint rest = 0; rest < setCount; rest += setCount - 1)
        {
            Machine<TStrategy, TTables, TKind> machine = new((int)(baseCount + (3 * setCount) + rest), stacks);
            for (int domain = 0; domain < 3; domain++)
            {
                Assert.True(machine.Create(domain).IsNone);
            }

            byte[] before = machine.Snapshot();
            PagingError error = machine.Create(3);
            Assert.Equal((PagingErrorCode.OutOfTablePages, setCount, rest), (error.Code, error.TablesNeeded.Value, error.TablesAvailable.Value));
            DomainError told = DomainError.From(error);
            Assert.Equal((DomainErrorCode.OutOfTablePages, (ulong)setCount * 4096), (told.Code, (ulong)told.OffendingValue));
            Assert.Equal((ulong)rest * 4096, (ulong)told.BytesLeft);
            Assert.Equal(before, machine.Snapshot());
            Assert.Equal((rest, (nuint)0), (machine.Pool.Available.Value, TKind.CountPages(in machine.Tables[3])));
            machine.Destroy(1);
            Assert.True(machine.Create(3).IsNone);
            Assert.Equal(rest, machine.Pool.Available.Value);
        }
    }

    private static void LiveAndDie<TStrategy, TTables, TKind>()
        where TStrategy : struct, ITableStrategy<TFormat, SimulatedTableMemory, TTables>
        where TTables : struct
        where TKind : IKind<TStrategy, TTables>
    {
        // The stacks lie in the table behind the border, so that the partition takes tables where they aren't there from the beginning.
        Machine<TStrategy, TTables, TKind> machine = new(PoolLimit, s_stack);
        nuint baseCount = machine.Pool.InUse.Value;
        nuint setCount = 0;
        for (int cycle = 0; cycle < CycleCount; cycle++)
        {
            // Now a domain that never ran, now one that is loaded, and sometimes two at once.
            int domain = cycle % DomainCount;
            Assert.True(machine.Create(domain).IsNone);
            setCount = setCount == 0 ? machine.Pool.InUse.Value - baseCount : setCount;
            Assert.Equal(baseCount + setCount, machine.Pool.InUse.Value);
            if (cycle % 3 != 0)
            {
                machine.Run(domain);
            }

            if (cycle % 64 == 0)
            {
                int other = (domain + 1) % DomainCount;
                Assert.True(machine.Create(other).IsNone);
                machine.Run(other);
                machine.Destroy(other);
            }

            machine.Destroy(domain);
            Assert.Equal(baseCount, machine.Pool.InUse.Value);
            Assert.True(machine.IsBaseLive);
        }
    }

    private readonly struct PerDomain<TSet> : IKind<PerDomainStrategy<TFormat, SimulatedTableMemory, TSet>, PerDomainTables<TFormat, SimulatedTableMemory, TSet>>
        where TSet : struct, IDomainSet<TSet, TFormat, SimulatedTableMemory>
    {
        public static PerDomainStrategy<TFormat, SimulatedTableMemory, TSet> Create(AddressSpace<TFormat, SimulatedTableMemory> baseSet, PageRange stacks) =>
            new(baseSet, PageRange.Empty, stacks);

        public static nuint CountPages(in PerDomainTables<TFormat, SimulatedTableMemory, TSet> tables) => tables.PageCount.Value;

        public static bool IsBaseLive(in PerDomainStrategy<TFormat, SimulatedTableMemory, TSet> strategy, AddressSpace<TFormat, SimulatedTableMemory> baseSet) =>
            strategy.LoadedRoot.Value == baseSet.Root.Value;
    }

    private readonly struct LeafLink : IKind<LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>>, LeafLinkTables>
    {
        public static LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> Create(AddressSpace<TFormat, SimulatedTableMemory> baseSet, PageRange stacks)
        {
            LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> strategy = new(baseSet, new WindowRun<TFormat>(s_pages), stacks, new PhysicalAddress(StrategyPlaceAddress));

            // Both windows have their tables: nothing is taken.
            TablePool<SimulatedTableMemory> nothing = default;
            TableAccount account = TableAccount.Unlimited;
            Assert.True(strategy.Initialize(ref nothing, ref account).Flush.IsNone);
            return strategy;
        }

        public static nuint CountPages(in LeafLinkTables tables) => tables.PageCount.Value;

        public static bool IsBaseLive(in LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> strategy, AddressSpace<TFormat, SimulatedTableMemory> baseSet) =>
            !baseSet.Translate(s_pages.First.Address).Rights.IsUser && !baseSet.Translate(s_stack.First.Address).Rights.IsUser;
    }

    /// <summary>Memory without a processor, which would look at every store.</summary>
    private sealed class Machine<TStrategy, TTables, TKind>
        where TStrategy : struct, ITableStrategy<TFormat, SimulatedTableMemory, TTables>
        where TTables : struct
        where TKind : IKind<TStrategy, TTables>
    {
        private readonly PhysicalMemory _memory = new((int)PoolAddress + (PoolLimit * 4096));
        private readonly Domain[] _domains = new Domain[DomainCount];
        private readonly AddressSpace<TFormat, SimulatedTableMemory> _baseSet;
        private DomainNumberSource _numbers;
        private uint _generation;

        public Machine(int poolPageCount, PageRange stacks)
        {
            SimulatedTableMemory tableMemory = new(_memory);
            Pool = new TablePool<SimulatedTableMemory>(tableMemory, new PhysicalAddress(PoolAddress).Frame, new PageCount((nuint)poolPageCount));
            _baseSet = new AddressSpace<TFormat, SimulatedTableMemory>(tableMemory, new PhysicalAddress(RootAddress));
            TableAccount account = TableAccount.Unlimited;
            Assert.True(_baseSet.Map(ref Pool, ref account, s_pages, new FrameNumber(0x300), LeafRights.SupervisorRead).Succeeded);
            Assert.True(_baseSet.Map(ref Pool, ref account, PageRange.OnePage(FormatGeometry<TFormat>.LastPage), new FrameNumber(0x310), LeafRights.UserRead).Succeeded);
            Strategy = TKind.Create(_baseSet, stacks);
        }

#pragma warning disable CA1051 // Mutable values: properties would hand out copies.
        public readonly TTables[] Tables = new TTables[DomainCount];
        public TablePool<SimulatedTableMemory> Pool;
        public TStrategy Strategy;
#pragma warning restore CA1051

        public bool IsBaseLive => TKind.IsBaseLive(in Strategy, _baseSet);

        public PagingError Create(int domain)
        {
            PagingError error = Strategy.OnDomainCreated(ref Pool, ref Tables[domain], new PhysicalAddress(PlacesAddress + ((ulong)domain * 32)));
            if (error.IsNone)
            {
                _domains[domain].Create(ref _numbers);
            }

            return error;
        }

        public void Run(int domain)
        {
            Assert.True(Partition.TryCreate<TFormat>(PageRange.OnePage(s_pages.First), PartitionRights.ReadWrite, out Partition partition).IsNone);
            Assert.True(_domains[domain].Add(in partition, default(AnythingMap)).IsNone);
            NoCache cache = default;
            EditResult added = Strategy.OnPartitionAdded(ref Pool, in _domains[domain], ref Tables[domain], in partition);
            Assert.True(added.Succeeded);
            added.Flush.Discharge(ref cache);
            UserStack stack = new(s_stack, ++_generation);
            Strategy.SwitchTo(in _domains[domain], ref Tables[domain], in stack).Discharge(ref cache);
            Assert.True(Strategy.IsCurrent(in _domains[domain], in Tables[domain], in stack));
        }

        public void Destroy(int domain)
        {
            NoCache cache = default;
            Strategy.OnDomainDestroyed(in _domains[domain], ref Tables[domain], ref Pool, ref cache);
            _domains[domain].Destroy();
        }

        public byte[] Snapshot()
        {
            byte[] copy = new byte[_memory.ByteCount];
            for (int address = 0; address < copy.Length; address += 8)
            {
                BitConverter.TryWriteBytes(copy.AsSpan(address), _memory.Read64((ulong)address));
            }

            return copy;
        }
    }

    private readonly struct AnythingMap : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages) => GrantObstacle.None;
    }

    private readonly struct NoCache : ITranslationCache
    {
        public void FlushPage(PageNumber page)
        {
        }

        public void FlushAll()
        {
        }

        public void LoadRoot(TableAddress root)
        {
        }

        public void LoadContext(ContextRoot root)
        {
        }

        public void FlushEveryContext()
        {
        }
    }
}

public sealed class Ia32SetExhaustionTests : SetExhaustionTests<Ia32Format>;

public sealed class PaeSetExhaustionTests : SetExhaustionTests<PaeFormat>;

public sealed class FourLevelSetExhaustionTests : SetExhaustionTests<FourLevelFormat>;
