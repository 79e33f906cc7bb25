// Whole sets: copying one, and taking tables out of one.

namespace Ringfence.Paging;

/// <content>Copying and freeing.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>
    /// Copies every own table of this set into <paramref name="destination"/>, whose root is empty and loaded nowhere. Links to shared tables are copied as such. All or nothing. Nothing needs flushing: the copy was never loaded.
    /// </summary>
    /// <returns><see cref="PagingErrorCode.OutOfTablePages"/>, or <see cref="PagingErrorCode.TableInTheWay"/> when the destination's root isn't empty.</returns>
    [MustUseReturnValue]
    public PagingError CopyTo<TAllocator>(ref TAllocator allocator, ref TableAccount account, AddressSpace<TFormat, TMemory> destination)
        where TAllocator : struct, ITableAllocator
    {
        int rootLevel = FormatGeometry<TFormat>.RootLevel;
        if (!IsEmpty(destination.Root, rootLevel))
        {
            return new PagingError(PagingErrorCode.TableInTheWay, default);
        }

        TableCounter counter = default;
        VisitTables(ref counter);
        PagingError error = Reserve(ref allocator, ref account, default, new PageCount(counter.OwnTablesBelowRoot));
        if (error.IsNone)
        {
            CopyTable(ref allocator, Root, destination.Root, rootLevel, default, default(EveryLeaf));
        }

        return error;
    }

    /// <summary>
    /// Makes another set: a root, and a copy of the own tables of this one, with the leaves that <paramref name="filter"/> keeps. A table that would be left empty is made where the filter keeps it, so that a leaf can
    /// appear there later. Links to shared tables are copied as such. All or nothing. Nothing needs flushing: the copy was never loaded.
    /// </summary>
    /// <param name="allocator">Gives the tables.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="filter">Which leaves and tables the copy has.</param>
    /// <param name="smallRoot">Where the root goes in a format whose root is smaller than a page: memory of the caller's, <see cref="FormatGeometry{TFormat}.RootByteCount"/> bytes and aligned to as much, below 4 GiB. Of no meaning otherwise.</param>
    /// <param name="copy">The new set.</param>
    /// <returns><see cref="PagingErrorCode.OutOfTablePages"/>.</returns>
    [MustUseReturnValue]
    public PagingError CreateCopy<TAllocator, TFilter>(
        ref TAllocator allocator, ref TableAccount account, TFilter filter, PhysicalAddress smallRoot, out AddressSpace<TFormat, TMemory> copy)
        where TAllocator : struct, ITableAllocator
        where TFilter : struct, ILeafFilter
    {
        int rootLevel = FormatGeometry<TFormat>.RootLevel;
        nuint needed = CountCopied(Root, rootLevel, default, in filter) + (FormatGeometry<TFormat>.RootIsPage ? 1u : 0u);
        PagingError error = Reserve(ref allocator, ref account, default, new PageCount(needed));
        copy = default;
        if (error.IsNone)
        {
            copy = NewRoot(ref allocator, smallRoot, isCleared: !TFilter.KeepsAll);
            CopyTable(ref allocator, Root, copy.Root, rootLevel, default, in filter);
        }

        return error;
    }

    /// <summary>
    /// Ends a set that <see cref="CreateCopy"/> or <see cref="CreateSharing"/> made: when the release is discharged, all its own tables are given back, and its root.
    /// </summary>
    /// <param name="flush">What takes the set off the processor, if it is loaded: <see cref="FlushObligation.ForRoot(PhysicalAddress)"/> with another one. <see cref="FlushObligation.None"/> if it isn't.</param>
    public TableRelease<TFormat, TMemory> DetachSet(FlushObligation flush) =>
        new(this, flush, Root, FormatGeometry<TFormat>.RootLevel, freesRoot: FormatGeometry<TFormat>.RootIsPage);

    /// <summary>
    /// Takes every table out of the set: when the release is discharged, no page is mapped, the root is empty, and the own tables are given back. The set must be loaded on no processor by then; the flush is owed for
    /// what processors may still hold of it.
    /// </summary>
    public TableRelease<TFormat, TMemory> DetachAll() =>
        new(this, FlushForLink(FormatGeometry<TFormat>.RootLevel), Root, FormatGeometry<TFormat>.RootLevel);

    /// <summary>
    /// Unlinks one own table that lies wholly in the window and maps nothing, the lowest level first, and gives it back when the release is discharged. Call it until it finds nothing more.
    /// </summary>
    /// <returns><see cref="PagingErrorCode.RangeNotCanonical"/>, or <see cref="PagingErrorCode.NothingThere"/> when no such table is left.</returns>
    public TableRelease<TFormat, TMemory> DetachEmptyTable(PageRange window)
    {
        if (!FormatGeometry<TFormat>.Contains(window))
        {
            return new TableRelease<TFormat, TMemory>(new PagingError(PagingErrorCode.RangeNotCanonical, window.First));
        }

        for (int level = 0; level < FormatGeometry<TFormat>.RootLevel; level++)
        {
            nuint span = TFormat.Level(level + 1).EntrySpan.Value;
            nuint page = (window.First.Value + span - 1) & ~(span - 1);
            while (page < window.End.Value && window.End.Value - page >= span)
            {
                // A window may be half the address space: what has no tables is stepped over as a whole.
                PageNumber first = new(page);
                if (!TryFindOwnTable(first, level + 1, out PhysicalAddress above, out int stoppedAt))
                {
                    page += PagesWithinEntry(first, stoppedAt, nuint.MaxValue);
                    continue;
                }

                if (ReadEntry(above, level + 1, first).TryGetTable(out PhysicalAddress table, out bool isShared)
                    && !isShared
                    && IsEmpty(table, level))
                {
                    EntryAccess<TFormat>.Disappear(_memory, above, TFormat.Level(level + 1).IndexOf(first).Value);
                    return new TableRelease<TFormat, TMemory>(this, FlushForLink(level + 1), table, level);
                }

                page += span;
            }
        }

        return new TableRelease<TFormat, TMemory>(new PagingError(PagingErrorCode.NothingThere, window.First));
    }

    /// <summary>Gives back a detached table with all own tables below it; a root that is kept is emptied instead.</summary>
    [MaximumRecursion(MaximumRecursionAttribute.TableLevels)]
    internal void FreeTable<TAllocator>(ref TAllocator allocator, ref TableAccount account, PhysicalAddress table, int level, bool freesRoot)
        where TAllocator : struct, ITableAllocator
    {
        // Recursion is as deep as the format has levels: five at most.
        bool isRoot = level == FormatGeometry<TFormat>.RootLevel;
        for (int index = 0; level > 0 && index < TFormat.Level(level).EntryCount; index++)
        {
            PageTableEntry<TFormat> entry = new(EntryAccess<TFormat>.Read(_memory, table, index), level);
            if (entry.TryGetTable(out PhysicalAddress below, out bool isShared) && !isShared)
            {
                FreeTable(ref allocator, ref account, below, level - 1, freesRoot);
            }

            if (isRoot && !freesRoot)
            {
                EntryAccess<TFormat>.Disappear(_memory, table, index);
            }
        }

        if (!isRoot || freesRoot)
        {
            allocator.Free(table);
            account.Credit();
        }
    }

    [MaximumRecursion(MaximumRecursionAttribute.TableLevels)]
    private void CopyTable<TAllocator, TFilter>(
        ref TAllocator allocator, PhysicalAddress from, PhysicalAddress to, int level, PageNumber firstPage, in TFilter filter)
        where TAllocator : struct, ITableAllocator
        where TFilter : struct, ILeafFilter
    {
        if (TFilter.KeepsAll && IsPage(level))
        {
            CopyWholeTable(ref allocator, from, to, level);
            return;
        }

        for (int index = 0; index < TFormat.Level(level).EntryCount; index++)
        {
            if (TryReadPresent(from, level, index, out PageTableEntry<TFormat> entry))
            {
                CopyEntry(ref allocator, entry, to, index, PageAt(firstPage, index, level), in filter);
            }
        }
    }

    /// <summary>Copies a table of a whole page, and the own tables below it, whatever they map.</summary>
    [MaximumRecursion(MaximumRecursionAttribute.TableLevels)]
    private void CopyWholeTable<TAllocator>(ref TAllocator allocator, PhysicalAddress from, PhysicalAddress to, int level)
        where TAllocator : struct, ITableAllocator
    {
        uint lines = _memory.CopyTable(new TableAddress(from), new TableAddress(to), TFormat.EntryWidth, marks: 0);
        if (level == 0)
        {
            return;
        }

        UsedEntries<TFormat> used = new(lines);
        while (used.TryNext(out int index, out int end))
        {
            for (; index != end; index++)
            {
                if (TryReadPresent(to, level, index, out PageTableEntry<TFormat> entry) && entry.TryGetTable(out PhysicalAddress below, out bool isShared) && !isShared)
                {
                    PhysicalAddress copy = allocator.TakeReservedAsIs();
                    CopyWholeTable(ref allocator, below, copy, level - 1);
                    EntryAccess<TFormat>.Appear(_memory, to, index, copy.Value | TFormat.Level(level).LinkBits);
                }
            }
        }
    }

    /// <summary>Whether tables of this level take a page: all but the roots of some formats.</summary>
    private static bool IsPage(int level) => FormatGeometry<TFormat>.RootIsPage || level != FormatGeometry<TFormat>.RootLevel;

    private void CopyEntry<TAllocator, TFilter>(
        ref TAllocator allocator, PageTableEntry<TFormat> entry, PhysicalAddress to, int index, PageNumber page, in TFilter filter)
        where TAllocator : struct, ITableAllocator
        where TFilter : struct, ILeafFilter
    {
        ulong bits = entry.Bits;
        if (entry.TryGetTable(out PhysicalAddress below, out bool isShared))
        {
            if (!isShared)
            {
                if (!IsCopied(below, entry.Level - 1, page, in filter))
                {
                    return;
                }

                PhysicalAddress copy = TFilter.KeepsAll ? allocator.TakeReservedAsIs() : allocator.TakeReserved();
                CopyTable(ref allocator, below, copy, entry.Level - 1, page, in filter);
                bits = copy.Value | TFormat.Level(entry.Level).LinkBits;
            }
        }
        else if (!filter.Keeps(page, EntryRights.DecodeLive<TFormat>(bits)))
        {
            return;
        }

        EntryAccess<TFormat>.Appear(_memory, to, index, bits);
    }

    /// <summary>The own tables below this one that a copy has.</summary>
    [MaximumRecursion(MaximumRecursionAttribute.TableLevels)]
    private nuint CountCopied<TFilter>(PhysicalAddress table, int level, PageNumber firstPage, in TFilter filter)
        where TFilter : struct, ILeafFilter
    {
        nuint count = 0;
        for (int index = 0; level > 0 && index < TFormat.Level(level).EntryCount; index++)
        {
            if (!TryReadPresent(table, level, index, out PageTableEntry<TFormat> entry) || !entry.TryGetTable(out PhysicalAddress below, out bool isShared) || isShared)
            {
                continue;
            }

            PageNumber page = PageAt(firstPage, index, level);
            if (IsCopied(below, level - 1, page, in filter))
            {
                count += 1 + CountCopied(below, level - 1, page, in filter);
            }
        }

        return count;
    }

    /// <summary>Whether a copy has this table: the filter keeps it, or something in it.</summary>
    [MaximumRecursion(MaximumRecursionAttribute.TableLevels)]
    private bool IsCopied<TFilter>(PhysicalAddress table, int level, PageNumber firstPage, in TFilter filter)
        where TFilter : struct, ILeafFilter
    {
        bool isCopied = filter.KeepsTable(PageRange.CreateTruncated(firstPage, TFormat.Level(level + 1).EntrySpan));
        for (int index = 0; !isCopied && index < TFormat.Level(level).EntryCount; index++)
        {
            if (!TryReadPresent(table, level, index, out PageTableEntry<TFormat> entry))
            {
                continue;
            }

            PageNumber page = PageAt(firstPage, index, level);
            isCopied = entry.TryGetTable(out PhysicalAddress below, out bool isShared)
                ? isShared || IsCopied(below, level - 1, page, in filter)
                : filter.Keeps(page, EntryRights.DecodeLive<TFormat>(entry.Bits));
        }

        return isCopied;
    }

    /// <summary>A set of nothing but an empty root: a reserved page, or the memory given for a smaller one.</summary>
    /// <param name="allocator">Gives the page.</param>
    /// <param name="smallRoot">The memory.</param>
    /// <param name="isCleared">Whether a page is cleared. If not, all of it has to be written.</param>
    private AddressSpace<TFormat, TMemory> NewRoot<TAllocator>(ref TAllocator allocator, PhysicalAddress smallRoot, bool isCleared)
        where TAllocator : struct, ITableAllocator
    {
        if (FormatGeometry<TFormat>.RootIsPage)
        {
            return new AddressSpace<TFormat, TMemory>(_memory, isCleared ? allocator.TakeReserved() : allocator.TakeReservedAsIs());
        }

        for (int index = 0; index < TFormat.Level(FormatGeometry<TFormat>.RootLevel).EntryCount; index++)
        {
            EntryAccess<TFormat>.Disappear(_memory, smallRoot, index);
        }

        return new AddressSpace<TFormat, TMemory>(_memory, smallRoot);
    }

    /// <summary>The first page that an entry of a table maps. The root of a format with a hole in its addresses maps pages on both sides.</summary>
    private static PageNumber PageAt(PageNumber firstPage, int index, int level)
    {
        PageNumber page = new(firstPage.Value + ((nuint)(uint)index << TFormat.Level(level).PageShift));
        bool isBehindHole = level == FormatGeometry<TFormat>.RootLevel && !FormatGeometry<TFormat>.UpperPages.IsEmpty && page >= FormatGeometry<TFormat>.LowerPages.End;
        return isBehindHole ? FormatGeometry<TFormat>.UpperPages.First + new PageCount(page.Value - FormatGeometry<TFormat>.LowerPages.End.Value) : page;
    }

    private bool IsEmpty(PhysicalAddress table, int level)
    {
        for (int index = 0; index < TFormat.Level(level).EntryCount; index++)
        {
            if ((EntryAccess<TFormat>.Read(_memory, table, index) & EntryBits.Present) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
