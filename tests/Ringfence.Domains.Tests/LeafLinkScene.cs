// Four windows and two domains under LeafLink: what several tests of it start from.

using System;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Domains.Tests;

/// <summary>Window 0 ends with private memory and the stacks, window 1 begins with the memory that the tests share, window 2 is empty, window 3 has some.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
public abstract class LeafLinkScene<TFormat>
    where TFormat : struct, IPagingFormat
{
    protected const int WindowCount = 4;
    protected const ulong StrategyPlace = 0x6000;
    protected const ulong DomainPlaces = 0x7000;

    private DomainNumberSource _numbers;

    protected LeafLinkScene()
    {
        Machine.Map(KernelPages, 0x300, LeafRights.SupervisorReadWrite);
        Machine.Map(SimulatedMachine<TFormat>.Pages(Near, 16 + 64), 0x310, LeafRights.SupervisorRead);
        Machine.Map(SimulatedMachine<TFormat>.Pages(Far, 8), 0x400, LeafRights.SupervisorRead);
        Strategy = NewStrategy(Machine, StackPages);
        Machine.Done(Strategy.Initialize(ref Machine.Pool, ref Machine.Account));
        Create(0);
        Create(1);
    }

    protected static nuint Span => SimulatedMachine<TFormat>.LeafTableSpan;

    protected static nuint Near => Span - 16;

    protected static nuint Stacks => Span - 8;

    protected static nuint Far => 3 * Span;

    protected static PageRange StackPages => SimulatedMachine<TFormat>.Pages(Stacks, 8);

    protected static WindowRun<TFormat> Windows => new(PageRange.FromFirstToEnd(new PageNumber(Near), new PageNumber(Far + 8)));

    private protected SimulatedMachine<TFormat> Machine { get; } = new();

    protected Domain[] Domains { get; } = new Domain[3];

    protected LeafLinkTables[] DomainTables { get; } = new LeafLinkTables[3];

#pragma warning disable CA1051 // A mutable value: a property would hand out copies.
    protected LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> Strategy;
#pragma warning restore CA1051

    private static PageRange KernelPages => SimulatedMachine<TFormat>.Pages(Span - 20, 2);

    private protected static LeafLinkStrategy<TFormat, SimulatedTableMemory, WindowRun<TFormat>> NewStrategy(SimulatedMachine<TFormat> machine, PageRange stacks) =>
        new(machine.Space, Windows, stacks, new PhysicalAddress(StrategyPlace));

    protected static UserStack Stack(int domain) => new(SimulatedMachine<TFormat>.Pages(Stacks + ((nuint)domain * 2), 2), 5 + (uint)domain);

    protected void Create(int domain)
    {
        int byteCount = LeafLinkMemory.DomainByteCount<TFormat>(WindowCount);
        Assert.True(Strategy.OnDomainCreated(ref Machine.Pool, ref DomainTables[domain], new PhysicalAddress(DomainPlaces + (ulong)(domain * byteCount))).IsNone);
        Domains[domain].Create(ref _numbers);
    }

    protected void Destroy(int domain)
    {
        SimulatedTranslationCache cache = new(Machine.Cpu);
        Strategy.OnDomainDestroyed(in Domains[domain], ref DomainTables[domain], ref Machine.Pool, ref cache);
        Domains[domain].Destroy();
    }

    protected EditResult Add(int domain, nuint first, nuint count, nuint end = 0)
    {
        PageRange pages = PageRange.FromFirstToEnd(new PageNumber(first), new PageNumber(end == 0 ? first + count : end));
        Assert.True(Partition.TryCreate<TFormat>(pages, PartitionRights.ReadWrite, out Partition partition).IsNone);
        return Strategy.OnPartitionAdded(ref Machine.Pool, in Domains[domain], ref DomainTables[domain], in partition);
    }

    protected FlushObligation Remove(int domain, nuint first, nuint count)
    {
        Assert.True(Partition.TryCreate<TFormat>(SimulatedMachine<TFormat>.Pages(first, count), PartitionRights.ReadWrite, out Partition partition).IsNone);
        return Strategy.OnPartitionRemoved(in Domains[domain], ref DomainTables[domain], in partition);
    }

    protected void Run(int domain)
    {
        Machine.Discharge(Strategy.SwitchTo(in Domains[domain], ref DomainTables[domain], Stack(domain)));
        Assert.True(Strategy.IsCurrent(in Domains[domain], in DomainTables[domain], Stack(domain)));
    }

    /// <summary>User mode can write these pages and no others, and the kernel its own.</summary>
    protected void AssertWritable(params ReadOnlySpan<PageRange> pages)
    {
        foreach (PageRange mapped in (ReadOnlySpan<PageRange>)[SimulatedMachine<TFormat>.Pages(Near, 80), SimulatedMachine<TFormat>.Pages(Far, 8), SimulatedMachine<TFormat>.Pages((4 * Span) - 2, 4)])
        {
            for (PageNumber page = mapped.First; page != mapped.End; page += PageCount.One)
            {
                bool isMeant = false;
                foreach (PageRange range in pages)
                {
                    isMeant |= range.Contains(page);
                }

                MemoryAccess access = new(page.Address.Value, AccessKind.Write, IsUser: true);
                Assert.Equal((isMeant, page.Value), (Machine.Cpu.MaySucceed(access), page.Value));
                Assert.True(!isMeant || Machine.Cpu.MustSucceedWithRetry(access));
            }
        }

        Assert.True(Machine.Cpu.MustSucceedWithoutRetry(new MemoryAccess(KernelPages.First.Address.Value, AccessKind.Write, IsUser: false)));
    }

    protected void AssertNotWritable(PageRange pages)
    {
        for (PageNumber page = pages.First; page != pages.End; page += PageCount.One)
        {
            Assert.False(Machine.Cpu.MaySucceed(new MemoryAccess(page.Address.Value, AccessKind.Write, IsUser: true)));
        }
    }
}
