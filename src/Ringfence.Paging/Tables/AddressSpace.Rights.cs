// Changing what mapped pages allow, and unmapping them: all or nothing, at once or in steps. The edits of a switch, which can't fail, are RightsEditor's.

namespace Ringfence.Paging;

/// <content>Edits of mapped pages.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>Gives every page of the range these live rights; the base rights stay. All or nothing.</summary>
    /// <param name="range">The pages. Large pages are edited whole.</param>
    /// <param name="rights">The rights.</param>
    /// <param name="terms">What the edit may count on.</param>
    /// <returns>
    /// <see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NotMapped"/>, <see cref="PagingErrorCode.UnderLargePage"/> or <see cref="PagingErrorCode.UnderSharedTable"/>.
    /// </returns>
    public EditResult SetRights(PageRange range, LeafRights rights, EditTerms terms = default) =>
        CarryOut(BeginSetRights(range, rights, out PagingError error, terms), error);

    /// <summary>Gives every page of the range its base rights again. All or nothing, with the errors of <see cref="SetRights"/>.</summary>
    /// <param name="range">The pages.</param>
    /// <param name="terms">What the edit may count on.</param>
    public EditResult ResetRights(PageRange range, EditTerms terms = default) =>
        CarryOut(BeginResetRights(range, out PagingError error, terms), error);

    /// <summary>
    /// Gives every page of the range these rights for good, base and live: for guards, and for sealing memory that was written while the
    /// system came up. A later reset keeps them. All or nothing, with the errors of <see cref="SetRights"/>.
    /// </summary>
    /// <param name="range">The pages.</param>
    /// <param name="rights">The rights.</param>
    /// <param name="terms">What the edit may count on.</param>
    public EditResult SetBaseRights(PageRange range, LeafRights rights, EditTerms terms = default) =>
        CarryOut(BeginSetBaseRights(range, rights, out PagingError error, terms), error);

    /// <summary>
    /// Removes the mappings of the range; every entry becomes 0. All or nothing, with the errors of <see cref="SetRights"/>. Table pages stay: a window that was mapped
    /// once can be mapped again without an allocation; <see cref="DetachEmptyTable"/> gives them back.
    /// </summary>
    /// <param name="range">The pages. Large pages are unmapped whole.</param>
    /// <param name="terms">What the edit may count on.</param>
    public EditResult Unmap(PageRange range, EditTerms terms = default) =>
        CarryOut(BeginUnmap(range, out PagingError error, terms), error);

    /// <summary>What <see cref="SetRights"/> does, in steps. With an error the edit is complete and nothing has changed.</summary>
    public RangeEdit<TFormat, TMemory> BeginSetRights(PageRange range, LeafRights rights, out PagingError error, EditTerms terms = default) =>
        Begin(range, RightsTarget.Live<TFormat>(rights), terms, unmaps: false, out error);

    /// <summary>What <see cref="ResetRights"/> does, in steps. With an error the edit is complete and nothing has changed.</summary>
    public RangeEdit<TFormat, TMemory> BeginResetRights(PageRange range, out PagingError error, EditTerms terms = default) =>
        Begin(range, RightsTarget.Base, terms, unmaps: false, out error);

    /// <summary>What <see cref="SetBaseRights"/> does, in steps. With an error the edit is complete and nothing has changed.</summary>
    public RangeEdit<TFormat, TMemory> BeginSetBaseRights(PageRange range, LeafRights rights, out PagingError error, EditTerms terms = default) =>
        Begin(range, RightsTarget.LiveAndBase<TFormat>(rights), terms, unmaps: false, out error);

    /// <summary>What <see cref="Unmap"/> does, in steps. With an error the edit is complete and nothing has changed.</summary>
    public RangeEdit<TFormat, TMemory> BeginUnmap(PageRange range, out PagingError error, EditTerms terms = default) =>
        Begin(range, default, terms, unmaps: true, out error);

    private RangeEdit<TFormat, TMemory> Begin(PageRange range, RightsTarget target, EditTerms terms, bool unmaps, out PagingError error)
    {
        error = CheckMapped(range);
        return error.IsNone ? new RangeEdit<TFormat, TMemory>(this, range, target, terms, unmaps) : default;
    }

    private static EditResult CarryOut(RangeEdit<TFormat, TMemory> edit, PagingError error)
    {
        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        FlushObligation flush = FlushObligation.None;
        while (!edit.IsComplete)
        {
            flush = flush.Combine(edit.Step(int.MaxValue));
        }

        return new EditResult(flush);
    }

    private PagingError CheckMapped(PageRange range)
    {
        if (!FormatGeometry<TFormat>.Contains(range))
        {
            return new PagingError(PagingErrorCode.RangeNotCanonical, range.First);
        }

        TableCursor<TFormat, TMemory> cursor = new(this);
        PageNumber page = range.First;
        nuint remaining = range.Count.Value;
        while (remaining != 0)
        {
            LeafPlace place = cursor.Find(page);
            nuint run = place.PagesFrom(page, remaining);
            nuint offset = place.Kind == LeafPlaceKind.LeafTable ? CountEqual(place.Table, page, run, present: true) : 0;
            PagingErrorCode refusal = place.Kind switch
            {
                LeafPlaceKind.Missing => PagingErrorCode.NotMapped,
                LeafPlaceKind.LeafTable when offset != run => PagingErrorCode.NotMapped,
                LeafPlaceKind.LargeLeaf when run != TFormat.Level(place.Level).EntrySpan.Value => PagingErrorCode.UnderLargePage,
                _ when place.IsShared => PagingErrorCode.UnderSharedTable,
                _ => PagingErrorCode.None,
            };
            if (refusal != PagingErrorCode.None)
            {
                return new PagingError(refusal, page + new PageCount(refusal == PagingErrorCode.NotMapped ? offset : 0));
            }

            page += new PageCount(run);
            remaining -= run;
        }

        return default;
    }
}
