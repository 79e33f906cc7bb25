// Mapping, unmapping and rights: what each must do to the model, what it must write and what it must owe.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Randomised;

/// <summary>An edit of mapped pages.</summary>
/// <param name="Unmaps">It unmaps them.</param>
/// <param name="Live">Otherwise: the new rights, or null for the base rights.</param>
/// <param name="Base">The new base rights, or null to keep them.</param>
internal readonly record struct RightsEdit(bool Unmaps, LeafRights? Live, LeafRights? Base);

/// <content>Edits of pages.</content>
internal sealed partial class EditMachine<TFormat>
{
    private static readonly LeafRights[] s_rights =
    [
        LeafRights.UserReadWrite, LeafRights.SupervisorRead, LeafRights.UserRead,
        LeafRights.SupervisorReadWrite, LeafRights.UserReadExecute, LeafRights.SupervisorReadExecute,
    ];

    private string? Map(int set, PageRange range, int what, int leafLevel)
    {
        // A table for each of hundreds of large pages is more than any pool here has, and would only take time.
        leafLevel = range.Count.Value > Windows<TFormat>.Large.Count.Value ? Math.Max(leafLevel, 1) : leafLevel;
        if (!LeafSize<TFormat>.TryCreate(leafLevel, out LeafSize<TFormat> size))
        {
            return null;
        }

        // Frames that differ from the pages, and in a few cases are badly aligned.
        nuint frame = ((nuint)(1 + (what % 3)) << 18) + (what % 11 == 0 && leafLevel != 0 ? 1u : range.First.Value & (TFormat.Level(1).EntrySpan.Value - 1));
        LeafRights rights = s_rights[what / 4 % s_rights.Length];
        (PagingErrorCode code, nuint page) expected = FindObstacle(set, range, frame, leafLevel);
        int missing = expected.code == PagingErrorCode.None ? _models[set].CountMissing(range.First.Value, range.Count.Value, leafLevel) : 0;
        if (!HasRoom(set, missing))
        {
            expected = (PagingErrorCode.OutOfTablePages, range.First.Value);
        }

        Snapshot before = TakeSnapshot();
        EditResult result = leafLevel == 0
            ? Tables(set).Map(ref _pool, ref Account(set), range, new FrameNumber(frame), rights)
            : Tables(set).MapLarge(ref _pool, ref Account(set), range, new FrameNumber(frame), rights, size);
        if (result.Error.Code != expected.code || (!result.Succeeded && result.Error.Page.Value != expected.page))
        {
            return $"mapping ended with {result.Error.Code} at 0x{result.Error.Page.Value:x}, expected {expected.code} at 0x{expected.page:x}";
        }

        if (!result.Succeeded)
        {
            bool saysHowMany = result.Error.Code != PagingErrorCode.OutOfTablePages || result.Error.TablesNeeded.Value == (nuint)missing;
            return saysHowMany ? before.Complain(this) : $"mapping takes {missing} tables, the error says {result.Error.TablesNeeded.Value}";
        }

        SuccessCount++;
        nuint span = SetModel<TFormat>.Span(leafLevel);
        for (nuint offset = 0; offset < range.Count.Value; offset += span)
        {
            _models[set].MakeTables(range.First.Value + offset, leafLevel);
            _models[set].Leaves.Add(range.First.Value + offset, new ModelLeaf(leafLevel, frame + offset, rights, rights));
        }

        bool owesRegisters = TFormat.RootIsHeldInRegisters && missing != 0;
        if (result.Flush.Kind != FlushKind.None || result.Flush.NeedsStructureCacheFlush || (result.Flush.NeedsDirectoryPointerReload && !owesRegisters))
        {
            return "mapping owes a flush";
        }

        Discharge(result.Flush, set, range);
        return null;
    }

    private (PagingErrorCode Code, nuint Page) FindObstacle(int set, PageRange range, nuint frame, int leafLevel)
    {
        nuint span = SetModel<TFormat>.Span(leafLevel);
        if (!HasAddresses(range))
        {
            return (PagingErrorCode.RangeNotCanonical, range.First.Value);
        }

        if (!range.IsEmpty && ((range.First.Value | range.Count.Value | frame) & (span - 1)) != 0)
        {
            return (PagingErrorCode.NotAligned, range.First.Value);
        }

        for (nuint page = range.First.Value; page < range.First.Value + range.Count.Value; page += span)
        {
            ModelPlace place = _models[set].Find(page);
            PagingErrorCode code = place.IsShared ? PagingErrorCode.UnderSharedTable
                : place.Level > 0 && place.Leaf is not null && place.Level >= leafLevel ? PagingErrorCode.UnderLargePage
                : leafLevel > 0 && place.Level < leafLevel ? LowerObstacle(place)
                : place.Leaf is not null ? PagingErrorCode.AlreadyMapped
                : PagingErrorCode.None;
            if (code != PagingErrorCode.None)
            {
                return (code, page);
            }
        }

        return default;

        // A table is in the way whatever it maps; only of a large page in it the library speaks first.
        static PagingErrorCode LowerObstacle(ModelPlace place) =>
            place.Level > 0 && place.Leaf is not null ? PagingErrorCode.UnderLargePage : PagingErrorCode.TableInTheWay;
    }

    private string? EditInSteps(int set, PageRange range, LeafRights rights, int what)
    {
        RightsEdit edit = (what / 8 % 3) switch
        {
            0 => new RightsEdit(Unmaps: true, null, null),
            1 => new RightsEdit(false, rights, null),
            _ => new RightsEdit(false, null, null),
        };
        return Edit(set, range, edit, 1 + (what % 4));
    }

    private string? Edit(int set, PageRange range, RightsEdit edit, int stepLimit)
    {
        (PagingErrorCode code, nuint page) expected = FindUneditable(set, range);
        Snapshot before = TakeSnapshot();
        AddressSpace<TFormat, WatchedMemory> tables = Tables(set);
        RangeEdit<TFormat, WatchedMemory> rest = edit.Unmaps ? tables.BeginUnmap(range, out PagingError error, _terms)
            : edit.Live is not { } live ? tables.BeginResetRights(range, out error, _terms)
            : edit.Base is not null ? tables.BeginSetBaseRights(range, live, out error, _terms)
            : tables.BeginSetRights(range, live, out error, _terms);
        if (error.Code != expected.code || (!error.IsNone && error.Page.Value != expected.page))
        {
            return $"editing ended with {error.Code} at 0x{error.Page.Value:x}, expected {expected.code} at 0x{expected.page:x}";
        }

        if (!error.IsNone)
        {
            return rest.IsComplete ? before.Complain(this) : "an edit was refused and is to be done";
        }

        SuccessCount++;
        string? complaint = null;
        for (int step = 0; complaint is null && !rest.IsComplete; step++)
        {
            complaint = Step(ref rest, set, edit, stepLimit);
            if (stepLimit != int.MaxValue && complaint is null && step < 6)
            {
                complaint = Touch(step + (int)range.Count.Value, step) ?? Judge();
            }
        }

        return complaint;
    }

    private string? Step(ref RangeEdit<TFormat, WatchedMemory> rest, int set, RightsEdit edit, int limit)
    {
        PageNumber first = rest.Rest.First;
        nuint count = rest.Rest.Count.Value;
        _watch.Written.Clear();
        FlushObligation flush = rest.Step(limit);
        PageRange done = PageRange.CreateTruncated(first, new PageCount(count - rest.Rest.Count.Value));
        List<(nuint First, ModelLeaf Leaf)> leaves = [.. _models[set].LeavesIn(done.First.Value, done.Count.Value)];
        int entries = leaves.Sum(static leaf => 1);
        if (done.IsEmpty || entries > limit)
        {
            return $"a step of {limit} edited {entries} entries";
        }

        int mustChange = 0;
        bool owes = false;
        foreach ((nuint page, ModelLeaf leaf) in leaves)
        {
            LeafRights live = edit.Live ?? (edit.Unmaps ? leaf.Live : leaf.Base);
            LeafRights baseRights = edit.Base ?? leaf.Base;
            mustChange += edit.Unmaps || !RightsWords<TFormat>.AreAlike(leaf.Live, live) || leaf.Base != baseRights ? 1 : 0;
            bool mustFlush = (edit.Unmaps || RightsWords<TFormat>.AsksForFlush(leaf.Live, live, _terms)) && (leaf.IsAccessed || !_terms.HoldsOnlyAccessed);
            owes |= mustFlush;
            if (flush.Covers(new PageNumber(page)) != mustFlush && (mustFlush || flush.Kind != FlushKind.WholeSet))
            {
                return $"page 0x{page:x} is {(mustFlush ? "not " : string.Empty)}owed a flush";
            }

            leaf.Live = live;
            leaf.Base = baseRights;
            leaf.IsAccessed &= !(mustFlush && _terms.HoldsOnlyAccessed);
            if (edit.Unmaps)
            {
                _models[set].Leaves.Remove(page);
            }
        }

        Discharge(flush, set, done);
        return owes == flush.IsNone ? $"{flush.Kind} is owed and {owes} expected"
            : _watch.Written.Count != mustChange ? $"{_watch.Written.Count} entries written, {mustChange} must change"
            : null;
    }

    /// <summary>Whether all pages lie on one side of the middle that has no addresses, or below the end of a 32-bit address space.</summary>
    private static bool HasAddresses(PageRange range)
    {
        int bits = TFormat.LinearAddressBits - PageSize.Shift;
        nuint last = range.End.Value - 1;
        nuint lowerEnd = (nuint)1 << (TFormat.IsSignExtended ? bits - 1 : bits);
        bool isUpper = TFormat.IsSignExtended && range.First.Value >= (nuint.MaxValue >> PageSize.Shift) + 1 - lowerEnd;
        return range.IsEmpty || isUpper || last < lowerEnd;
    }

    private (PagingErrorCode Code, nuint Page) FindUneditable(int set, PageRange range)
    {
        if (!HasAddresses(range))
        {
            return (PagingErrorCode.RangeNotCanonical, range.First.Value);
        }

        nuint page = range.First.Value;
        nuint end = page + range.Count.Value;
        while (page < end)
        {
            // Leaf table by leaf table: a page that isn't mapped is named before the table that is shared.
            nuint tableEnd = (page | (SetModel<TFormat>.Span(1) - 1)) + 1;
            ModelPlace place = _models[set].Find(page);
            if (place.Level > 0)
            {
                bool isWhole = place.First == page && end - page >= SetModel<TFormat>.Span(place.Level);
                PagingErrorCode code = place.Leaf is null ? PagingErrorCode.NotMapped
                    : !isWhole ? PagingErrorCode.UnderLargePage
                    : place.IsShared ? PagingErrorCode.UnderSharedTable
                    : PagingErrorCode.None;
                if (code != PagingErrorCode.None)
                {
                    return (code, page);
                }

                page += SetModel<TFormat>.Span(place.Level);
                continue;
            }

            nuint start = page;
            for (; page < tableEnd && page < end; page++)
            {
                if (_models[set].Find(page).Leaf is null)
                {
                    return (PagingErrorCode.NotMapped, page);
                }
            }

            if (place.IsShared)
            {
                return (PagingErrorCode.UnderSharedTable, start);
            }
        }

        return default;
    }
}
