// One set of page tables and the walk to a leaf table, on which everything else is built.

namespace Ringfence.Paging;

/// <summary>
/// A set of page tables: a root, and how its memory is reached. A value without state of its own; copies denote the same set.
/// No operation allocates, throws or keeps anything outside the tables.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public readonly partial struct AddressSpace<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly TMemory _memory;

    /// <summary>
    /// Names the set whose root table is at <paramref name="root"/>: zeroed or filled, <see cref="IPagingFormat.RootByteCount"/> bytes, aligned
    /// to as much, and with PAE below 4 GiB.
    /// </summary>
    public AddressSpace(TMemory memory, PhysicalAddress root)
    {
        _memory = memory;
        Root = root;
    }

    /// <summary>The root table: what CR3 holds when the set is loaded.</summary>
    public PhysicalAddress Root { get; }

    internal TMemory Memory => _memory;

    /// <summary>The table that holds the leaf entry of a page, present or not.</summary>
    internal bool TryFindLeafTable(PageNumber page, out PhysicalAddress table)
    {
        WalkOutcome outcome = FindLeafTable(page, out LeafTable leafTable);
        table = leafTable.Address;
        return outcome == WalkOutcome.Found;
    }

    /// <summary>Walks from the root to the leaf table of a page.</summary>
    private WalkOutcome FindLeafTable(PageNumber page, out LeafTable leafTable)
    {
        PhysicalAddress table = Root;
        for (int level = TFormat.LevelCount - 1; level > 0; level--)
        {
            PagingLevel row = TFormat.Level(level);
            ulong entry = TFormat.ReadEntry(_memory, table, row.IndexOf(page));
            if ((entry & EntryBits.Present) == 0)
            {
                leafTable = new LeafTable(default, level);
                return WalkOutcome.NoTable;
            }

            if ((entry & row.LargeLeafBit) != 0)
            {
                leafTable = new LeafTable(default, level);
                return WalkOutcome.LargePage;
            }

            table = new PhysicalAddress(entry & TFormat.AddressMask);
        }

        leafTable = new LeafTable(table, 0);
        return WalkOutcome.Found;
    }

    /// <summary>How many pages from <paramref name="page"/> on share one entry at <paramref name="level"/>, at most <paramref name="limit"/>.</summary>
    private static nuint PagesWithinEntry(PageNumber page, int level, nuint limit)
    {
        nuint span = TFormat.Level(level).EntrySpan.Value;
        nuint rest = span - (page.Value & (span - 1));
        return rest < limit ? rest : limit;
    }

    /// <summary>How many pages from <paramref name="page"/> on have their entries in one leaf table, at most <paramref name="limit"/>.</summary>
    private static nuint PagesWithinLeafTable(PageNumber page, nuint limit) => PagesWithinEntry(page, 1, limit);

    private enum WalkOutcome : byte
    {
        Found,
        NoTable,
        LargePage,
    }

    /// <summary>Where a walk ended: a leaf table, or the level whose entry stopped it.</summary>
    private readonly struct LeafTable
    {
        public LeafTable(PhysicalAddress address, int level)
        {
            Address = address;
            Level = level;
        }

        public PhysicalAddress Address { get; }

        public int Level { get; }
    }
}
