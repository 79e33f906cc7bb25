// What each operation of the paging world must do to the model. An operation that the model says is impossible must be refused and change nothing.

using System;
using System.Linq;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Verification.Formats;

namespace Ringfence.Verification.Exhaustive;

/// <content>Operations.</content>
internal sealed partial class PagingWorld
{
    private const int KernelPage = 14;
    private const byte KernelFrame = 0x5E;
    private const nuint SecondAccountLimit = 3;

    private const int Straddling = 3;
    private const int Quarter2 = 8;

    // An edit under way asks that tables stay as they are.
    private bool IsEditUnderWay => !_pending.IsComplete;

    private string? Map(int set, int first, int count, byte frame, LeafRights rights)
    {
        if (IsEditUnderWay)
        {
            return null;
        }

        int missing = _model.TablesMissing(set, first, count);
        bool fits = (nuint)missing <= _allocator.Available.Value && (nuint)missing <= Account(set).Left.Value;
        EditResult result = Tables(set).Map(ref _allocator, ref Account(set), Pages(first, count), new FrameNumber(frame), rights);
        return Check(result, _model.IsFree(set, first, count) && fits, set, first, () => MapInModel(set, first, count, frame, rights, Quarter.OwnTable));
    }

    private string? MapLarge(int set, int first, byte frame, LeafRights rights)
    {
        if (IsEditUnderWay)
        {
            return null;
        }

        EditResult result = Tables(set).MapLarge(ref _allocator, ref Account(set), Pages(first, 4), new FrameNumber(frame), rights, LargeLeaf());
        return Check(
            result, _model.QuarterOf(set, first) == Quarter.Nothing, set, first, () => MapInModel(set, first, 4, frame, rights, Quarter.LargePage));
    }

    private void MapInModel(int set, int first, int count, byte frame, LeafRights rights, Quarter quarter)
    {
        for (int offset = 0; offset < count; offset++)
        {
            _model.Own(set, first + offset) = new ModelPage((byte)(frame + offset), rights, rights, IsDirty: false);
            _model.QuarterOf(set, first + offset) = quarter;
        }
    }

    private string? Unmap(int set, int first, int count) =>
        Check(Tables(set).Unmap(Pages(first, count), _terms), _model.IsEditable(set, first, count), set, first, () =>
        {
            for (int page = first; page < first + count; page++)
            {
                ref Quarter quarter = ref _model.QuarterOf(set, page);
                quarter = quarter == Quarter.LargePage ? Quarter.Nothing : quarter;
                _model.Own(set, page) = default;
            }
        });

    private string? Set(int set, int first, int count, LeafRights rights, int modelCount = 0) =>
        Check(
            Tables(set).SetRights(Pages(first, count), rights, _terms),
            _model.IsEditable(set, first, count),
            set,
            first,
            () => EditModel(set, first, modelCount == 0 ? count : modelCount, page => page with { Live = rights }));

    private string? Reset(int first, int count, EditTerms terms) =>
        Check(
            Tables(0).ResetRights(Pages(first, count), terms),
            _model.IsEditable(0, first, count),
            0,
            first,
            () => EditModel(0, first, count, static page => page with { Live = page.Base }));

    private string? SetBase(int first, int count, LeafRights rights) =>
        Check(
            Tables(0).SetBaseRights(Pages(first, count), rights, _terms),
            _model.IsEditable(0, first, count),
            0,
            first,
            () => EditModel(0, first, count, page => page with { Live = rights, Base = rights }));

    private string? SetKernel(LeafRights rights) =>
        Check(
            Tables(0).SetRights(Pages(KernelPage + 1, 1), rights, _exceptionTerms),
            true,
            0,
            KernelPage + 1,
            () => EditModel(0, KernelPage + 1, 1, page => page with { Live = rights }));

    private void EditModel(int set, int first, int count, Func<ModelPage, ModelPage> edit)
    {
        for (int page = first; page < first + count; page++)
        {
            _model.Own(set, page) = edit(_model.Own(set, page));
        }
    }

    private string? Begin(bool unmaps)
    {
        if (IsEditUnderWay)
        {
            return null;
        }

        _pendingUnmaps = unmaps;
        _pending = unmaps
            ? Tables(0).BeginUnmap(Pages(Straddling, 2), out PagingError error, _terms)
            : Tables(0).BeginResetRights(Pages(Straddling, 2), out error, _terms);
        return error.IsNone == _model.IsEditable(0, Straddling, 2) ? null : $"beginning ended with {error.Code}";
    }

    private string? Step()
    {
        if (!IsEditUnderWay)
        {
            return null;
        }

        int page = (int)_pending.Rest.First.Value;
        Discharge(_pending.Step(1), 0, page);
        ref ModelPage edited = ref _model.Own(0, page);
        edited = edited.IsMapped && !_pendingUnmaps ? edited with { Live = edited.Base } : default;
        return null;
    }

    private string? Split(int set)
    {
        if (IsEditUnderWay)
        {
            return null;
        }

        bool fits = _allocator.Available != PageCount.Zero && Account(set).Left != PageCount.Zero;
        bool possible = _model.QuarterOf(set, Quarter2) == Quarter.LargePage && fits;
        EditResult result = Tables(set).SplitLargePage(ref _allocator, ref Account(set), new PageNumber(Quarter2));
        return Check(result, possible, set, Quarter2, () => _model.QuarterOf(set, Quarter2) = Quarter.OwnTable);
    }

    private string? Merge(int set)
    {
        if (IsEditUnderWay || (set == 0 && _model.IsSharedOut(Quarter2 / 4)))
        {
            return null;
        }

        bool possible = _model.QuarterOf(set, Quarter2) == Quarter.OwnTable && _model.IsUniform(set, Quarter2);
        return Check(
            Tables(set).MergeIntoLargePage(new PageNumber(Quarter2), LargeLeaf()), possible, set, () => _model.QuarterOf(set, Quarter2) = Quarter.LargePage);
    }

    private string? DetachEmpty(int set)
    {
        int first = Enumerable.Range(0, PagingModel.QuarterCount).Select(static quarter => quarter * 4)
            .Where(page => _model.QuarterOf(set, page) == Quarter.OwnTable && _model.IsEmpty(set, page)).FirstOrDefault(-1);
        if (IsEditUnderWay || (set == 0 && first >= 0 && _model.IsSharedOut(first / 4)))
        {
            return null;
        }

        return Check(Tables(set).DetachEmptyTable(Pages(0, PagingModel.PageCount)), first >= 0, set, () => _model.QuarterOf(set, first) = Quarter.Nothing);
    }

    private string? Share(int first)
    {
        Quarter source = _model.QuarterOf(0, first);
        bool possible = source == Quarter.OwnTable && _model.QuarterOf(1, first) == Quarter.Nothing;
        EditResult result = Tables(1).ShareTable(ref _allocator, ref _secondAccount, Tables(0), new PageNumber((nuint)first), 0);
        return Check(result, possible, 1, first, () => _model.QuarterOf(1, first) = Quarter.SharedTable);
    }

    private string? Unshare(int first)
    {
        bool fits = _allocator.Available != PageCount.Zero && _secondAccount.Left != PageCount.Zero;
        bool possible = _model.QuarterOf(1, first) == Quarter.SharedTable && fits;
        EditResult result = Tables(1).UnshareTable(ref _allocator, ref _secondAccount, new PageNumber((nuint)first), 0);
        return Check(result, possible, 1, first, () =>
        {
            for (int page = first; page < first + 4; page++)
            {
                _model.Own(1, page) = _model.Own(0, page);
            }

            _model.QuarterOf(1, first) = Quarter.OwnTable;
        });
    }

    private string? Unlink(int first) =>
        Check(
            Tables(1).UnlinkSharedTable(new PageNumber((nuint)first), 0),
            _model.QuarterOf(1, first) == Quarter.SharedTable,
            1,
            first,
            () => _model.QuarterOf(1, first) = Quarter.Nothing);

    private string? Copy()
    {
        int tables = 0;
        bool isEmpty = true;
        for (int page = 0; page < PagingModel.PageCount; page += 4)
        {
            tables += _model.QuarterOf(0, page) == Quarter.OwnTable ? 1 : 0;
            isEmpty &= _model.QuarterOf(1, page) == Quarter.Nothing;
        }

        bool fits = (nuint)tables <= _allocator.Available.Value && (nuint)tables <= _secondAccount.Left.Value;
        PagingError error = Tables(0).CopyTo(ref _allocator, ref _secondAccount, Tables(1));
        if (error.IsNone != (isEmpty && fits))
        {
            return $"copying ended with {error.Code}";
        }

        for (int page = 0; error.IsNone && page < PagingModel.PageCount; page++)
        {
            _model.Own(1, page) = _model.Own(0, page);
            _model.QuarterOf(1, page) = _model.QuarterOf(0, page);
        }

        return null;
    }

    private string? DetachAll()
    {
        if (_model.Loaded == 1)
        {
            return null;
        }

        return Check(Tables(1).DetachAll(), true, 1, () => _model.Clear(1));
    }

    private string? Load(int set)
    {
        // A set without the kernel's memory can't be loaded.
        if (!_model.Seen(set, KernelPage).IsMapped)
        {
            return null;
        }

        _model.Loaded = set;
        return _cpu.WriteCr3(Root(set).Value) ? null : "CR3 could not be written";
    }

    private string? Touch(int page, AccessKind kind, bool isUser)
    {
        bool succeeds = _cpu.Access(new MemoryAccess((ulong)page << PageSize.Shift, kind, isUser));
        ref ModelPage touched = ref _model.Seen(_model.Loaded, page);
        bool allowed = touched.IsMapped && (touched.Live.IsUser || !isUser) && (touched.Live.IsWritable || kind != AccessKind.Write);
        touched = allowed && kind == AccessKind.Write ? touched with { IsDirty = true } : touched;
        return succeeds == allowed ? null : "an access by the tables as they are ended unexpectedly";
    }

    private string? Check(EditResult result, bool isPossible, int set, int page, Action changeModel)
    {
        if (result.Succeeded != isPossible)
        {
            return $"ended with {result.Error.Code}";
        }

        if (isPossible)
        {
            Discharge(result.Flush, set, page);
            changeModel();
        }

        return null;
    }

    private string? Check(TableRelease<ToyFormat, ToyMemory> release, bool isPossible, int set, Action changeModel)
    {
        if (release.Succeeded != isPossible)
        {
            return $"ended with {release.Error.Code}";
        }

        if (isPossible)
        {
            changeModel();
            ToyCache cache = new(_cpu, set == _model.Loaded ? _mistake : ToyMistake.FlushLeftOut);
            release.Discharge(ref cache, ref _allocator, ref Account(set));
        }

        return null;
    }

    /// <summary>Flushes on this processor if it has the set loaded, or shares what was edited: a flush that isn't owed would hide one that is left out.</summary>
    private void Discharge(FlushObligation flush, int set, int page)
    {
        if (set == _model.Loaded || (set == 0 && _model.IsSharedOut(page / 4)))
        {
            ToyCache cache = new(_cpu, _mistake == ToyMistake.FreedBeforeFlush ? ToyMistake.None : _mistake);
            flush.Discharge(ref cache);
        }
    }

    private static PageRange Pages(int first, int count) => PageRange.CreateTruncated(new PageNumber((nuint)first), new PageCount((nuint)count));

    private static LeafSize<ToyFormat> LargeLeaf() => LeafSize<ToyFormat>.TryCreate(1, out LeafSize<ToyFormat> size) ? size : default;
}
