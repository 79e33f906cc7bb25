// The machine of a random program: memory, an adversarial processor, a pool that runs out, two sets of tables and the models of them.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Randomised;

/// <summary>A machine of one format. The second set may have tables of the first.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal sealed partial class EditMachine<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int SetCount = 2;
    private const nuint FirstRootFrame = 1;
    private const nuint FirstPoolFrame = FirstRootFrame + SetCount;

    private readonly AdversarialCache _cpu;
    private readonly MemoryWatch _watch;
    private readonly EditTerms _terms;
    private readonly EditMistake _mistake;
    private readonly SetModel<TFormat>[] _models = [new(), new()];
    private TablePool<WatchedMemory> _pool;
    private TableAccount _firstAccount = TableAccount.Unlimited;
    private TableAccount _secondAccount;
    private int _loaded;
    private int _occasions;

    public EditMachine(EditProgram program, EditMistake mistake)
    {
        PhysicalMemory memory = new((int)((FirstPoolFrame + (nuint)program.PoolPageCount) << PageSize.Shift));
        _terms = program.Terms;
        _mistake = mistake;
        ProcessorSettings settings = new()
        {
            Mode = PagingMode.FourLevel,
            HoldsOnlyAccessed = _terms.HoldsOnlyAccessed && mistake != EditMistake.PromiseNotKept,
            SupervisorAccessPrevention = _terms.SupervisorIsKeptFromUserPages,
            SupervisorExecutionPrevention = _terms.SupervisorIsKeptFromUserPages,
        };
        _cpu = new AdversarialCache(memory, Geometry, settings);
        _watch = new MemoryWatch(memory, FormatGeometry<TFormat>.EntryByteCount, mistake);
        memory.Fill(FirstPoolFrame << PageSize.Shift, program.PoolPageCount << PageSize.Shift, 0xA5);
        _pool = new TablePool<WatchedMemory>(new WatchedMemory(_watch), new FrameNumber(FirstPoolFrame), new PageCount((nuint)program.PoolPageCount));
        _secondAccount = new TableAccount(new PageCount((nuint)program.AccountLimit));
        _ = _cpu.WriteCr3(Tables(0).Root.Value);
    }

    private static TableGeometry Geometry { get; } = (TFormat.LevelCount, TFormat.LinearAddressBits) switch
    {
        (5, _) => TableGeometry.FiveLevel,
        (4, _) => TableGeometry.FourLevel,
        (3, _) => TableGeometry.Pae,
        (_, 16) => TableGeometry.Toy,
        _ => TableGeometry.ThirtyTwoBit,
    };

    private static int RootLevel => FormatGeometry<TFormat>.RootLevel;

    /// <summary>Carries out one operation.</summary>
    /// <returns>What is wrong then, or null.</returns>
    public string? Do(EditOperation operation)
    {
        int set = operation.Set / 2 % SetCount;
        PageRange range = ChooseRange(set, operation);
        PageNumber page = range.IsEmpty ? Windows<TFormat>.Large.First : range.First;
        LeafRights rights = s_rights[operation.What % s_rights.Length];
        int level = operation.What % RootLevel;
        string? complaint = operation.Kind switch
        {
            EditKind.Map => Map(set, range, operation.What, 0),
            EditKind.MapLarge => Map(set, range, operation.What, 1 + (operation.What / 7 % 2)),
            EditKind.Unmap => Edit(set, range, new RightsEdit(Unmaps: true, default, default), int.MaxValue),
            EditKind.SetRights => Edit(set, range, new RightsEdit(false, rights, null), int.MaxValue),
            EditKind.ResetRights => Edit(set, range, new RightsEdit(false, null, null), int.MaxValue),
            EditKind.SetBaseRights => Edit(set, range, new RightsEdit(false, rights, rights), int.MaxValue),
            EditKind.EditInSteps => EditInSteps(set, range, rights, operation.What),
            EditKind.Split => Split(set, page),
            EditKind.Merge => Merge(set, page, 1 + (operation.What % 2)),
            EditKind.Share => Share(page, level),
            EditKind.Unshare => Unshare(page, level),
            EditKind.Unlink => Unlink(page, level),
            EditKind.Copy => Copy(),
            EditKind.DetachAll => DetachAll(),
            EditKind.DetachEmpty => DetachEmpty(set, operation.What % 3 == 0 ? FormatGeometry<TFormat>.LowerPages : Windows<TFormat>.Choose(operation.Where | 5)),
            EditKind.Load => Load(set),
            _ => Touch(operation.Where, operation.What),
        };
        return complaint ?? Judge();
    }

    /// <summary>Operations done that were not refused.</summary>
    public int SuccessCount { get; private set; }

    /// <summary>Pages for an operation: mapped ones as a rule, since most operations do nothing elsewhere, and often written ones, of which there are few.</summary>
    private PageRange ChooseRange(int set, EditOperation operation)
    {
        SetModel<TFormat> model = _models[operation.Kind is EditKind.Share ? 0 : set];
        if (operation.Where % 4 == 0 || model.Leaves.Count == 0 || operation.Kind is EditKind.Map or EditKind.MapLarge)
        {
            return Windows<TFormat>.Choose(operation.Where);
        }

        int which = operation.Where / 4 % model.Leaves.Count;
        bool wantsDirty = operation.Where % 4 == 1 && model.Leaves.Values.Any(static leaf => leaf.IsDirty);
        foreach ((nuint first, ModelLeaf leaf) in model.Leaves)
        {
            if (wantsDirty ? leaf.IsDirty : which-- == 0)
            {
                nuint count = SetModel<TFormat>.Span(leaf.Level) * (1 + ((nuint)operation.What % 7 / 4));
                return PageRange.CreateTruncated(new PageNumber(first), new PageCount(count));
            }
        }

        return default;
    }

    private AddressSpace<TFormat, WatchedMemory> Tables(int set) => new(new WatchedMemory(_watch), new FrameNumber(FirstRootFrame + (nuint)set).Address);

    private ref TableAccount Account(int set) => ref set == 0 ? ref _firstAccount : ref _secondAccount;

    private bool HasRoom(int set, int tables) => (nuint)tables <= _pool.Available.Value && (nuint)tables <= Account(set).Left.Value;

    private string? Load(int set)
    {
        _loaded = set;
        return _cpu.WriteCr3(Tables(set).Root.Value) ? null : "CR3 could not be written";
    }

    private string? Touch(int where, int what)
    {
        PageNumber page = ChooseTouched(where);
        MemoryAccess access = new(page.Address.Value, (AccessKind)(what % 3), what % 4 != 0);
        ModelLeaf? leaf = _models[_loaded].Find(page.Value).Leaf;
        bool isAllowed = leaf is not null && Allows(leaf.Live, access);
        if (isAllowed)
        {
            leaf!.IsAccessed = true;
            leaf.IsDirty |= access.Kind == AccessKind.Write;
        }

        return _cpu.Access(access) == isAllowed ? null : $"{access} by the tables as they are ended unexpectedly";
    }

    private PageNumber ChooseTouched(int where)
    {
        IReadOnlyList<PageNumber> pages = Windows<TFormat>.Judged;
        for (int tried = 0; where % 4 != 0 && tried < pages.Count; tried++)
        {
            PageNumber page = pages[((where / 4) + tried) % pages.Count];
            if (_models[_loaded].Find(page.Value).Leaf is not null)
            {
                return page;
            }
        }

        return pages[where / 4 % pages.Count];
    }

    private bool Allows(LeafRights rights, MemoryAccess access) =>
        RightsWords<TFormat>.Allows(rights, access.Kind, access.IsUser, _terms.SupervisorIsKeptFromUserPages);

    /// <summary>A mistake happens every other time there is an occasion for it.</summary>
    private bool Happens(EditMistake mistake) => _mistake == mistake && ++_occasions % 2 == 0;

    /// <summary>Whether the processor can hold anything of these pages of a set: it has the set loaded, or another one that shares them.</summary>
    private bool IsInUse(int set, PageRange range) =>
        set == _loaded || (set == 0 && _models[1].LinksInto(range.First.Value, range.Count.Value));

    /// <summary>Flushes if the processor can hold anything of these pages: a flush that isn't owed would hide one that is left out.</summary>
    private void Discharge(FlushObligation flush, int set, PageRange range)
    {
        if (IsInUse(set, range))
        {
            WatchedCache cache = new(_cpu, Happens(EditMistake.FlushLeftOut), _mistake == EditMistake.PageLeftOutOfFlush);
            flush.Discharge(ref cache);
        }
    }
}
