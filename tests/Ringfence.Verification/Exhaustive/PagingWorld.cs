// The library itself on the toy geometry: two sets of tables, every kind of edit, an adversarial processor, and a plain model of what the tables must say.

using System;
using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Verification.Formats;

namespace Ringfence.Verification.Exhaustive;

/// <summary>A machine on which paging operations are carried out and judged.</summary>
internal sealed partial class PagingWorld : ToyWorld
{
    private readonly AdversarialCache _cpu;
    private readonly PagingModel _model;
    private readonly EditTerms _terms;
    private readonly EditTerms _exceptionTerms;
    private readonly ToyMistake _mistake;
    private ToyAllocator _allocator;
    private TableAccount _firstAccount;
    private TableAccount _secondAccount;
    private RangeEdit<ToyFormat, ToyMemory> _pending;
    private bool _pendingUnmaps;

    /// <summary>A machine whose first set is loaded and maps the kernel's last two pages.</summary>
    /// <param name="holdsOnlyAccessed">Whether the processor promises to hold only what has A set, and edits count on it.</param>
    /// <param name="isFilled">Whether user pages are mapped as well, one of them large, and the second set shares two tables of the first.</param>
    /// <param name="mistake">A mistake to be found.</param>
    public PagingWorld(bool holdsOnlyAccessed, bool isFilled, ToyMistake mistake = ToyMistake.None)
    {
        PhysicalMemory memory = PhysicalMemory.CreateSparse(ToyAllocator.FrameCount, ToyFormat.Level(0).EntryCount * 4);
        ProcessorSettings settings = new()
        {
            Mode = PagingMode.ThirtyTwoBit,
            HoldsOnlyAccessed = holdsOnlyAccessed && mistake != ToyMistake.PromiseNotKept,
        };
        _cpu = new AdversarialCache(memory, TableGeometry.Toy, settings);
        _model = new PagingModel();
        _terms = new EditTerms(holdsOnlyAccessed);
        _exceptionTerms = new EditTerms(holdsOnlyAccessed, spuriousFaultsAreFatal: mistake != ToyMistake.ExceptionMemoryNotNamed);
        _mistake = mistake;
        _allocator = new ToyAllocator();
        _firstAccount = TableAccount.Unlimited;
        _secondAccount = new TableAccount(new PageCount(SecondAccountLimit));
        ToyMemory.Enter(memory, mistake == ToyMistake.PlainStore);
        for (int frame = ToyAllocator.FirstTableFrame; frame < ToyAllocator.FrameCount; frame++)
        {
            _allocator.Free(new FrameNumber((nuint)frame).Address);
        }

        bool isMade = _cpu.WriteCr3(Root(0).Value) && Map(0, KernelPage, 2, KernelFrame, LeafRights.SupervisorReadWrite) is null;
        if (isFilled)
        {
            isMade &= Map(0, 1, 1, 0x41, LeafRights.UserReadWrite) is null
                && Map(0, Straddling, 2, 0x43, LeafRights.SupervisorRead) is null
                && MapLarge(0, Quarter2, 0x48, LeafRights.UserReadWrite) is null
                && Share(0) is null
                && Share(12) is null;
        }

        if (!isMade)
        {
            throw new InvalidOperationException("the first state can't be made");
        }
    }

    private PagingWorld(PagingWorld other)
    {
        _cpu = other._cpu.Clone();
        _model = other._model.Clone();
        _terms = other._terms;
        _exceptionTerms = other._exceptionTerms;
        _mistake = other._mistake;
        _allocator = other._allocator;
        _firstAccount = other._firstAccount;
        _secondAccount = other._secondAccount;
        _pending = other._pending;
        _pendingUnmaps = other._pendingUnmaps;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Alphabet => s_names;

    /// <inheritdoc/>
    public override ToyWorld Clone() => new PagingWorld(this);

    /// <inheritdoc/>
    public override string? Do(int operation)
    {
        ToyMemory.Enter(_cpu.Memory, _mistake == ToyMistake.PlainStore);
        return s_alphabet[operation].Run(this) ?? Judge();
    }

    /// <inheritdoc/>
    protected override void Describe(ref StateWriter writer)
    {
        writer.Add(_cpu.State().Bytes);
        writer.Add(_allocator.InUse);
        writer.Add((long)_firstAccount.InUse.Value);
        writer.Add((long)_secondAccount.InUse.Value);
        writer.Add(_pending.IsComplete ? 0 : (long)_pending.Rest.Count.Value + (_pendingUnmaps ? 16 : 0));
    }

    private static PhysicalAddress Root(int set) => new FrameNumber((nuint)(ToyAllocator.FirstRootFrame + set)).Address;

    private static AddressSpace<ToyFormat, ToyMemory> Tables(int set) => new(default, Root(set));

    private ref TableAccount Account(int set) => ref set == 0 ? ref _firstAccount : ref _secondAccount;

    private string? Judge()
    {
        if (LawJudge.FindExcess(_cpu, _model) is { } excess)
        {
            return excess.ToString();
        }

        if (LawJudge.FindLack(_cpu, _model, 0, PagingModel.PageCount) is { } lack)
        {
            return lack.ToString();
        }

        if (!KernelReaches(KernelPage, AccessKind.Write)
            || !KernelReaches(KernelPage + 1, AccessKind.Read)
            || (_model.Seen(_model.Loaded, KernelPage + 1).Live.IsWritable && !KernelReaches(KernelPage + 1, AccessKind.Write)))
        {
            return "the kernel may fault where it can't retry";
        }

        int freed = _allocator.FindFreeFrameStillWalked(_cpu);
        return freed >= 0 ? $"table page {freed} is free and may still be walked" : JudgeTables();
    }

    private bool KernelReaches(int page, AccessKind kind) =>
        _cpu.MustSucceedWithoutRetry(new MemoryAccess((ulong)page << PageSize.Shift, kind, IsUser: false));

    private string? JudgeTables()
    {
        uint reachable = 0;
        for (int set = 0; set < PagingModel.SetCount; set++)
        {
            uint own = 0;
            for (int quarter = 0; quarter < PagingModel.QuarterCount; quarter++)
            {
                // Read without the library: what an entry is must not be its own opinion.
                int first = quarter * PagingModel.QuarterPageCount;
                uint link = _cpu.Memory.Read32(Root(set).Value + ((ulong)quarter * 4));
                bool isTable = (link & 0x81) == 1;
                Quarter expected = _model.QuarterOf(set, first);
                bool agrees = expected switch
                {
                    Quarter.Nothing => link == 0,
                    Quarter.LargePage => (link & 0x81) == 0x81,
                    Quarter.OwnTable => isTable && (link & 0x200) == 0,
                    _ => isTable && (link & 0x200) != 0 && (link >> PageSize.Shift) == (_cpu.Memory.Read32(Root(0).Value + ((ulong)quarter * 4)) >> PageSize.Shift),
                };
                if (!agrees)
                {
                    return $"set {set}, pages from {first} on: {expected} expected, 0x{link:x} found";
                }

                own += expected == Quarter.OwnTable ? 1u : 0;
                reachable |= expected == Quarter.OwnTable ? 1u << (int)(link >> PageSize.Shift) : 0;
                for (int page = first; page < first + PagingModel.QuarterPageCount; page++)
                {
                    if (!IsAsModelled(set, page))
                    {
                        return $"set {set}, page {page}: {_model.Seen(set, page)} expected";
                    }
                }
            }

            if (Account(set).InUse.Value != own)
            {
                return $"set {set} has {own} tables, its account says {Account(set).InUse.Value}";
            }
        }

        return (reachable | ToyAllocator.NeverGiven) == _allocator.InUse ? null : $"tables in use 0x{reachable:x}, allocated 0x{_allocator.InUse:x}";
    }

    private bool IsAsModelled(int set, int page)
    {
        ModelPage expected = _model.Seen(set, page);
        Translation found = Tables(set).Translate(new PageNumber((nuint)page).Address);
        if (!found.IsMapped || !expected.IsMapped)
        {
            return found.IsMapped == expected.IsMapped;
        }

        bool isDirty = (found.Entry & EntryBits.Dirty) != 0;
        return found.Frame.Value == expected.Frame
            && PagingModel.HasBitsOf(found.Rights, expected.Live)
            && found.BaseRights == expected.Base
            && (isDirty || !expected.IsDirty);
    }
}
