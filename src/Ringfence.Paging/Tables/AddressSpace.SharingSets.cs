// Sets that share every table which doesn't differ: making one, giving it tables of its own, and following what the set that it shares with has gained and lost.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <content>Whole sets of shared tables.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>
    /// Makes a set that maps what this one does and shares its tables: a root, and copies of the tables on the way to <paramref name="ownPages"/>, whose leaves can then be edited. All or nothing.
    /// Nothing needs flushing: the new set was never loaded. This set must keep its tables as long as the new one is there; what it edits is owed to processors that have the new one loaded as well.
    /// </summary>
    /// <param name="allocator">Gives the root and the copies.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="ownPages">Pages whose leaf tables are the new set's own as far as there are any.</param>
    /// <param name="smallRoot">As for <see cref="CreateCopy"/>.</param>
    /// <param name="sharing">The new set.</param>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/> or <see cref="PagingErrorCode.OutOfTablePages"/>.</returns>
    [MustUseReturnValue]
    public PagingError CreateSharing<TAllocator>(
        ref TAllocator allocator, ref TableAccount account, PageRange ownPages, PhysicalAddress smallRoot, out AddressSpace<TFormat, TMemory> sharing)
        where TAllocator : struct, ITableAllocator
    {
        sharing = default;
        if (!FormatGeometry<TFormat>.Contains(ownPages))
        {
            return new PagingError(PagingErrorCode.RangeNotCanonical, ownPages.First);
        }

        nuint needed = CountTablesOnWay(ownPages, isShared: true) + (FormatGeometry<TFormat>.RootIsPage ? 1u : 0u);
        PagingError error = Reserve(ref allocator, ref account, ownPages.First, new PageCount(needed));
        if (error.IsNone)
        {
            sharing = NewRoot(ref allocator, smallRoot, isCleared: false);
            ShareBelowRoot(sharing.Root);
            // It was never loaded, so nothing is owed for what is put in the place of links.
            _ = sharing.CopyTablesOnWay(ref allocator, ownPages);
        }

        return error;
    }

    /// <summary>
    /// What <see cref="UnshareTable"/> does, for every shared table on the way to these pages, down to those of leaves; where there is no table, none is made. All or nothing.
    /// </summary>
    /// <param name="allocator">Gives the copies.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="pages">The pages.</param>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/> or <see cref="PagingErrorCode.OutOfTablePages"/>. What is owed is none if no table was shared.</returns>
    public EditResult UnshareTables<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages)
        where TAllocator : struct, ITableAllocator
    {
        if (!FormatGeometry<TFormat>.Contains(pages))
        {
            return new EditResult(new PagingError(PagingErrorCode.RangeNotCanonical, pages.First));
        }

        nuint needed = CountTablesOnWay(pages, isShared: false);
        PagingError error = Reserve(ref allocator, ref account, pages.First, new PageCount(needed));
        return error.IsNone && needed != 0 ? new EditResult(FlushForLink(CopyTablesOnWay(ref allocator, pages))) : new EditResult(error);
    }

    /// <summary>
    /// Brings into this set what <paramref name="source"/>, with which it shares tables, gained or lost at these pages: where both have the same table nothing is to be done; a table or leaf that is new in the source is linked, shared, or mapped
    /// where nothing was; a leaf that the source lost is unmapped. A leaf that both have is left as it is. Takes no table, so it can't fail.
    /// </summary>
    /// <param name="source">The set whose tables this one shares.</param>
    /// <param name="pages">The pages, within the format's addresses.</param>
    public FlushObligation FollowSource(AddressSpace<TFormat, TMemory> source, PageRange pages)
    {
        FlushSet lost = default;
        bool directoryPointerChanged = false;
        PageNumber page = pages.First;
        nuint remaining = pages.Count.Value;
        while (remaining != 0)
        {
            LeafPlace place = FindPlace(page);
            nuint run = place.PagesFrom(page, remaining);
            nuint span = TFormat.Level(place.Level).EntrySpan.Value;
            for (nuint done = 0; done < run && !place.IsShared; done += span)
            {
                FollowEntry(source, place, page + new PageCount(done), ref lost, ref directoryPointerChanged);
            }

            page += new PageCount(run);
            remaining -= run;
        }

        return new FlushObligation(in lost, needsDirectoryPointerReload: directoryPointerChanged);
    }

    private void FollowEntry(AddressSpace<TFormat, TMemory> source, LeafPlace place, PageNumber page, ref FlushSet lost, ref bool directoryPointerChanged)
    {
        int level = place.Level;
        int index = TFormat.Level(level).IndexOf(page).Value;
        PageTableEntry<TFormat> wanted = source.FindEntry(page, level);
        bool isHere = ReadEntry(place.Table, level, page).Kind != EntryKind.Absent;
        if (wanted.Kind == EntryKind.Absent && isHere)
        {
            _ = EntryAccess<TFormat>.Remove(_memory, place.Table, index, default);
            lost.Add(PageRange.CreateTruncated(page, TFormat.Level(level).EntrySpan));
        }
        else if (wanted.Kind != EntryKind.Absent && !isHere)
        {
            EntryAccess<TFormat>.Appear(_memory, place.Table, index, AsShared(wanted));
            directoryPointerChanged |= IsHeldInRegister(level);
        }
    }

    /// <summary>The entry of this level on the way to the page; an absent one where the way ends above it.</summary>
    private PageTableEntry<TFormat> FindEntry(PageNumber page, int level)
    {
        PhysicalAddress table = Root;
        for (int above = FormatGeometry<TFormat>.RootLevel; above > level; above--)
        {
            if (!ReadEntry(table, above, page).TryGetTable(out table, out _))
            {
                return new PageTableEntry<TFormat>(0, level);
            }
        }

        return ReadEntry(table, level, page);
    }

    /// <summary>An entry of another set as this one holds it where it has nothing yet: a link is a shared one, and nothing was accessed through it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AsShared(PageTableEntry<TFormat> entry) =>
        (entry.Bits & ~(EntryBits.Accessed | EntryBits.Dirty)) | (entry.Kind == EntryKind.Table ? EntryBits.SharedTable : 0);

    /// <summary>Fills another root, which is nowhere loaded, with what this one holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ShareBelowRoot(PhysicalAddress root)
    {
        if (!FormatGeometry<TFormat>.RootIsPage)
        {
            ShareEntries(Root, root, 0, TFormat.Level(FormatGeometry<TFormat>.RootLevel).EntryCount);
            return;
        }

        UsedEntries<TFormat> used = new(_memory.CopyTable(new TableAddress(Root), new TableAddress(root), TFormat.EntryWidth, marks: 0));
        while (used.TryNext(out int index, out int end))
        {
            ShareEntries(root, root, index, end);
        }
    }

    private void ShareEntries(PhysicalAddress from, PhysicalAddress root, int index, int end)
    {
        for (; index != end; index++)
        {
            if (TryReadPresent(from, FormatGeometry<TFormat>.RootLevel, index, out PageTableEntry<TFormat> entry))
            {
                EntryAccess<TFormat>.Appear(_memory, root, index, AsShared(entry));
            }
        }
    }

    /// <summary>The tables below the root on the way to these pages that belong to other sets; all that there are if the root's links are taken for shared.</summary>
    private nuint CountTablesOnWay(PageRange pages, bool isShared)
    {
        nuint count = 0;
        PageNumber page = pages.First;
        while (page != pages.End)
        {
            PhysicalAddress table = Root;
            bool isForeign = isShared;
            int level = FormatGeometry<TFormat>.RootLevel;
            while (level > 0 && TryReadLink(table, level, page, out _, out ulong link))
            {
                table = new PhysicalAddress(link & TFormat.TableAddressMask);

                // A table that several runs go through is counted at its first page, or that of the range.
                isForeign |= (link & EntryBits.SharedTable) != 0;
                bool isFirst = page == pages.First || (page.Value & (TFormat.Level(level).EntrySpan.Value - 1)) == 0;
                count += isForeign && isFirst ? 1u : 0u;
                level--;
            }

            page = EndOfEntry(page, level == 0 ? 1 : level, pages.End);
        }

        return count;
    }

    /// <summary>Puts reserved copies in the place of all shared tables on the way to these pages, from the root down.</summary>
    /// <returns>The highest level of a link that changed, 0 for none: what is owed for it covers what is owed for those below.</returns>
    private int CopyTablesOnWay<TAllocator>(ref TAllocator allocator, PageRange pages)
        where TAllocator : struct, ITableAllocator
    {
        int highestLinkLevel = 0;
        PageNumber page = pages.First;
        while (page != pages.End)
        {
            PhysicalAddress table = Root;
            int level = FormatGeometry<TFormat>.RootLevel;
            while (level > 0 && TryReadLink(table, level, page, out int index, out ulong link))
            {
                PhysicalAddress below = new(link & TFormat.TableAddressMask);
                if ((link & EntryBits.SharedTable) != 0)
                {
                    below = ReplaceByCopy(allocator.TakeReservedAsIs(), table, below, level, index);
                    highestLinkLevel = level > highestLinkLevel ? level : highestLinkLevel;
                }

                table = below;
                level--;
            }

            page = EndOfEntry(page, level == 0 ? 1 : level, pages.End);
        }

        return highestLinkLevel;
    }

    /// <summary>Reads the entry of a page in a table above the leaves; false if no table is linked there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadLink(PhysicalAddress table, int level, PageNumber page, out int index, out ulong link)
    {
        PagingLevel row = TFormat.Level(level);
        index = row.IndexOf(page).Value;
        link = EntryAccess<TFormat>.Read(_memory, table, index);
        return (link & EntryBits.Present) != 0 && (link & row.LargeLeafBit) == 0;
    }

    /// <summary>The page behind those that share one entry at this level with <paramref name="page"/>, at most <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PageNumber EndOfEntry(PageNumber page, int level, PageNumber end)
    {
        nuint left = end.Value - page.Value;
        return new PageNumber(page.Value + PagesWithinEntry(page, level, left));
    }
}
