// Showing an address space: runs of equal mapping, and every table page.

namespace Ringfence.Paging;

/// <content>Enumerations; none of them writes.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>
    /// The longest run of equal mapping that starts with the first page of <paramref name="window"/> and stays in it: all unmapped, or mapped by leaves of one size to consecutive frames with equal bits.
    /// A and D don't count. False when the window is empty or not canonical. To enumerate a window, go on from the end of the run.
    /// </summary>
    public bool TryGetRun(PageRange window, out MappingRun run)
    {
        run = default;
        if (window.IsEmpty || !FormatGeometry<TFormat>.Contains(window))
        {
            return false;
        }

        TableCursor<TFormat, TMemory> cursor = new(this);
        PageTableEntry<TFormat> first = default;
        FrameNumber firstFrame = default;
        nuint length = 0;
        while (length < window.Count.Value)
        {
            PageNumber page = window.First + new PageCount(length);
            LeafPlace place = cursor.Find(page);
            nuint available = place.PagesFrom(page, window.Count.Value - length);
            nuint span = place.Kind == LeafPlaceKind.LeafTable ? 1 : available;
            nuint matched = 0;
            while (matched < available)
            {
                PageTableEntry<TFormat> entry = WithoutProcessorBits(ReadEntry(place.Table, place.Level, page + new PageCount(matched)));
                FrameNumber frame = FrameOf(entry, page + new PageCount(matched));
                if (length == 0 && matched == 0)
                {
                    first = entry;
                    firstFrame = frame;
                }
                else if (!GoesOn(first, firstFrame, length + matched, entry, frame))
                {
                    break;
                }

                matched += span;
            }

            length += matched;
            if (matched < available)
            {
                break;
            }
        }

        PageRange range = PageRange.CreateTruncated(window.First, new PageCount(length));
        run = first.TryGetLeaf(out _, out LeafRights rights, out LeafRights baseRights)
            ? new MappingRun(range, firstFrame, rights, baseRights, first.Bits, first.Level)
            : new MappingRun(range);
        return true;
    }

    /// <summary>Shows every table of the set, the root first, each before the tables below it; shared ones too.</summary>
    public void VisitTables<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ITableVisitor =>
        VisitTables(ref visitor, Root, FormatGeometry<TFormat>.RootLevel, isShared: false);

    /// <summary>How much memory the set's own tables take.</summary>
    public TableUsage CountTables()
    {
        TableCounter counter = default;
        VisitTables(ref counter);
        bool rootIsPage = FormatGeometry<TFormat>.RootIsPage;
        PageCount pages = new(counter.OwnTablesBelowRoot + (rootIsPage ? 1u : 0u));
        return new TableUsage(pages, pages.ByteCount + (rootIsPage ? 0 : (ulong)FormatGeometry<TFormat>.RootByteCount));
    }

    private void VisitTables<TVisitor>(ref TVisitor visitor, PhysicalAddress table, int level, bool isShared)
        where TVisitor : struct, ITableVisitor
    {
        // Recursion is as deep as the format has levels: five at most.
        visitor.Visit(table, level, isShared);
        for (int index = 0; level > 0 && index < TFormat.Level(level).EntryCount; index++)
        {
            PageTableEntry<TFormat> entry = new(EntryAccess<TFormat>.Read(_memory, table, index), level);
            if (entry.TryGetTable(out PhysicalAddress below, out bool linkIsShared))
            {
                VisitTables(ref visitor, below, level - 1, isShared || linkIsShared);
            }
        }
    }

    // What the processor sets on its own doesn't make two mappings different; a not-present entry is like any other.
    private static PageTableEntry<TFormat> WithoutProcessorBits(PageTableEntry<TFormat> entry) =>
        entry.Kind == EntryKind.Absent ? default : new(entry.Bits & ~(EntryBits.Accessed | EntryBits.Dirty), entry.Level);

    private static FrameNumber FrameOf(PageTableEntry<TFormat> entry, PageNumber page) =>
        entry.TryGetLeaf(out FrameNumber frame, out _, out _)
            ? frame + new PageCount(page.Value & (TFormat.Level(entry.Level).EntrySpan.Value - 1))
            : default;

    private static bool GoesOn(PageTableEntry<TFormat> first, FrameNumber firstFrame, nuint offset, PageTableEntry<TFormat> entry, FrameNumber frame)
    {
        if (first.Kind == EntryKind.Absent || entry.Kind == EntryKind.Absent)
        {
            return first.Kind == entry.Kind;
        }

        LeafLayout layout = TFormat.Leaf(entry.Level);
        ulong attributes = ~(layout.AddressMask | layout.HighAddressMask);
        return first.Level == entry.Level
            && (first.Bits & attributes) == (entry.Bits & attributes)
            && frame == firstFrame + new PageCount(offset);
    }

    private struct TableCounter : ITableVisitor
    {
        public uint OwnTablesBelowRoot;

        public void Visit(PhysicalAddress table, int level, bool isShared) =>
            OwnTablesBelowRoot += isShared || level == FormatGeometry<TFormat>.RootLevel ? 0u : 1u;
    }
}
