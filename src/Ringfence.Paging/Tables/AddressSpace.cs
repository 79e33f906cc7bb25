// One set of page tables and the walk to a leaf, on which everything else is built.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// A set of page tables: a root, and how its memory is reached. A value without state of its own; copies denote the same set.
/// No operation allocates, throws or keeps anything outside the tables. Edits of one set must not run at the same time; the processor may use it meanwhile.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public readonly partial struct AddressSpace<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly TMemory _memory;

    /// <summary>
    /// Names the set whose root table is at <paramref name="root"/>: zeroed or filled, <see cref="FormatGeometry{TFormat}.RootByteCount"/> bytes, aligned
    /// to as much. On a 32-bit processor all tables lie below 4 GiB.
    /// </summary>
    public AddressSpace(TMemory memory, PhysicalAddress root)
    {
        _memory = memory;
        Root = root;
    }

    /// <summary>The root table: what CR3 holds when the set is loaded.</summary>
    public PhysicalAddress Root { get; }

    internal TMemory Memory => _memory;

    /// <summary>The table that holds the leaf entry of a page, present or not; false where there is no such table or it belongs to another set.</summary>
    internal bool TryFindLeafTable(PageNumber page, out PhysicalAddress table)
    {
        LeafPlace place = FindPlace(page);
        table = place.Table;
        return place.Kind == LeafPlaceKind.LeafTable && !place.IsShared;
    }

    /// <summary>Walks from the root to where the leaf of a page is or would be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal LeafPlace FindPlace(PageNumber page) => new TableCursor<TFormat, TMemory>(this).Find(page);

    /// <summary>
    /// The table at <paramref name="level"/> on the way to the page. False where the way ends above it, or leads through a table of another set.
    /// </summary>
    /// <param name="page">A page that the table maps.</param>
    /// <param name="level">The level of the table.</param>
    /// <param name="table">The table.</param>
    /// <param name="stoppedAt">When there is none: the level of the entry at which the way ends.</param>
    internal bool TryFindOwnTable(PageNumber page, int level, out PhysicalAddress table, out int stoppedAt)
    {
        table = Root;
        for (stoppedAt = FormatGeometry<TFormat>.RootLevel; stoppedAt > level; stoppedAt--)
        {
            PageTableEntry<TFormat> entry = ReadEntry(table, stoppedAt, page);
            if (!entry.TryGetTable(out table, out bool isShared) || isShared)
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PageTableEntry<TFormat> ReadEntry(PhysicalAddress table, int level, PageNumber page) =>
        new(EntryAccess<TFormat>.Read(_memory, table, TFormat.Level(level).IndexOf(page).Value), level);

    /// <summary>
    /// Reads an entry; false if it is absent. Most entries of a small system's tables are, so that they are passed over at once is what going through whole tables takes its time from.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadPresent(PhysicalAddress table, int level, int index, out PageTableEntry<TFormat> entry)
    {
        ulong bits = EntryAccess<TFormat>.Read(_memory, table, index);
        entry = new PageTableEntry<TFormat>(bits, level);
        return (bits & EntryBits.Present) != 0;
    }

    /// <summary>How many pages from <paramref name="page"/> on share one entry at <paramref name="level"/>, at most <paramref name="limit"/>.</summary>
    internal static nuint PagesWithinEntry(PageNumber page, int level, nuint limit)
    {
        nuint span = TFormat.Level(level).EntrySpan.Value;
        nuint rest = span - (page.Value & (span - 1));
        return rest < limit ? rest : limit;
    }

    /// <summary>What a change of an entry at this level owes beside the pages below it: the registers of a root that is held in some.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsHeldInRegister(int level) => TFormat.RootIsHeldInRegisters && level == FormatGeometry<TFormat>.RootLevel;

    /// <summary>Everything that may be held of the pages below an entry of this level, and of the entry itself, must go.</summary>
    private static FlushObligation FlushForLink(int level)
    {
        FlushSet everything = default;
        everything.AddEverything();
        return new FlushObligation(in everything, needsDirectoryPointerReload: IsHeldInRegister(level), needsStructureCacheFlush: true);
    }

    internal enum LeafPlaceKind : byte
    {
        /// <summary>The table of level 0.</summary>
        LeafTable,

        /// <summary>A large leaf that maps the page.</summary>
        LargeLeaf,

        /// <summary>An absent entry above level 0.</summary>
        Missing,
    }

    /// <summary>Where a walk ended: the leaf table, or the table and level of the entry that stopped it above.</summary>
    internal readonly struct LeafPlace
    {
        public LeafPlace(PhysicalAddress table, int level, LeafPlaceKind kind, bool isShared)
        {
            Table = table;
            Level = (byte)level;
            Kind = kind;
            IsShared = isShared;
        }

        public PhysicalAddress Table { get; }

        public byte Level { get; }

        public LeafPlaceKind Kind { get; }

        /// <summary>Whether the table is reached through a link to another set's table.</summary>
        public bool IsShared { get; }

        /// <summary>How many pages from <paramref name="page"/> on have this place, at most <paramref name="limit"/>.</summary>
        public nuint PagesFrom(PageNumber page, nuint limit) => PagesWithinEntry(page, Level == 0 ? 1 : Level, limit);
    }
}
