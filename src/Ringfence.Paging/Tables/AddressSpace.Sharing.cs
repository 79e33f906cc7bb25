// One table in several sets: the way to a set that costs only what differs.

namespace Ringfence.Paging;

/// <content>Sharing tables with other sets.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>
    /// Links the table of <paramref name="level"/> that maps <paramref name="page"/> in <paramref name="source"/> into this set, at the same place, as a shared one: this set neither edits nor frees it or what is below it. The
    /// source must keep the table as long as it is linked, and what it edits there is owed to the processors that have this set loaded as well.
    /// Nothing needs flushing but a new directory-pointer entry of PAE.
    /// </summary>
    /// <param name="allocator">Gives the tables above that are missing.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="source">The set that has the table.</param>
    /// <param name="page">A page that the table maps.</param>
    /// <param name="level">The table's level: 0 for a table of leaves, up to the level below the root.</param>
    /// <returns>
    /// <see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NothingThere"/> (the source has no such table), <see cref="PagingErrorCode.TableInTheWay"/> (something is linked or mapped there),
    /// <see cref="PagingErrorCode.UnderSharedTable"/>, <see cref="PagingErrorCode.UnderLargePage"/> or <see cref="PagingErrorCode.OutOfTablePages"/>.
    /// </returns>
    public EditResult ShareTable<TAllocator>(ref TAllocator allocator, ref TableAccount account, AddressSpace<TFormat, TMemory> source, PageNumber page, int level)
        where TAllocator : struct, ITableAllocator
    {
        if (!FormatGeometry<TFormat>.Contains(PageRange.OnePage(page)))
        {
            return new EditResult(new PagingError(PagingErrorCode.RangeNotCanonical, page));
        }

        if (!source.TryFindTable(page, level, out PhysicalAddress table))
        {
            return new EditResult(new PagingError(PagingErrorCode.NothingThere, page));
        }

        LeafPlace place = FindPlace(page);
        PagingErrorCode refusal = place.IsShared ? PagingErrorCode.UnderSharedTable
            : place.Kind == LeafPlaceKind.LargeLeaf ? PagingErrorCode.UnderLargePage
            : place.Level <= level ? PagingErrorCode.TableInTheWay
            : PagingErrorCode.None;
        if (refusal != PagingErrorCode.None)
        {
            return new EditResult(new PagingError(refusal, page));
        }

        PagingError error = Reserve(ref allocator, ref account, page, new PageCount((nuint)(place.Level - level - 1)));
        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        bool directoryPointerChanged = IsHeldInRegister(level + 1);
        PhysicalAddress above = FindOrMakeTable(ref allocator, page, level + 1, ref directoryPointerChanged);
        PagingLevel row = TFormat.Level(level + 1);
        EntryAccess<TFormat>.Appear(_memory, above, row.IndexOf(page).Value, table.Value | row.LinkBits | EntryBits.SharedTable);
        return new EditResult(new FlushObligation(default, needsDirectoryPointerReload: directoryPointerChanged));
    }

    /// <summary>
    /// Replaces the shared table of <paramref name="level"/> that maps <paramref name="page"/> by a copy of this set's own, which may then be edited. Tables below it stay shared. What is mapped stays the same; the flush that it owes makes
    /// sure that no processor goes on using, and marking, the other set's table. Until then a processor may note a write there, so a writable leaf of the copy counts as dirty.
    /// </summary>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/>, <see cref="PagingErrorCode.NothingThere"/> (no shared table is linked at that place) or <see cref="PagingErrorCode.OutOfTablePages"/>.</returns>
    public EditResult UnshareTable<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageNumber page, int level)
        where TAllocator : struct, ITableAllocator
    {
        PagingError error = FindSharedLink(page, level, out PhysicalAddress above, out PhysicalAddress shared);
        if (error.IsNone)
        {
            error = Reserve(ref allocator, ref account, page, PageCount.One);
        }

        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        _ = ReplaceByCopy(allocator.TakeReservedAsIs(), above, shared, level + 1, TFormat.Level(level + 1).IndexOf(page).Value);
        return new EditResult(FlushForLink(level + 1));
    }

    /// <summary>Takes the link to a shared table of <paramref name="level"/> out of this set; its pages are then not mapped here.</summary>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/> or <see cref="PagingErrorCode.NothingThere"/>.</returns>
    public EditResult UnlinkSharedTable(PageNumber page, int level)
    {
        PagingError error = FindSharedLink(page, level, out PhysicalAddress above, out _);
        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        EntryAccess<TFormat>.Disappear(_memory, above, TFormat.Level(level + 1).IndexOf(page).Value);
        return new EditResult(FlushForLink(level + 1));
    }

    /// <summary>Fills <paramref name="copy"/> with what a shared table holds and links it in the table's place.</summary>
    /// <param name="copy">A page.</param>
    /// <param name="above">The table with the link, this set's own.</param>
    /// <param name="shared">The shared table.</param>
    /// <param name="linkLevel">The level of the link.</param>
    /// <param name="index">Its index.</param>
    /// <returns>The copy.</returns>
    private PhysicalAddress ReplaceByCopy(PhysicalAddress copy, PhysicalAddress above, PhysicalAddress shared, int linkLevel, int index)
    {
        CopyForEditing(shared, copy, linkLevel - 1);
        ulong linked = copy.Value | TFormat.Level(linkLevel).LinkBits;
        ulong seen = EntryAccess<TFormat>.Read(_memory, above, index);
        ulong found;
        while ((found = EntryAccess<TFormat>.CompareExchange(_memory, above, index, linked, seen)) != seen)
        {
            seen = found;
        }

        return copy;
    }

    /// <summary>The table of this level on the way to the page, whoever's it is.</summary>
    private bool TryFindTable(PageNumber page, int level, out PhysicalAddress table)
    {
        table = default;
        return level >= 0 && level < FormatGeometry<TFormat>.RootLevel && FindEntry(page, level + 1).TryGetTable(out table, out _);
    }

    private PagingError FindSharedLink(PageNumber page, int level, out PhysicalAddress above, out PhysicalAddress shared)
    {
        above = default;
        shared = default;
        if (!FormatGeometry<TFormat>.Contains(PageRange.OnePage(page)))
        {
            return new PagingError(PagingErrorCode.RangeNotCanonical, page);
        }

        bool exists = level >= 0 && level < FormatGeometry<TFormat>.RootLevel
            && TryFindOwnTable(page, level + 1, out above, out _)
            && ReadEntry(above, level + 1, page).TryGetTable(out shared, out bool isShared)
            && isShared;
        return exists ? default : new PagingError(PagingErrorCode.NothingThere, page);
    }
}
