// Changing what mapped pages allow: the edits on which a switch between domains is built.

namespace Ringfence.Paging;

/// <content>Edits of rights.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>Gives every page of the range these live rights; the base rights stay. All or nothing.</summary>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NotMapped"/> or <see cref="PagingErrorCode.UnderLargePage"/>.</returns>
    public EditResult SetRights(PageRange range, LeafRights rights) => EditAll(range, RightsTarget.Live<TFormat>(rights));

    /// <summary>Gives every page of the range its base rights again. All or nothing.</summary>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NotMapped"/> or <see cref="PagingErrorCode.UnderLargePage"/>.</returns>
    public EditResult ResetRights(PageRange range) => EditAll(range, RightsTarget.Base);

    /// <summary>
    /// Gives every page of the range these rights for good, base and live: for guards, and for sealing memory that was written while the
    /// system came up. A later reset keeps them. All or nothing.
    /// </summary>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NotMapped"/> or <see cref="PagingErrorCode.UnderLargePage"/>.</returns>
    public EditResult SetBaseRights(PageRange range, LeafRights rights) => EditAll(range, RightsTarget.LiveAndBase<TFormat>(rights));

    /// <summary>
    /// Does at most <paramref name="entryLimit"/> entries of an edit and moves the edit's position past them, so that a long one can be
    /// done in steps. Stops at the first page that can't be given rights: the error names it, the steps before it stay done, and the
    /// obligation of this step is owed all the same.
    /// </summary>
    /// <param name="edit">The edit; <see cref="RightsEdit.IsComplete"/> tells when there is nothing left.</param>
    /// <param name="entryLimit">Entries visited at most, 1 or more.</param>
    public EditResult Step(ref RightsEdit edit, int entryLimit)
    {
        FlushSet flush = default;
        nuint allowance = (nuint)(uint)entryLimit;
        while (!edit.IsComplete && allowance != 0)
        {
            PageNumber page = edit.Remaining.First;
            WalkOutcome outcome = FindLeafTable(page, out LeafTable leafTable);
            if (outcome != WalkOutcome.Found)
            {
                return new EditResult(Refusal(outcome, page), new FlushObligation(in flush));
            }

            nuint limit = edit.Remaining.Count.Value < allowance ? edit.Remaining.Count.Value : allowance;
            nuint run = PagesWithinLeafTable(page, limit);
            nuint done = EditRun(leafTable.Address, page, run, in edit.Target, ref flush);
            edit.Advance(new PageCount(done));
            allowance -= done;
            if (done != run)
            {
                return new EditResult(
                    new PagingError(PagingErrorCode.NotMapped, page + new PageCount(done)), new FlushObligation(in flush));
            }
        }

        return new EditResult(new FlushObligation(in flush));
    }

    private EditResult EditAll(PageRange range, RightsTarget target)
    {
        PagingError error = CheckMapped(range);
        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        FlushSet flush = default;
        PageNumber page = range.First;
        nuint remaining = range.Count.Value;
        while (remaining != 0)
        {
            FindLeafTable(page, out LeafTable leafTable);
            nuint run = PagesWithinLeafTable(page, remaining);
            EditRun(leafTable.Address, page, run, in target, ref flush);
            page += new PageCount(run);
            remaining -= run;
        }

        return new EditResult(new FlushObligation(in flush));
    }

    /// <summary>Edits consecutive entries of one leaf table; returns how many, less than <paramref name="count"/> when one is not present.</summary>
    private nuint EditRun(PhysicalAddress table, PageNumber page, nuint count, in RightsTarget target, ref FlushSet flush)
    {
        int first = TFormat.Level(0).IndexOf(page);
        for (int offset = 0; offset < (int)count; offset++)
        {
            EntryChange change = TFormat.EditRights(_memory, table, first + offset, in target);
            if (change == EntryChange.Narrowed)
            {
                flush.Add(PageRange.OnePage(page + new PageCount((nuint)offset)));
            }
            else if (change == EntryChange.NotPresent)
            {
                return (nuint)offset;
            }
        }

        return count;
    }

    private PagingError CheckMapped(PageRange range)
    {
        if (!CanonicalPages.Contains<TFormat>(range))
        {
            return new PagingError(PagingErrorCode.RangeNotCanonical, range.First);
        }

        PageNumber page = range.First;
        nuint remaining = range.Count.Value;
        while (remaining != 0)
        {
            WalkOutcome outcome = FindLeafTable(page, out LeafTable leafTable);
            if (outcome != WalkOutcome.Found)
            {
                return Refusal(outcome, page);
            }

            nuint run = PagesWithinLeafTable(page, remaining);
            int first = TFormat.Level(0).IndexOf(page);
            for (nuint offset = 0; offset < run; offset++)
            {
                if ((TFormat.ReadEntry(_memory, leafTable.Address, first + (int)offset) & EntryBits.Present) == 0)
                {
                    return new PagingError(PagingErrorCode.NotMapped, page + new PageCount(offset));
                }
            }

            page += new PageCount(run);
            remaining -= run;
        }

        return default;
    }

    private static PagingError Refusal(WalkOutcome outcome, PageNumber page) =>
        new(outcome == WalkOutcome.LargePage ? PagingErrorCode.UnderLargePage : PagingErrorCode.NotMapped, page);
}
