// An edit of a range that can stop and go on: a kernel serves interrupts between two steps.

namespace Ringfence.Paging;

/// <summary>
/// The rest of an edit of mapped pages, made by the methods <c>Begin...</c> of an address space, which have checked the whole range. Each step walks to each leaf table once and then runs
/// along it. Dropping an unfinished one leaves the rest of the range as it is. Between steps the rest may be changed by others: what is then not mapped, part of a large page that reaches beyond the range, or under a shared table, is passed over. A mutable
/// value: keep it in one place.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
[MustUseReturnValue]
public struct RangeEdit<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly AddressSpace<TFormat, TMemory> _tables;
    private readonly RightsTarget _target;
    private readonly EditTerms _terms;
    private readonly bool _unmaps;
    private PageNumber _page;
    private nuint _remaining;

    internal RangeEdit(AddressSpace<TFormat, TMemory> tables, PageRange range, RightsTarget target, EditTerms terms, bool unmaps)
    {
        _tables = tables;
        _target = target;
        _terms = terms;
        _unmaps = unmaps;
        _page = range.First;
        _remaining = range.Count.Value;
    }

    /// <summary>Whether nothing is left to do. Also true of the default value.</summary>
    public readonly bool IsComplete => _remaining == 0;

    /// <summary>The pages that are still to be edited.</summary>
    public readonly PageRange Rest => PageRange.CreateTruncated(_page, new PageCount(_remaining));

    /// <summary>
    /// Looks at no more than <paramref name="entryLimit"/> entries and goes on from there the next time. What the step owes is in its value; obligations of several steps can be combined.
    /// </summary>
    /// <param name="entryLimit">Entries at most, 1 or more.</param>
    public FlushObligation Step(int entryLimit)
    {
        FlushSet flush = default;
        TableCursor<TFormat, TMemory> cursor = new(_tables);
        nuint limit = (nuint)(uint)entryLimit;
        while (_remaining != 0 && limit != 0)
        {
            AddressSpace<TFormat, TMemory>.LeafPlace place = cursor.Find(_page);
            nuint run = place.PagesFrom(_page, _remaining);
            nuint entries = 1;
            if (place.Kind == AddressSpace<TFormat, TMemory>.LeafPlaceKind.LeafTable)
            {
                run = run < limit ? run : limit;
                entries = run;
            }

            bool isWhole = place.Kind == AddressSpace<TFormat, TMemory>.LeafPlaceKind.LeafTable
                || (place.Kind == AddressSpace<TFormat, TMemory>.LeafPlaceKind.LargeLeaf && run == TFormat.Level(place.Level).EntrySpan.Value);
            if (isWhole && !place.IsShared)
            {
                EditRun(place.Table, place.Level, run / entries, entries, ref flush);
            }

            limit -= entries;
            _page += new PageCount(run);
            _remaining -= run;
        }

        return new FlushObligation(in flush);
    }

    private readonly void EditRun(PhysicalAddress table, int level, nuint span, nuint entries, ref FlushSet flush)
    {
        int index = TFormat.Level(level).IndexOf(_page).Value;
        PageNumber page = _page;
        for (nuint entry = 0; entry < entries; entry++)
        {
            bool mustFlush = _unmaps
                ? EntryAccess<TFormat>.Remove(_tables.Memory, table, index, _terms)
                : EntryAccess<TFormat>.EditRights(_tables.Memory, table, index, _target, _terms);
            if (mustFlush)
            {
                // Of a large page pieces may be held: INVLPG of one address is sure to find them all only while the tables map it as one page.
                flush.Add(PageRange.CreateTruncated(page, new PageCount(span)));
            }

            index++;
            page += new PageCount(span);
        }
    }
}
