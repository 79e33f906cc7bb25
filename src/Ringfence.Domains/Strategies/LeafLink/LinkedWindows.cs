// The windows of the live tables: for each its link, the leaf table that all domains without one of their own have there, and the one that is linked now.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Windows and their links. A value that names them; what changes is in the tables and in the memory of the list.</summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
/// <typeparam name="TWindows">The plan of windows.</typeparam>
internal readonly struct LinkedWindows<TFormat, TMemory, TWindows>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
    where TWindows : struct, IWindowPlan
{
    private readonly TWindows _plan;
    private readonly TableAddress _place;
    private readonly TableAddress _linksPlace;

    public LinkedWindows(AddressSpace<TFormat, TMemory> tables, TWindows plan, TableAddress place)
    {
        Tables = tables;
        _plan = plan;
        _place = place;
        _linksPlace = new TableAddress(new PhysicalAddress(place.Value + ((nuint)(uint)plan.Count * (nuint)FormatGeometry<TFormat>.TableAddressByteCount)));
    }

    public AddressSpace<TFormat, TMemory> Tables { get; }

    public int Count => _plan.Count;

    /// <summary>The list of the leaf tables in which every page has its base rights; nothing else is ever written in them.</summary>
    public TableAddress BasePlace => _place;

    private TableAddressList<TFormat, TMemory> Links
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Tables, _linksPlace);
    }

    public PageNumber FirstPage(int window) => _plan.FirstPage(window);

    public int IndexOf(PageNumber page) => _plan.IndexOf(page);

    /// <summary>The list at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TableAddressList<TFormat, TMemory> ListAt(TableAddress place) => new(Tables, place);

    public TableAddress BaseTable(int window) => ListAt(_place).Read(window);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TableAddress Linked(int window) => Tables.LinkedTable(Links.Read(window));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRelink(int window, TableAddress table) => Tables.TryRelink(Links.Read(window), table);

    /// <summary>Notes the link of a window, and as base table what is linked there.</summary>
    /// <returns>False when no leaf table is there.</returns>
    public bool TryNote(int window)
    {
        if (!Tables.TryFindLeafLink(FirstPage(window), out TableAddress link))
        {
            return false;
        }

        Links.Write(window, link);
        ListAt(_place).Write(window, Tables.LinkedTable(link));
        return true;
    }

    /// <summary>The pages from one on that have a leaf table in common, at most up to <paramref name="end"/>.</summary>
    /// <param name="page">The first page.</param>
    /// <param name="end">The page after the last one; above <paramref name="page"/>.</param>
    /// <param name="window">The window, or -1.</param>
    public PageRange PieceFrom(PageNumber page, PageNumber end, out int window)
    {
        window = IndexOf(page);
        nuint span = TFormat.Level(1).EntrySpan.Value;
        nuint border = (page.Value & ~(span - 1)) + span;
        return PageRange.FromFirstToEnd(page, border < end.Value ? new PageNumber(border) : end);
    }
}
