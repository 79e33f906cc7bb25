// Making and removing mappings: the edits that may need table pages, so they check everything before they change anything.

namespace Ringfence.Paging;

/// <content>Mapping and unmapping.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>
    /// Maps <paramref name="range"/> to the frames from <paramref name="firstFrame"/> on, with <paramref name="baseRights"/> as base and live rights.
    /// All or nothing: on any error no entry has changed and no table page is taken. Nothing needs flushing, because no not-present entry
    /// is ever cached, except that a new directory-pointer entry of PAE must be loaded.
    /// </summary>
    /// <returns>
    /// <see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.FrameOutOfReach"/>, <see cref="PagingErrorCode.AlreadyMapped"/>,
    /// <see cref="PagingErrorCode.UnderLargePage"/> or <see cref="PagingErrorCode.OutOfTablePages"/>.
    /// </returns>
    public EditResult Map<TAllocator>(ref TAllocator allocator, PageRange range, FrameNumber firstFrame, LeafRights baseRights)
        where TAllocator : struct, ITableAllocator
    {
        PagingError error = CheckMappable(range, firstFrame, out PageCount tablesNeeded);
        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        if (!allocator.TryReserve(tablesNeeded))
        {
            return new EditResult(new PagingError(PagingErrorCode.OutOfTablePages, range.First, tablesNeeded, allocator.Available));
        }

        ulong bits = EntryBits.Present | EntryRights.Live<TFormat>(baseRights) | EntryRights.Base(baseRights);
        PageNumber page = range.First;
        ulong frameAddress = firstFrame.Address.Value;
        nuint remaining = range.Count.Value;
        bool directoryPointerChanged = false;
        while (remaining != 0)
        {
            PhysicalAddress table = FindOrMakeLeafTable(ref allocator, page, ref directoryPointerChanged);
            nuint run = PagesWithinLeafTable(page, remaining);
            int index = TFormat.Level(0).IndexOf(page);
            for (int end = index + (int)run; index < end; index++)
            {
                TFormat.ReplaceEntry(_memory, table, index, 0, frameAddress | bits);
                frameAddress += PageSize.ByteCount;
            }

            page += new PageCount(run);
            remaining -= run;
        }

        return new EditResult(new FlushObligation(default, needsDirectoryPointerReload: directoryPointerChanged));
    }

    /// <summary>
    /// Removes the mappings of <paramref name="range"/>; every entry becomes 0. All or nothing. Table pages stay: a window that was mapped
    /// once can be mapped again without an allocation.
    /// </summary>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NotMapped"/> or <see cref="PagingErrorCode.UnderLargePage"/>.</returns>
    public EditResult Unmap(PageRange range)
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
            int index = TFormat.Level(0).IndexOf(page);
            for (int end = index + (int)run; index < end; index++)
            {
                ulong entry = TFormat.ReadEntry(_memory, leafTable.Address, index);
                TFormat.ReplaceEntry(_memory, leafTable.Address, index, entry, 0);
            }

            flush.Add(PageRange.CreateTruncated(page, new PageCount(run)));
            page += new PageCount(run);
            remaining -= run;
        }

        return new EditResult(new FlushObligation(in flush));
    }

    /// <summary>Table pages that mapping the range would take: for each upper level, the entries that link to nothing yet.</summary>
    private PageCount CountTablesToMap(PageRange range)
    {
        nuint needed = 0;
        for (int level = TFormat.LevelCount - 1; level > 0; level--)
        {
            PageNumber page = range.First;
            nuint remaining = range.Count.Value;
            while (remaining != 0)
            {
                // A walk that stops at this level or above it finds no table below this level's entry.
                bool isMissing = FindLeafTable(page, out LeafTable leafTable) != WalkOutcome.Found && leafTable.Level >= level;
                needed += isMissing ? 1u : 0u;
                nuint run = PagesWithinEntry(page, level, remaining);
                page += new PageCount(run);
                remaining -= run;
            }
        }

        return new PageCount(needed);
    }

    private PagingError CheckMappable(PageRange range, FrameNumber firstFrame, out PageCount tablesNeeded)
    {
        tablesNeeded = PageCount.Zero;
        if (!CanonicalPages.Contains<TFormat>(range))
        {
            return new PagingError(PagingErrorCode.RangeNotCanonical, range.First);
        }

        if (range.IsEmpty)
        {
            return default;
        }

        ulong frameLimit = (TFormat.AddressMask >> PageSize.Shift) + 1;
        if (firstFrame.Value >= frameLimit || range.Count.Value > frameLimit - firstFrame.Value)
        {
            return new PagingError(PagingErrorCode.FrameOutOfReach, range.First);
        }

        PageNumber page = range.First;
        nuint remaining = range.Count.Value;
        while (remaining != 0)
        {
            WalkOutcome outcome = FindLeafTable(page, out LeafTable leafTable);
            if (outcome == WalkOutcome.LargePage)
            {
                return new PagingError(PagingErrorCode.UnderLargePage, page);
            }

            nuint run = PagesWithinEntry(page, outcome == WalkOutcome.Found ? 1 : leafTable.Level, remaining);
            if (outcome == WalkOutcome.Found)
            {
                int first = TFormat.Level(0).IndexOf(page);
                for (nuint offset = 0; offset < run; offset++)
                {
                    if ((TFormat.ReadEntry(_memory, leafTable.Address, first + (int)offset) & EntryBits.Present) != 0)
                    {
                        return new PagingError(PagingErrorCode.AlreadyMapped, page + new PageCount(offset));
                    }
                }
            }

            page += new PageCount(run);
            remaining -= run;
        }

        tablesNeeded = CountTablesToMap(range);
        return default;
    }

    private PhysicalAddress FindOrMakeLeafTable<TAllocator>(ref TAllocator allocator, PageNumber page, ref bool directoryPointerChanged)
        where TAllocator : struct, ITableAllocator
    {
        PhysicalAddress table = Root;
        for (int level = TFormat.LevelCount - 1; level > 0; level--)
        {
            PagingLevel row = TFormat.Level(level);
            int index = row.IndexOf(page);
            ulong entry = TFormat.ReadEntry(_memory, table, index);
            if ((entry & EntryBits.Present) == 0)
            {
                ulong link = allocator.TakeReserved().Value | row.LinkBits;
                TFormat.ReplaceEntry(_memory, table, index, entry, link);
                directoryPointerChanged |= TFormat.RootIsHeldInRegisters && level == TFormat.LevelCount - 1;
                entry = link;
            }

            table = new PhysicalAddress(entry & TFormat.AddressMask);
        }

        return table;
    }
}
