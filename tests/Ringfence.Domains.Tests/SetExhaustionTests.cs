// Sets of domains and the pool that they come from: one too many is refused and changes nothing, and what was given back is there again, ten thousand times.

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
    private const ulong SmallRootsAddress = 0x7000;
    private const ulong PoolAddress = 0x1_0000;
    private const int PoolLimit = 64;

    [Fact]
    public void One_domain_too_many_is_refused_with_what_it_needs_and_what_is_left_and_succeeds_after_another_was_destroyed()
    {
        RunOut<FullSet<TFormat, SimulatedTableMemory>>();
        RunOut<UserSet<TFormat, SimulatedTableMemory>>();
        RunOut<SharedSet<TFormat, SimulatedTableMemory>>();
        RunOut<SparseUserSet<TFormat, SimulatedTableMemory>>();
    }

    [Fact]
    public void Ten_thousand_lives_of_a_domain_leak_nothing()
    {
        LiveAndDie<FullSet<TFormat, SimulatedTableMemory>>();
        LiveAndDie<UserSet<TFormat, SimulatedTableMemory>>();
        LiveAndDie<SharedSet<TFormat, SimulatedTableMemory>>();
        LiveAndDie<SparseUserSet<TFormat, SimulatedTableMemory>>();
    }

    private static void RunOut<TSet>()
        where TSet : struct, IDomainSet<TSet, TFormat, SimulatedTableMemory>
    {
        Machine<TSet> plenty = new(PoolLimit);
        nuint baseCount = plenty.Pool.InUse.Value;
        Assert.True(plenty.Create(0).IsNone);
        nuint setCount = plenty.Pool.InUse.Value - baseCount;
        Assert.Equal(plenty.Tables[0].PageCount.Value, setCount);

        // Table pages for three sets, and all but one of a fourth.
        for (nuint rest = 0; rest < setCount; rest += setCount - 1)
        {
            Machine<TSet> machine = new((int)(baseCount + (3 * setCount) + rest));
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
            Assert.Equal((rest, (nuint)0, 0ul), (machine.Pool.Available.Value, machine.Tables[3].PageCount.Value, machine.Strategy.UserTables(in machine.Tables[3]).Root.Value));
            machine.Destroy(1);
            Assert.True(machine.Create(3).IsNone);
            Assert.Equal(rest, machine.Pool.Available.Value);
        }
    }

    private static void LiveAndDie<TSet>()
        where TSet : struct, IDomainSet<TSet, TFormat, SimulatedTableMemory>
    {
        Machine<TSet> machine = new(PoolLimit);
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
            Assert.Equal(RootAddress, machine.Strategy.LoadedRoot.Value);
        }
    }

    /// <summary>Memory without a processor, which would look at every store.</summary>
    private sealed class Machine<TSet>
        where TSet : struct, IDomainSet<TSet, TFormat, SimulatedTableMemory>
    {
        private readonly PhysicalMemory _memory = new((int)PoolAddress + (PoolLimit * 4096));
        private readonly Domain[] _domains = new Domain[DomainCount];
        private readonly PageRange _pages = PageRange.CreateTruncated(new PageNumber(TFormat.Level(1).EntrySpan.Value - 2), new PageCount(4));
        private DomainNumberSource _numbers;
        private uint _generation;

        public Machine(int poolPageCount)
        {
            SimulatedTableMemory tableMemory = new(_memory);
            Pool = new TablePool<SimulatedTableMemory>(tableMemory, new PhysicalAddress(PoolAddress).Frame, new PageCount((nuint)poolPageCount));
            AddressSpace<TFormat, SimulatedTableMemory> baseSet = new(tableMemory, new PhysicalAddress(RootAddress));
            TableAccount account = TableAccount.Unlimited;
            Assert.True(baseSet.Map(ref Pool, ref account, _pages, new FrameNumber(0x300), LeafRights.SupervisorRead).Succeeded);
            Assert.True(baseSet.Map(ref Pool, ref account, PageRange.OnePage(FormatGeometry<TFormat>.LastPage), new FrameNumber(0x310), LeafRights.UserRead).Succeeded);
            Strategy = new PerDomainStrategy<TFormat, SimulatedTableMemory, TSet>(baseSet, PageRange.Empty, PageRange.CreateTruncated(_pages.First + new PageCount(3), PageCount.One));
        }

#pragma warning disable CA1051 // Mutable values: properties would hand out copies.
        public readonly PerDomainTables<TFormat, SimulatedTableMemory, TSet>[] Tables = new PerDomainTables<TFormat, SimulatedTableMemory, TSet>[DomainCount];
        public TablePool<SimulatedTableMemory> Pool;
        public PerDomainStrategy<TFormat, SimulatedTableMemory, TSet> Strategy;
#pragma warning restore CA1051

        public PagingError Create(int domain)
        {
            PagingError error = Strategy.OnDomainCreated(ref Pool, ref Tables[domain], new PhysicalAddress(SmallRootsAddress + ((ulong)domain * 32)));
            if (error.IsNone)
            {
                _domains[domain].Create(ref _numbers);
            }

            return error;
        }

        public void Run(int domain)
        {
            Assert.True(Partition.TryCreate<TFormat>(PageRange.OnePage(_pages.First), PartitionRights.ReadWrite, out Partition partition).IsNone);
            Assert.True(_domains[domain].Add(in partition, default(AnythingMap)).IsNone);
            NoCache cache = default;
            Strategy.OnPartitionAdded(ref Pool, in _domains[domain], ref Tables[domain], in partition).Flush.Discharge(ref cache);
            UserStack stack = new(PageRange.OnePage(_pages.First + new PageCount(3)), ++_generation);
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

        public void LoadRoot(PhysicalAddress root)
        {
        }
    }
}

public sealed class Ia32SetExhaustionTests : SetExhaustionTests<Ia32Format>;

public sealed class PaeSetExhaustionTests : SetExhaustionTests<PaeFormat>;

public sealed class FourLevelSetExhaustionTests : SetExhaustionTests<FourLevelFormat>;
