// Changing the size of leaves under a mapping that stays the same. It is configuration, never part of a switch.

namespace Ringfence.Paging;

/// <content>Splitting and merging.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>What leaves of all sizes have in the same place: all but the address, PS and PAT.</summary>
    private static ulong CommonLeafBits =>
        EntryBits.Present | EntryBits.Writable | EntryBits.User | EntryBits.WriteThrough | EntryBits.CacheDisable | EntryBits.Accessed | EntryBits.Dirty
        | EntryBits.Global | EntryBits.Base | TFormat.ExecuteDisableBit;

    /// <summary>
    /// Replaces the large page that maps <paramref name="page"/> by a table of leaves of the next smaller size: same frames, same live and base rights, A and D of the large page on each.
    /// The relink is one locked operation, so no A or D bit is lost. Owes a flush of the set: what a processor does that holds both sizes is nobody's promise (Intel SDM vol. 3A 4.10.2.3, 4.10.4.2).
    /// </summary>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NothingThere"/>, <see cref="PagingErrorCode.UnderSharedTable"/> or <see cref="PagingErrorCode.OutOfTablePages"/>.</returns>
    public EditResult SplitLargePage<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageNumber page)
        where TAllocator : struct, ITableAllocator
    {
        if (!FormatGeometry<TFormat>.Contains(PageRange.OnePage(page)))
        {
            return new EditResult(new PagingError(PagingErrorCode.RangeNotCanonical, page));
        }

        LeafPlace place = FindPlace(page);
        PagingError error = place.Kind != LeafPlaceKind.LargeLeaf ? new PagingError(PagingErrorCode.NothingThere, page)
            : place.IsShared ? new PagingError(PagingErrorCode.UnderSharedTable, page)
            : Reserve(ref allocator, ref account, page, PageCount.One);
        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        PhysicalAddress table = allocator.TakeReserved();
        int level = place.Level;
        int index = TFormat.Level(level).IndexOf(page).Value;
        ulong link = table.Value | TFormat.Level(level).LinkBits;
        ulong seen = EntryAccess<TFormat>.Read(_memory, place.Table, index);
        while (true)
        {
            FillWithPieces(table, level - 1, seen);
            ulong found = EntryAccess<TFormat>.CompareExchange(_memory, place.Table, index, link, seen);
            if (found == seen)
            {
                return new EditResult(FlushForLink(level));
            }

            seen = found;
        }
    }

    /// <summary>
    /// Replaces the table below the entry of <paramref name="leafSize"/> that maps <paramref name="page"/> by one large leaf, if its leaves map consecutive frames, aligned to the size, with the same live
    /// and base rights. The large page counts as accessed, and as dirty when it is writable or a piece was dirty: a processor may set either bit in a piece until the flush is done.
    /// The table page is given back when the release is discharged.
    /// </summary>
    /// <returns>
    /// <see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NothingThere"/> (no own table at that place, or the size is a page), or <see cref="PagingErrorCode.NotUniform"/>.
    /// </returns>
    public TableRelease<TFormat, TMemory> MergeIntoLargePage(PageNumber page, LeafSize<TFormat> leafSize)
    {
        int level = leafSize.Level;
        if (!FormatGeometry<TFormat>.Contains(PageRange.OnePage(page)))
        {
            return new TableRelease<TFormat, TMemory>(new PagingError(PagingErrorCode.RangeNotCanonical, page));
        }

        if (level == 0
            || !TryFindOwnTable(page, level, out PhysicalAddress above, out _)
            || !ReadEntry(above, level, page).TryGetTable(out PhysicalAddress table, out bool isShared)
            || isShared)
        {
            return new TableRelease<TFormat, TMemory>(new PagingError(PagingErrorCode.NothingThere, page));
        }

        PageNumber first = new(page.Value & ~(leafSize.PageCount.Value - 1));
        if (!TryJoinPieces(table, level - 1, out ulong leaf, out nuint mismatch))
        {
            return new TableRelease<TFormat, TMemory>(new PagingError(PagingErrorCode.NotUniform, first + new PageCount(mismatch)));
        }

        int index = TFormat.Level(level).IndexOf(page).Value;
        ulong seen = EntryAccess<TFormat>.Read(_memory, above, index);
        ulong found;
        while ((found = EntryAccess<TFormat>.CompareExchange(_memory, above, index, leaf, seen)) != seen)
        {
            seen = found;
        }

        return new TableRelease<TFormat, TMemory>(this, FlushForLink(level), table, level - 1);
    }

    private void FillWithPieces(PhysicalAddress table, int level, ulong largeLeaf)
    {
        PagingLevel row = TFormat.Level(level);
        LeafLayout layout = TFormat.Leaf(level);
        ulong bits = (largeLeaf & CommonLeafBits) | row.LargeLeafBit;
        ulong address = TFormat.Leaf(level + 1).AddressOf(largeLeaf);
        for (int index = 0; index < row.EntryCount; index++)
        {
            ulong piece = layout.BitsFor(address) | bits;
            if (EntryAccess<TFormat>.Read(_memory, table, index) != piece)
            {
                EntryAccess<TFormat>.Disappear(_memory, table, index);
                EntryAccess<TFormat>.Appear(_memory, table, index, piece);
            }

            address += (ulong)row.EntrySpan.Value << PageSize.Shift;
        }
    }

    private bool TryJoinPieces(PhysicalAddress table, int level, out ulong leaf, out nuint mismatch)
    {
        const ulong SetByProcessor = EntryBits.Accessed | EntryBits.Dirty;
        PagingLevel row = TFormat.Level(level);
        LeafLayout pieceLayout = TFormat.Leaf(level);
        LeafLayout layout = TFormat.Leaf(level + 1);
        ulong address = 0;
        ulong expected = 0;
        ulong dirty = 0;
        for (int index = 0; index < row.EntryCount; index++)
        {
            PageTableEntry<TFormat> piece = new(EntryAccess<TFormat>.Read(_memory, table, index), level);
            ulong bits = piece.Bits & ~SetByProcessor;
            if (index == 0)
            {
                address = pieceLayout.AddressOf(bits);
                expected = bits;
            }

            bool isFirstAligned = layout.AddressOf(layout.BitsFor(address)) == address;
            if (piece.Kind != EntryKind.Leaf || bits != expected || !isFirstAligned)
            {
                leaf = 0;
                mismatch = (nuint)index << row.PageShift;
                return false;
            }

            dirty |= piece.Bits & EntryBits.Dirty;
            ulong next = address + (((ulong)index + 1) << (row.PageShift + PageSize.Shift));
            expected = (bits & CommonLeafBits) | row.LargeLeafBit | pieceLayout.BitsFor(next);
        }

        dirty |= (expected & EntryBits.Writable) != 0 ? EntryBits.Dirty : 0;
        leaf = (expected & CommonLeafBits) | TFormat.Level(level + 1).LargeLeafBit | EntryBits.Accessed | dirty | layout.BitsFor(address);
        mismatch = 0;
        return true;
    }
}
