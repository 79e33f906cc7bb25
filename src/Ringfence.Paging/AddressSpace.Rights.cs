// Changing what mapped pages allow, all or nothing. The edits of a switch, which can't fail, are RightsEditor's.

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
            EditRun(leafTable.Address, page, run, target, ref flush);
            page += new PageCount(run);
            remaining -= run;
        }

        return new EditResult(new FlushObligation(in flush));
    }

    /// <summary>Edits consecutive entries of one leaf table, all of them present.</summary>
    private void EditRun(PhysicalAddress table, PageNumber page, nuint count, RightsTarget target, ref FlushSet flush)
    {
        int first = TFormat.Level(0).IndexOf(page);
        for (int offset = 0; offset < (int)count; offset++)
        {
            if (TFormat.EditRights(_memory, table, first + offset, target) == EntryChange.Narrowed)
            {
                flush.Add(page + new PageCount((nuint)offset));
            }
        }
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
