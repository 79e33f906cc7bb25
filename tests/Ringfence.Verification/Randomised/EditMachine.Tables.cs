// Splitting, merging, sharing, copying and freeing: what each must do to the model.

using System.Collections.Generic;
using System.Linq;
using Ringfence.Paging;

namespace Ringfence.Verification.Randomised;

/// <content>Edits of tables.</content>
internal sealed partial class EditMachine<TFormat>
{
    private string? Split(int set, PageNumber page)
    {
        ModelPlace place = _models[set].Find(page.Value);
        bool isLarge = place.Level > 0 && place.Leaf is not null;
        PagingErrorCode expected = !isLarge ? PagingErrorCode.NothingThere
            : place.IsShared ? PagingErrorCode.UnderSharedTable
            : !HasRoom(set, 1) ? PagingErrorCode.OutOfTablePages
            : PagingErrorCode.None;
        Snapshot before = TakeSnapshot();
        return Check(Tables(set).SplitLargePage(ref _pool, ref Account(set), page), expected, before, set, OnePage(page), () =>
        {
            ModelLeaf large = place.Leaf!;
            _models[set].Leaves.Remove(place.First);
            _models[set].Tables.Add(SetModel<TFormat>.PlaceOf(place.Level - 1, page.Value));
            nuint span = SetModel<TFormat>.Span(place.Level - 1);
            for (nuint offset = 0; offset < SetModel<TFormat>.Span(place.Level); offset += span)
            {
                _models[set].Leaves.Add(place.First + offset, large with { Level = place.Level - 1, Frame = large.Frame + offset });
            }
        });
    }

    private string? Merge(int set, PageNumber page, int level)
    {
        if (!LeafSize<TFormat>.TryCreate(level, out LeafSize<TFormat> size))
        {
            return null;
        }

        SetModel<TFormat> model = _models[set];
        TablePlace table = SetModel<TFormat>.PlaceOf(level - 1, page.Value);
        if (set == 0 && _models[1].Links.ContainsKey(table))
        {
            return null;
        }

        nuint first = SetModel<TFormat>.FirstOf(table);
        ModelLeaf? start = model.Leaves.GetValueOrDefault(first);
        nuint span = SetModel<TFormat>.Span(level - 1);
        nuint total = SetModel<TFormat>.Span(level);
        PagingErrorCode expected = !model.Tables.Contains(table) ? PagingErrorCode.NothingThere : PagingErrorCode.None;
        bool isDirty = start is not null && start.Live.IsWritable;
        for (nuint offset = 0; expected == PagingErrorCode.None && offset < total; offset += span)
        {
            bool fits = start is not null && start.Level == level - 1 && start.Frame % total == 0
                && model.Leaves.TryGetValue(first + offset, out ModelLeaf? piece) && piece.Level == level - 1
                && piece.Frame == start.Frame + offset && RightsWords<TFormat>.AreAlike(piece.Live, start.Live) && piece.Base == start.Base;
            expected = fits ? PagingErrorCode.None : PagingErrorCode.NotUniform;
            isDirty |= fits && model.Leaves[first + offset].IsDirty;
        }

        Snapshot before = TakeSnapshot();
        return Check(Tables(set).MergeIntoLargePage(page, size), expected, before, set, OnePage(page), () =>
        {
            for (nuint offset = 0; offset < total; offset += span)
            {
                model.Leaves.Remove(first + offset);
            }

            model.Tables.Remove(table);
            model.Leaves.Add(first, start! with { Level = level, IsAccessed = true, IsDirty = isDirty });
        });
    }

    private string? Share(PageNumber page, int level)
    {
        ModelPlace place = _models[1].Find(page.Value);
        PagingErrorCode expected = !_models[0].HasTable(level, page.Value) ? PagingErrorCode.NothingThere
            : place.IsShared ? PagingErrorCode.UnderSharedTable
            : place.Level > 0 && place.Leaf is not null ? PagingErrorCode.UnderLargePage
            : place.Level <= level ? PagingErrorCode.TableInTheWay
            : !HasRoom(1, place.Level - level - 1) ? PagingErrorCode.OutOfTablePages
            : PagingErrorCode.None;
        Snapshot before = TakeSnapshot();
        return Check(Tables(1).ShareTable(ref _pool, ref _secondAccount, Tables(0), page, level), expected, before, 1, OnePage(page), () =>
        {
            _models[1].MakeTables(page.Value, level + 1);
            _models[1].Links.Add(SetModel<TFormat>.PlaceOf(level, page.Value), _models[0]);
        });
    }

    private string? Unshare(PageNumber page, int level)
    {
        TablePlace table = SetModel<TFormat>.PlaceOf(level, page.Value);
        PagingErrorCode expected = !_models[1].Links.ContainsKey(table) ? PagingErrorCode.NothingThere
            : !HasRoom(1, 1) ? PagingErrorCode.OutOfTablePages
            : PagingErrorCode.None;
        Snapshot before = TakeSnapshot();
        return Check(Tables(1).UnshareTable(ref _pool, ref _secondAccount, page, level), expected, before, 1, OnePage(page), () =>
        {
            _models[1].Links.Remove(table);
            _models[1].Tables.Add(table);
            foreach (nuint entry in _models[0].EntriesOf(table).ToList())
            {
                if (_models[0].Leaves.TryGetValue(entry, out ModelLeaf? leaf) && leaf.Level == level)
                {
                    // Written or not, a writable page counts as such: a processor may mark the other set's table until the flush.
                    _models[1].Leaves.Add(entry, leaf with { IsDirty = leaf.IsDirty || leaf.Live.IsWritable });
                }
                else
                {
                    _models[1].Links.Add(SetModel<TFormat>.PlaceOf(level - 1, entry), _models[0]);
                }
            }
        });
    }

    private string? Unlink(PageNumber page, int level)
    {
        TablePlace table = SetModel<TFormat>.PlaceOf(level, page.Value);
        PagingErrorCode expected = _models[1].Links.ContainsKey(table) ? PagingErrorCode.None : PagingErrorCode.NothingThere;
        Snapshot before = TakeSnapshot();
        return Check(Tables(1).UnlinkSharedTable(page, level), expected, before, 1, OnePage(page), () => _models[1].Links.Remove(table));
    }

    private string? Copy()
    {
        PagingErrorCode expected = !_models[1].IsEmpty ? PagingErrorCode.TableInTheWay
            : !HasRoom(1, _models[0].Tables.Count) ? PagingErrorCode.OutOfTablePages
            : PagingErrorCode.None;

        // A set that is copied to is loaded nowhere.
        if (_loaded == 1)
        {
            return null;
        }

        Snapshot before = TakeSnapshot();
        PagingError error = Tables(0).CopyTo(ref _pool, ref _secondAccount, Tables(1));
        if (error.Code != expected)
        {
            return $"copying ended with {error.Code}, expected {expected}";
        }

        if (!error.IsNone)
        {
            return before.Complain(this);
        }

        SuccessCount++;
        _models[0].CopyTo(_models[1]);
        return null;
    }

    private string? DetachAll() =>
        _loaded == 1 ? null : Check(Tables(1).DetachAll(), PagingErrorCode.None, TakeSnapshot(), 1, default, _models[1].Clear);

    private string? DetachEmpty(int set, PageRange window)
    {
        SetModel<TFormat> model = _models[set];
        TablePlace? found = null;
        foreach (TablePlace table in model.Tables)
        {
            PageRange pages = PageRange.CreateTruncated(new PageNumber(SetModel<TFormat>.FirstOf(table)), new PageCount(SetModel<TFormat>.Span(table.Level + 1)));
            bool isBefore = found is not { } best || table.Level < best.Level || (table.Level == best.Level && table.Number < best.Number);
            found = isBefore && window.Contains(pages) && model.IsEmptyTable(table) ? table : found;
        }

        // The source of a link keeps the table.
        if (set == 0 && found is { } linked && _models[1].Links.ContainsKey(linked))
        {
            return null;
        }

        PagingErrorCode expected = found is null ? PagingErrorCode.NothingThere : PagingErrorCode.None;
        PageRange freed = found is { } place ? OnePage(new PageNumber(SetModel<TFormat>.FirstOf(place))) : default;
        Snapshot before = TakeSnapshot();
        return Check(Tables(set).DetachEmptyTable(window), expected, before, set, freed, () => model.Tables.Remove(found!.Value));
    }

    private static PageRange OnePage(PageNumber page) => PageRange.OnePage(page);

    private string? Check(EditResult result, PagingErrorCode expected, Snapshot before, int set, PageRange range, System.Action changeModel)
    {
        if (result.Error.Code != expected)
        {
            return $"ended with {result.Error.Code}, expected {expected}";
        }

        if (!result.Succeeded)
        {
            return result.Flush.IsNone ? before.Complain(this) : "a flush is owed for an error";
        }

        SuccessCount++;
        Discharge(result.Flush, set, range);
        changeModel();
        return null;
    }

    private string? Check(TableRelease<TFormat, WatchedMemory> release, PagingErrorCode expected, Snapshot before, int set, PageRange range, System.Action changeModel)
    {
        if (release.Error.Code != expected)
        {
            return $"ended with {release.Error.Code}, expected {expected}";
        }

        if (!release.Succeeded)
        {
            return before.Complain(this);
        }

        // Where the processor can hold nothing of the set, nothing is flushed: that would hide a flush that is left out.
        WatchedCache cache = new(_cpu, isDeaf: !IsInUse(set, range) || _mistake == EditMistake.FreedBeforeFlush, skipsFirstPage: false);
        TableAccount account = Account(set);
        release.Discharge(ref cache, ref _pool, ref Account(set));
        if (Happens(EditMistake.CreditForgotten))
        {
            Account(set) = account;
        }

        SuccessCount++;
        changeModel();
        return null;
    }
}
