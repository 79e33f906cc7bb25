// A small kernel's worth of memory: text, data, a guard, memory for partitions on both sides of a leaf-table boundary and at the very top
// of the address space, and stacks. Everything the strategy is tested with lives here.

using System;
using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;

namespace Ringfence.Domains.Tests;

/// <summary>Mistakes that are put in on purpose, to show that the checks notice them.</summary>
internal enum Mistake
{
    None,

    /// <summary>The page after a granted run is granted too.</summary>
    OnePageTooManyGranted,

    /// <summary>A page is not returned to its base rights.</summary>
    RevocationLeftOut,

    /// <summary>A flush is not carried out.</summary>
    FlushLeftOut,

    /// <summary>A page returns to its base rights, but the base rights were lost on the way.</summary>
    BaseRightsLost,

    /// <summary>An entry is written although its rights don't differ.</summary>
    NeedlessWrite,

    /// <summary>The kernel forgets to tell that a partition was removed.</summary>
    RemovalNotTold,

    /// <summary>The kernel forgets to tell that a thread ended.</summary>
    ExitNotTold,

    /// <summary>The kernel forgets to tell that a thread moved.</summary>
    MoveNotTold,
}

/// <summary>Table memory that can be made to misbehave.</summary>
internal readonly struct FallibleMemory(PhysicalMemory memory, MistakeMaker mistakes) : ITableMemory
{
    private readonly SimulatedTableMemory _memory = new(memory);
    private readonly MistakeMaker _mistakes = mistakes;

    public uint Read32(TableAddress table, int index) => _memory.Read32(table, index);

    public ulong Read64(TableAddress table, int index) => _memory.Read64(table, index);

    public void Write32(TableAddress table, int index, uint value) => _memory.Write32(table, index, value);

    public void Write64(TableAddress table, int index, ulong value) => _memory.Write64(table, index, value);

    public uint ExchangeAdd32(TableAddress table, int index, uint addend)
    {
        uint old = _memory.Read32(table, index);
        uint value = old + addend;
        uint written = (uint)_mistakes.Distort(old, value);
        if (written == value || written != old)
        {
            _memory.ExchangeAdd32(table, index, written - old);
        }

        int next = index + (_mistakes.EntryByteCount / 4);
        if (next < 1024 && _mistakes.TouchesNext(old, value, out uint added))
        {
            _memory.Write32(table, next, _memory.Read32(table, next) | added);
        }

        return old;
    }

    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend)
    {
        ulong old = _memory.Read64(table, index);
        ulong value = old + addend;
        ulong written = _mistakes.Distort(old, value);
        if (written == value || written != old)
        {
            _memory.ExchangeAdd64(table, index, written - old);
        }

        if (index + 1 < 512 && _mistakes.TouchesNext(old, value, out uint added))
        {
            _memory.Write64(table, index + 1, _memory.Read64(table, index + 1) | added);
        }

        return old;
    }

    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand) =>
        _memory.CompareExchange32(table, index, value, comparand);

    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand) =>
        _memory.CompareExchange64(table, index, value, comparand);

    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) => TablePages.Copy(this, source, destination, width, marks);
}

/// <summary>Decides when a mistake happens: every third time there is an occasion for it.</summary>
internal sealed class MistakeMaker(Mistake mistake, int entryByteCount)
{
    private const ulong PresentAndUser = 5;
    private const ulong BaseBits = 0xE00;
    private int _occasions;

    public Mistake Mistake { get; } = mistake;

    public int EntryByteCount { get; } = entryByteCount;

    /// <summary>Mistakes begin once the world stands.</summary>
    public bool IsArmed { get; set; }

    public bool Happens(Mistake kind) => IsArmed && Mistake == kind && ++_occasions % 3 == 0;

    public ulong Distort(ulong old, ulong value)
    {
        bool revokes = (old & PresentAndUser) == PresentAndUser && (value & PresentAndUser) == 1;
        if (revokes && Happens(Mistake.RevocationLeftOut))
        {
            return old;
        }

        return revokes && Happens(Mistake.BaseRightsLost) ? value & ~BaseBits : value;
    }

    /// <summary>Whether the next entry is written too, and with which bits added: user mode for a page too many, none for a needless store.</summary>
    public bool TouchesNext(ulong old, ulong value, out uint added)
    {
        bool grants = (old & PresentAndUser) == 1 && (value & PresentAndUser) == PresentAndUser;
        added = Mistake == Mistake.OnePageTooManyGranted ? 4u : 0u;
        return grants && (Happens(Mistake.OnePageTooManyGranted) || Happens(Mistake.NeedlessWrite));
    }
}

/// <summary>The machine, the base mapping and the strategy.</summary>
internal sealed class World<TFormat>
    where TFormat : struct, IPagingFormat
{
    public const int StackCount = 6;
    private const int StackPageCount = 2;

    public World(Mistake mistake = Mistake.None)
    {
        Machine = new SimulatedMachine<TFormat>();
        Mistakes = new MistakeMaker(mistake, FormatGeometry<TFormat>.EntryByteCount);
        nuint span = SimulatedMachine<TFormat>.LeafTableSpan;
        nuint last = SimulatedMachine<TFormat>.LastPage.Value;
        nuint low = span - 28;

        // Reading upwards; frames differ from pages so that a mix-up of the two shows. Grantable memory comes with both base rights that a kernel
        // may give it: read, when it reaches the memory by another mapping, and read-write, when it doesn't.
        Regions =
        [
            Region(low, 3, LeafRights.SupervisorReadExecute),
            Region(low + 3, 3, LeafRights.SupervisorReadWrite),
            Region(low + 6, 2, LeafRights.UserReadExecute),
            Region(low + 8, 1, LeafRights.UserRead),
            Region(low + 10, 1, LeafRights.SupervisorRead, GrantObstacleKind.Guard),
            Region(low + 11, StackCount * StackPageCount, LeafRights.SupervisorRead, GrantObstacleKind.Stack),
            Region(low + 23, 16, LeafRights.SupervisorRead, GrantObstacleKind.None),
            Region(low + 39, 2, LeafRights.SupervisorRead, GrantObstacleKind.PageTable),
            Region(last - 5, 6, LeafRights.SupervisorReadWrite, GrantObstacleKind.None),
        ];
        foreach (BaseRegion region in Regions)
        {
            Machine.Map(region.Pages, region.FirstFrame.Value, region.Rights);
        }

        Windows =
        [
            SimulatedMachine<TFormat>.Pages(low - 1, 43),
            SimulatedMachine<TFormat>.Pages(last - 6, 7),
        ];
        FirstStackPage = low + 11;
        Grantable =
        [
            Regions[6].Pages,
            Regions[8].Pages,
        ];
        Tables = new AddressSpace<TFormat, FallibleMemory>(new FallibleMemory(Machine.Memory, Mistakes), Machine.Space.Root);
        Strategy = new CommonTableStrategy<TFormat, FallibleMemory>(Tables);
        Machine.ResetCounters();
        Mistakes.IsArmed = true;
    }

    public SimulatedMachine<TFormat> Machine { get; }

    public MistakeMaker Mistakes { get; }

    public BaseRegion[] Regions { get; }

    /// <summary>Pages that are looked at: every region, and an unmapped page around each group.</summary>
    public PageRange[] Windows { get; }

    /// <summary>Where partitions may lie.</summary>
    public PageRange[] Grantable { get; }

    public nuint FirstStackPage { get; }

    public AddressSpace<TFormat, FallibleMemory> Tables { get; }

    public BaseMapping BaseMapping =>
        BaseMapping.TryCreate(Regions, out BaseMapping mapping) ? mapping : throw new InvalidOperationException("regions out of order");

#pragma warning disable CA1051 // Mutable values: properties would hand out copies.
    public CommonTableStrategy<TFormat, FallibleMemory> Strategy;
    public DomainNumberSource Numbers;
#pragma warning restore CA1051

    /// <summary>The pages of all stacks.</summary>
    public PageRange AllStacks => SimulatedMachine<TFormat>.Pages(FirstStackPage, StackCount * StackPageCount);

    public PageRange StackPages(int slot) =>
        SimulatedMachine<TFormat>.Pages(FirstStackPage + (nuint)(slot * StackPageCount), StackPageCount);

    public RegionMap Map => new(Regions);

    public Domain NewDomain(params (nuint Offset, nuint Count, PartitionRights Rights)[] partitions)
    {
        Domain domain = default;
        domain.Create(ref Numbers);
        foreach ((nuint offset, nuint count, PartitionRights rights) in partitions)
        {
            Add(ref domain, offset, count, rights);
        }

        return domain;
    }

    /// <summary>Adds a partition at an offset within the first grantable region; fails the test on a refusal.</summary>
    public void Add(ref Domain domain, nuint offset, nuint count, PartitionRights rights)
    {
        PageRange pages = SimulatedMachine<TFormat>.Pages(Grantable[0].First.Value + offset, count);
        DomainError error = Partition.TryCreate<TFormat>(pages, rights, out Partition partition);
        error = error.IsNone ? domain.Add(in partition, Map) : error;
        if (!error.IsNone)
        {
            throw new InvalidOperationException($"partition refused: {error.Code}");
        }
    }

    public void Discharge(FlushObligation flush)
    {
        if (!flush.IsNone && Mistakes.Happens(Mistake.FlushLeftOut))
        {
            return;
        }

        Machine.Discharge(flush);
    }

    /// <summary>
    /// What is wrong while a thread with this domain and stack could run, or null: every page and every access against the law, on the adversarial MMU in
    /// both directions; the supervisor's side against the base rights; and the audit against both.
    /// </summary>
    public string? Judge(in Domain domain, in UserStack stack)
    {
        foreach (PageRange window in Windows)
        {
            for (PageNumber page = window.First; page < window.End; page += PageCount.One)
            {
                foreach ((Access access, AccessKind kind) in Rights.Accesses())
                {
                    bool lawful = IsLawful(in domain, in stack, page, access);
                    MemoryAccess user = new(page.Address.Value, kind, IsUser: true);
                    if (lawful ? !Machine.Cpu.MustSucceedWithRetry(user) : Machine.Cpu.MaySucceed(user))
                    {
                        return $"user {access} of page 0x{page.Value:x}: the law says {lawful}";
                    }

                    LawVerdict verdict = Law.Check<TFormat>(in domain, in stack, BaseMapping, page.Address, PageSize.ByteCount, access);
                    if (verdict.IsAllowed != lawful)
                    {
                        return $"Law.Check on {access} of page 0x{page.Value:x}";
                    }
                }
            }

            TableAudit<TFormat, FallibleMemory> audit = new(Tables, window);
            if (audit.TryFindMismatch(in domain, in stack, BaseMapping, out AuditMismatch mismatch))
            {
                return $"audit: page 0x{mismatch.Page.Value:x} has 0x{mismatch.FoundEntry:x}, expected 0x{mismatch.ExpectedEntry:x}";
            }
        }

        return null;
    }

    /// <summary>The law once more, page by page and in the plainest words, so that the library's own answer is not the only one.</summary>
    public bool IsLawful(in Domain domain, in UserStack stack, PageNumber page, Access access)
    {
        bool Gives(LeafRights rights) => rights.AllowsUser(access) || (rights.IsUser && access == Access.Execute && !FormatGeometry<TFormat>.HasExecuteDisable);

        foreach (BaseRegion region in Regions)
        {
            if (region.Pages.Contains(page) && Gives(region.Rights))
            {
                return true;
            }
        }

        for (int index = 0; index < domain.PartitionCount; index++)
        {
            if (domain[index].Pages.Contains(page) && Gives(domain[index].Rights.ToLeafRights()))
            {
                return true;
            }
        }

        for (int index = 0; index < domain.StackCount; index++)
        {
            if (domain.Stack(index).Pages.Contains(page) && Gives(LeafRights.UserReadWrite))
            {
                return true;
            }
        }

        return stack.Pages.Contains(page) && Gives(LeafRights.UserReadWrite);
    }

    /// <summary>The live rights bits of every page looked at, A and D left out.</summary>
    public ulong[] LiveBits()
    {
        List<ulong> bits = [];
        foreach (PageRange window in Windows)
        {
            for (PageNumber page = window.First; page < window.End; page += PageCount.One)
            {
                bits.Add(Machine.Space.Translate(page.Address).Entry & (EntryBits.Writable | EntryBits.User | EntryBits.ExecuteDisable));
            }
        }

        return [.. bits];
    }

    private static BaseRegion Region(nuint first, nuint count, LeafRights rights, GrantObstacleKind obstacle = GrantObstacleKind.NotGrantable) =>
        new(SimulatedMachine<TFormat>.Pages(first, count), new FrameNumber((first & 0xFFFF) + 0x100), rights, obstacle);

    /// <summary>What may be granted, judged by the regions.</summary>
    internal readonly struct RegionMap(BaseRegion[] regions) : IGrantableMap
    {
        private readonly BaseRegion[] _regions = regions;

        public GrantObstacle FindObstacle(PageRange pages) =>
            BaseMapping.CreateUnchecked(_regions).FindObstacle(pages);
    }
}
