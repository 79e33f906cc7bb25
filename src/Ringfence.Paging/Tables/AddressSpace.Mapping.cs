// Making mappings: the edit that may need table pages, so it checks and counts everything before it changes anything.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <content>Mapping.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>
    /// Maps <paramref name="range"/> to the frames from <paramref name="firstFrame"/> on, with <paramref name="baseRights"/> as base and live rights.
    /// All or nothing: on any error no entry has changed and no table page is taken. Nothing needs flushing, because no not-present entry
    /// is ever cached (Intel SDM vol. 3A 4.10.2.3), except that a new directory-pointer entry of PAE must be loaded.
    /// </summary>
    /// <param name="allocator">Gives the tables that are missing.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="range">The pages.</param>
    /// <param name="firstFrame">The frame of the first page.</param>
    /// <param name="baseRights">The rights.</param>
    /// <returns>
    /// <see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.FrameOutOfReach"/>, <see cref="PagingErrorCode.AlreadyMapped"/>,
    /// <see cref="PagingErrorCode.UnderLargePage"/>, <see cref="PagingErrorCode.UnderSharedTable"/> or <see cref="PagingErrorCode.OutOfTablePages"/>.
    /// </returns>
    public EditResult Map<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange range, FrameNumber firstFrame, LeafRights baseRights)
        where TAllocator : struct, ITableAllocator =>
        MapLeaves(ref allocator, ref account, range, firstFrame, baseRights, leafLevel: 0);

    /// <summary>What <see cref="Map"/> does, with leaves of this size, to which range and frame must be aligned.</summary>
    /// <param name="allocator">Gives the tables that are missing.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="range">The pages.</param>
    /// <param name="firstFrame">The frame of the first page.</param>
    /// <param name="baseRights">The rights.</param>
    /// <param name="leafSize">How much each leaf maps.</param>
    /// <returns>The errors of <see cref="Map"/>, <see cref="PagingErrorCode.NotAligned"/> or <see cref="PagingErrorCode.TableInTheWay"/>.</returns>
    public EditResult MapLarge<TAllocator>(
        ref TAllocator allocator, ref TableAccount account, PageRange range, FrameNumber firstFrame, LeafRights baseRights, LeafSize<TFormat> leafSize)
        where TAllocator : struct, ITableAllocator =>
        MapLeaves(ref allocator, ref account, range, firstFrame, baseRights, leafSize.Level);

    // Inlined, so that a kernel that maps pages only has no code for the rest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private EditResult MapLeaves<TAllocator>(
        ref TAllocator allocator, ref TableAccount account, PageRange range, FrameNumber firstFrame, LeafRights baseRights, int leafLevel)
        where TAllocator : struct, ITableAllocator
    {
        LeafLayout layout = TFormat.Leaf(leafLevel);
        PagingError error = CheckMappable(range, firstFrame, leafLevel, layout, out PageCount tablesNeeded);
        if (error.IsNone)
        {
            error = Reserve(ref allocator, ref account, range.First, tablesNeeded);
        }

        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        ulong bits = EntryBits.Present | EntryRights.Live<TFormat>(baseRights) | EntryRights.Base(baseRights) | TFormat.Level(leafLevel).LargeLeafBit;
        nuint span = TFormat.Level(leafLevel).EntrySpan.Value;
        PageNumber page = range.First;
        ulong frameAddress = firstFrame.Address.Value;
        nuint remaining = range.Count.Value;
        bool directoryPointerChanged = false;
        while (remaining != 0)
        {
            PhysicalAddress table = FindOrMakeTable(ref allocator, page, leafLevel, ref directoryPointerChanged);
            nuint run = PagesWithinEntry(page, leafLevel + 1, remaining);
            int index = TFormat.Level(leafLevel).IndexOf(page).Value;
            for (nuint done = 0; done < run; done += span)
            {
                EntryAccess<TFormat>.Appear(_memory, table, index++, layout.BitsFor(frameAddress) | bits);
                frameAddress += (ulong)span << PageSize.Shift;
            }

            page += new PageCount(run);
            remaining -= run;
        }

        return new EditResult(new FlushObligation(default, needsDirectoryPointerReload: directoryPointerChanged));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PagingError CheckMappable(PageRange range, FrameNumber firstFrame, int leafLevel, LeafLayout layout, out PageCount tablesNeeded)
    {
        tablesNeeded = PageCount.Zero;
        if (!FormatGeometry<TFormat>.Contains(range))
        {
            return new PagingError(PagingErrorCode.RangeNotCanonical, range.First);
        }

        if (range.IsEmpty)
        {
            return default;
        }

        if (((range.First.Value | range.Count.Value | firstFrame.Value) & (TFormat.Level(leafLevel).EntrySpan.Value - 1)) != 0)
        {
            return new PagingError(PagingErrorCode.NotAligned, range.First);
        }

        ulong frameLimit = layout.AddressLimit >> PageSize.Shift;
        if (firstFrame.Value >= frameLimit || range.Count.Value > frameLimit - firstFrame.Value)
        {
            return new PagingError(PagingErrorCode.FrameOutOfReach, range.First);
        }

        TableCursor<TFormat, TMemory> cursor = new(this);
        PageNumber page = range.First;
        nuint remaining = range.Count.Value;
        nuint needed = 0;
        while (remaining != 0)
        {
            LeafPlace place = cursor.Find(page);
            nuint run = place.PagesFrom(page, remaining);
            PagingErrorCode refusal = place.Kind switch
            {
                _ when place.IsShared => PagingErrorCode.UnderSharedTable,
                LeafPlaceKind.LargeLeaf => PagingErrorCode.UnderLargePage,
                _ when leafLevel != 0 && place.Level < leafLevel => PagingErrorCode.TableInTheWay,
                _ => PagingErrorCode.None,
            };
            nuint offset = 0;
            if (refusal == PagingErrorCode.None && place.Kind == LeafPlaceKind.LeafTable)
            {
                offset = CountEqual(place.Table, page, run, present: false);
                refusal = offset != run ? PagingErrorCode.AlreadyMapped : PagingErrorCode.None;
            }

            if (refusal != PagingErrorCode.None)
            {
                return new PagingError(refusal, page + new PageCount(offset));
            }

            // All is missing below an absent entry: a table for each entry of the levels between.
            for (int level = place.Level; level > leafLevel; level--)
            {
                int shift = TFormat.Level(level).PageShift;
                needed += ((page.Value + run - 1) >> shift) - (page.Value >> shift) + 1;
            }

            page += new PageCount(run);
            remaining -= run;
        }

        tablesNeeded = new PageCount(needed);
        return default;
    }

    /// <summary>How many entries of a leaf table, from a page on, are all present, or all absent; at most <paramref name="limit"/>.</summary>
    private nuint CountEqual(PhysicalAddress table, PageNumber page, nuint limit, bool present)
    {
        int first = TFormat.Level(0).IndexOf(page).Value;
        nuint count = 0;
        while (count < limit && (EntryAccess<TFormat>.Read(_memory, table, first + (int)count) & EntryBits.Present) != 0 == present)
        {
            count++;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PagingError Reserve<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageNumber page, PageCount count)
        where TAllocator : struct, ITableAllocator
    {
        if (count > account.Left || !allocator.TryReserve(count))
        {
            PageCount available = allocator.Available;
            return new PagingError(PagingErrorCode.OutOfTablePages, page, count, available < account.Left ? available : account.Left);
        }

        account.Charge(count);
        return default;
    }

    /// <summary>The table of this level on the way to the page, with those above it made where they are missing.</summary>
    private PhysicalAddress FindOrMakeTable<TAllocator>(ref TAllocator allocator, PageNumber page, int level, ref bool directoryPointerChanged)
        where TAllocator : struct, ITableAllocator
    {
        PhysicalAddress table = Root;
        for (int above = FormatGeometry<TFormat>.RootLevel; above > level; above--)
        {
            PagingLevel row = TFormat.Level(above);
            int index = row.IndexOf(page).Value;
            ulong entry = EntryAccess<TFormat>.Read(_memory, table, index);
            if ((entry & EntryBits.Present) == 0)
            {
                entry = allocator.TakeReserved().Value | row.LinkBits;
                EntryAccess<TFormat>.Appear(_memory, table, index, entry);
                directoryPointerChanged |= IsHeldInRegister(above);
            }

            table = new PhysicalAddress(entry & TFormat.TableAddressMask);
        }

        return table;
    }
}
