// The walk. A range has many leaf tables but few tables above them: remembering the one above saves a walk from the root for each.

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

        // A number that no page has.
        _directoryNumber = nuint.MaxValue;
    }

    public AddressSpace<TFormat, TMemory>.LeafPlace Find(PageNumber page)
    {
        PagingLevel directoryRow = TFormat.Level(1);
        nuint number = page.Value >> (directoryRow.PageShift + directoryRow.IndexBits);
        bool isKnown = number == _directoryNumber;
        PhysicalAddress table = isKnown ? _directory : _tables.Root;
        int level = isKnown ? 1 : FormatGeometry<TFormat>.RootLevel;
        bool isShared = isKnown && _directoryIsShared;
        while (level > 0)
        {
            PagingLevel row = TFormat.Level(level);
            ulong entry = EntryAccess<TFormat>.Read(_tables.Memory, table, row.IndexOf(page).Value);
            if (level == 1)
            {
                _directory = table;
                _directoryNumber = number;
                _directoryIsShared = isShared;
            }

            if ((entry & EntryBits.Present) == 0)
            {
                return new AddressSpace<TFormat, TMemory>.LeafPlace(table, level, AddressSpace<TFormat, TMemory>.LeafPlaceKind.Missing, isShared);
            }

            if ((entry & row.LargeLeafBit) != 0)
            {
                return new AddressSpace<TFormat, TMemory>.LeafPlace(table, level, AddressSpace<TFormat, TMemory>.LeafPlaceKind.LargeLeaf, isShared);
            }

            isShared |= (entry & EntryBits.SharedTable) != 0;
            table = new PhysicalAddress(entry & TFormat.TableAddressMask);
            level--;
        }

        return new AddressSpace<TFormat, TMemory>.LeafPlace(table, 0, AddressSpace<TFormat, TMemory>.LeafPlaceKind.LeafTable, isShared);
    }
}
