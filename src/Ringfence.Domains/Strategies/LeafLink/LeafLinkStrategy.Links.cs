// Which windows lack a table of a domain's own, and storing its links.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>Own tables and their links.</content>
public partial struct LeafLinkStrategy<TFormat, TMemory, TWindows>
{
    /// <summary>How many of the windows that hold these pages have the base table in a list.</summary>
    private readonly PagingError CountMissing(TableAddress place, PageRange pages, out PageCount missing)
    {
        OwnLeafTables<TFormat, TMemory, TWindows> own = new(_windows, place);
        nuint count = 0;
        missing = default;
        PageNumber page = pages.First;
        while (page < pages.End)
        {
            PageRange piece = _windows.PieceFrom(page, pages.End, out int window);
            if (window < 0)
            {
                return PagingError.OutsideWindows(page);
            }

            count += own.IsOwn(window) ? 0u : 1u;
            page = piece.End;
        }

        missing = new PageCount(count);
        return default;
    }

    /// <summary>Puts copies of the base tables in a list where it has those. The pages are reserved.</summary>
    private readonly void MakeMissing<TAllocator>(ref TAllocator allocator, TableAddress place, PageRange pages)
        where TAllocator : struct, ITableAllocator
    {
        OwnLeafTables<TFormat, TMemory, TWindows> own = new(_windows, place);
        PageNumber page = pages.First;
        while (page < pages.End)
        {
            PageRange piece = _windows.PieceFrom(page, pages.End, out int window);
            if (!own.IsOwn(window))
            {
                _windows.ListAt(place).Write(window, _windows.Tables.CopyLeafTable(ref allocator, _windows.BaseTable(window)));
            }

            page = piece.End;
        }
    }

    /// <summary>Links a list, as far as the limit allows. What is linked already, by whatever way it came there, costs nothing: so a switch that was left is gone on with, and one to another domain begins anew.</summary>
    private bool TryLink(TableAddress place, nuint entryLimit, ref FlushObligation owed)
    {
        // With no entry left nothing can have changed: who was linked as a whole still is.
        _linked = entryLimit == 0 ? _linked : NoList;
        if (!TryStoreLinks(place, entryLimit, ref owed))
        {
            return false;
        }

        _linked = place.Value;
        return true;
    }

    private readonly bool TryStoreLinks(TableAddress place, nuint entryLimit, ref FlushObligation owed)
    {
        TableAddressList<TFormat, TMemory> own = _windows.ListAt(place);
        nuint left = entryLimit;
        bool isComplete = true;
        for (int window = 0; window < _windows.Count && isComplete; window++)
        {
            TableAddress table = own.Read(window);
            if (left != 0)
            {
                left -= _windows.TryRelink(window, table) ? 1u : 0u;
            }
            else
            {
                isComplete = _windows.Linked(window).Value == table.Value;
            }
        }

        // One flush for all of them. With a step that only looked nothing is owed.
        if (left != entryLimit)
        {
            owed = owed.Combine(AddressSpace<TFormat, TMemory>.OwedForRelinking);
        }

        return isComplete;
    }
}
