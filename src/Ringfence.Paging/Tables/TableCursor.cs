// A range has many leaf tables but few tables above them: remembering the one above saves a walk from the root for each.

namespace Ringfence.Paging;

/// <summary>
/// Finds the places of pages one after the other. It remembers the level-1 table that it used last, so while pages stay in the span of one such table, going on to the next leaf
/// table takes a single read above it. It is good until a table is unlinked.
/// </summary>
internal struct TableCursor<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly AddressSpace<TFormat, TMemory> _tables;
    private PhysicalAddress _directory;
    private nuint _directoryNumber;
    private bool _directoryIsShared;

    public TableCursor(AddressSpace<TFormat, TMemory> tables)
    {
        _tables = tables;
        _directory = tables.Root;

        // Where the root is the level-1 table it is there from the start; else no page is in this one.
        _directoryNumber = FormatGeometry<TFormat>.RootLevel == 1 ? 0 : nuint.MaxValue;
    }

    public AddressSpace<TFormat, TMemory>.LeafPlace Find(PageNumber page)
    {
        PagingLevel row = TFormat.Level(1);
        nuint number = page.Value >> (row.PageShift + row.IndexBits);
        if (number != _directoryNumber)
        {
            PhysicalAddress table = _tables.Root;
            int level = FormatGeometry<TFormat>.RootLevel;
            bool isShared = false;
            while (level > 1)
            {
                PageTableEntry<TFormat> entry = _tables.ReadEntry(table, level, page);
                if (!entry.TryGetTable(out PhysicalAddress below, out bool linkIsShared))
                {
                    // The same answer as a walk's, which would read this entry again.
                    return new AddressSpace<TFormat, TMemory>.LeafPlace(
                        table,
                        level,
                        entry.Kind == EntryKind.Leaf
                            ? AddressSpace<TFormat, TMemory>.LeafPlaceKind.LargeLeaf
                            : AddressSpace<TFormat, TMemory>.LeafPlaceKind.Missing,
                        isShared);
                }

                table = below;
                isShared |= linkIsShared;
                level--;
            }

            _directory = table;
            _directoryNumber = number;
            _directoryIsShared = isShared;
        }

        return _tables.FindPlace(page, _directory, 1, _directoryIsShared);
    }
}
