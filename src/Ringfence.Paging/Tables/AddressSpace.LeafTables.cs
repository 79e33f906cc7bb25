// Leaf tables that take turns under one link: a part of the address space looks another way after one store, and what isn't linked can be edited like what is.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <content>Leaf tables and the entries that link them.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>
    /// What is owed for links that <see cref="TryRelink"/> changed: everything that the processor holds of the pages below them and of the links themselves. No link of a leaf table is a directory pointer of PAE, so no register has to be loaded.
    /// </summary>
    public static FlushObligation OwedForRelinking => FlushForLink(1);

    /// <summary>The entry that links the leaf table of a page; false where there is no such table or it belongs to another set. The entry stays where it is until a table above it is taken out of the set.</summary>
    /// <param name="page">A page that the leaf table maps.</param>
    /// <param name="link">The entry's address.</param>
    public bool TryFindLeafLink(PageNumber page, out TableAddress link)
    {
        link = default;
        if (!TryFindOwnTable(page, 0, out _, out _) || !TryFindOwnTable(page, 1, out PhysicalAddress above, out _))
        {
            return false;
        }

        link = new TableAddress((nuint)above.Value + ((nuint)(uint)TFormat.Level(1).IndexOf(page).Value * (nuint)FormatGeometry<TFormat>.EntryByteCount));
        return true;
    }

    /// <summary>The leaf table that is linked.</summary>
    /// <param name="link">What <see cref="TryFindLeafLink"/> found.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TableAddress LinkedTable(TableAddress link) =>
        new((TFormat.EntryWidth == EntryWidth.Bits64 ? (nuint)_memory.Read64(link, 0) : _memory.Read32(link, 0)) & (nuint)TFormat.TableAddressMask);

    /// <summary>
    /// Links another leaf table in place of the one that is linked, in one store: a walk meets either of them. If it returns true, <see cref="OwedForRelinking"/> is owed; false when the table is linked already, and then
    /// nothing is stored.
    /// </summary>
    /// <param name="link">What <see cref="TryFindLeafLink"/> found.</param>
    /// <param name="table">A leaf table; on a 32-bit processor below 4 GiB, as all are, so that only one word of an entry differs.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRelink(TableAddress link, TableAddress table)
    {
        if (LinkedTable(link).Value == table.Value)
        {
            return false;
        }

        ulong entry = table.Value | TFormat.Level(1).LinkBits;
        if (TFormat.EntryWidth == EntryWidth.Bits64)
        {
            _memory.Write64(link, 0, entry);
        }
        else
        {
            _memory.Write32(link, 0, (uint)entry);
        }

        return true;
    }

    /// <summary>Sets pages aside for <see cref="CopyLeafTable"/>: all or none.</summary>
    /// <param name="allocator">Gives the pages.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="page">The page to blame in an error.</param>
    /// <param name="count">How many.</param>
    /// <returns><see cref="PagingErrorCode.OutOfTablePages"/>, or none.</returns>
    [MustUseReturnValue]
    public static PagingError ReserveLeafTables<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageNumber page, PageCount count)
        where TAllocator : struct, ITableAllocator => Reserve(ref allocator, ref account, page, count);

    /// <summary>
    /// A copy of a leaf table, linked nowhere. While a processor may use the original it may note a write there, so a writable leaf of the copy counts as dirty.
    /// </summary>
    /// <param name="allocator">Gives the page, which was reserved.</param>
    /// <param name="source">The original.</param>
    public TableAddress CopyLeafTable<TAllocator>(ref TAllocator allocator, TableAddress source)
        where TAllocator : struct, ITableAllocator
    {
        PhysicalAddress copy = allocator.TakeReservedAsIs();
        CopyForEditing(new PhysicalAddress(source.Value), copy, level: 0);
        return new TableAddress(copy);
    }

    /// <summary>Ends a leaf table that <see cref="CopyLeafTable"/> made: when the release is discharged, its page is given back.</summary>
    /// <param name="table">The table, which is linked nowhere any more.</param>
    /// <param name="flush">What is owed for the links that it was taken from.</param>
    public TableRelease<TFormat, TMemory> ReleaseLeafTable(TableAddress table, FlushObligation flush) => new(this, flush, new PhysicalAddress(table.Value), level: 0);

    /// <summary>Maps pages in one leaf table, linked or not. Nothing is owed.</summary>
    /// <param name="table">The table.</param>
    /// <param name="pages">Pages of that table, none of them mapped in it.</param>
    /// <param name="firstFrame">The frame of the first page; all within reach of the format.</param>
    /// <param name="baseRights">The rights, base and live.</param>
    public void MapInTable(TableAddress table, PageRange pages, FrameNumber firstFrame, LeafRights baseRights)
    {
        ulong bits = EntryBits.Present | EntryRights.Live<TFormat>(baseRights) | EntryRights.Base(baseRights);
        ulong frameAddress = firstFrame.Address.Value;
        for (nuint page = pages.First.Value; page != pages.End.Value; page++)
        {
            int index = TFormat.Level(0).IndexOf(new PageNumber(page)).Value;
            EntryAccess<TFormat>.Appear(_memory, new PhysicalAddress(table.Value), index, TFormat.Leaf(0).BitsFor(frameAddress) | bits);
            frameAddress += PageSize.ByteCount;
        }
    }

    /// <summary>Unmaps pages in one leaf table, linked or not; their entries become 0.</summary>
    /// <param name="table">The table.</param>
    /// <param name="pages">Pages of that table.</param>
    /// <param name="owed">Gains the pages that were mapped. What a table owes that isn't linked was owed when it was unlinked.</param>
    public void UnmapInTable(TableAddress table, PageRange pages, ref FlushObligation owed)
    {
        for (nuint page = pages.First.Value; page != pages.End.Value; page++)
        {
            if (EntryAccess<TFormat>.Remove(_memory, new PhysicalAddress(table.Value), TFormat.Level(0).IndexOf(new PageNumber(page)).Value, default))
            {
                owed.Add(new PageNumber(page));
            }
        }
    }

    /// <summary>Fills a page with what a table holds, of which no processor has marks to come: a writable leaf counts as dirty, and tables below are shared.</summary>
    private void CopyForEditing(PhysicalAddress source, PhysicalAddress copy, int level)
    {
        uint lines = _memory.CopyTable(new TableAddress(source), new TableAddress(copy), TFormat.EntryWidth, marks: level == 0 ? (uint)EntryBits.Writable : 0);
        if (level == 0)
        {
            return;
        }

        UsedEntries<TFormat> used = new(lines);
        while (used.TryNext(out int index, out int end))
        {
            for (; index != end; index++)
            {
                if (TryReadPresent(copy, level, index, out PageTableEntry<TFormat> entry))
                {
                    ulong added = entry.Kind == EntryKind.Table ? EntryBits.SharedTable
                        : (entry.Bits & EntryBits.Writable) != 0 ? EntryBits.Dirty
                        : 0;
                    EntryAccess<TFormat>.Appear(_memory, copy, index, entry.Bits | added);
                }
            }
        }
    }
}
