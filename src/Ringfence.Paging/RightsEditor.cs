// The edits of a switch: many short runs of pages, one after the other, in tables that stay where they are.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Gives runs of pages other live rights without a walk for each: it remembers the leaf table it used last, which is the right one for nearly every run of a
/// switch. That is allowed because no operation of <see cref="AddressSpace{TFormat,TMemory}"/> ever unlinks a table. A page that is not mapped is passed over.
/// A mutable value: keep it in one place.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public struct RightsEditor<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly AddressSpace<TFormat, TMemory> _tables;

    // The leaf table used last and the first page it maps. Without one, the first page is so far up that no page is within a table's span of it.
    private PageNumber _firstPage;
    private PhysicalAddress _table;

    /// <summary>An editor of these tables.</summary>
    public RightsEditor(AddressSpace<TFormat, TMemory> tables)
    {
        _tables = tables;
        _firstPage = new PageNumber(nuint.MaxValue - TFormat.Level(1).EntrySpan.Value);
    }

    /// <summary>The tables.</summary>
    public readonly AddressSpace<TFormat, TMemory> Tables => _tables;

    /// <summary>Gives consecutive pages these live rights; their base rights stay.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one; above <paramref name="first"/>.</param>
    /// <param name="rights">The rights.</param>
    /// <param name="owed">Gains the pages of which a right was taken.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Set(PageNumber first, PageNumber end, LeafRights rights, ref FlushObligation owed) =>
        Edit(first.Value, end.Value, RightsTarget.Live<TFormat>(rights), ref owed);

    /// <summary>Gives consecutive pages their base rights again.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one; above <paramref name="first"/>.</param>
    /// <param name="owed">Gains the pages of which a right was taken.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Reset(PageNumber first, PageNumber end, ref FlushObligation owed) =>
        Edit(first.Value, end.Value, RightsTarget.Base, ref owed);

    // Inlined into its two callers, which are not inlined: each has a loop of its own, with the kind of target settled and all registers to itself. Most
    // runs are a page or two, so whether the page is in the remembered table is asked for each: that costs less than a loop around the loop.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Edit(nuint page, nuint end, RightsTarget target, ref FlushObligation owed)
    {
        do
        {
            nuint index = page - _firstPage.Value;
            if (index >= TFormat.Level(1).EntrySpan.Value)
            {
                if (!TryFindLeafTable(new PageNumber(page)))
                {
                    continue;
                }

                index = page - _firstPage.Value;
            }

            if (TFormat.EditRights(_tables.Memory, _table, (int)index, target) == EntryChange.Narrowed)
            {
                owed.Add(new PageNumber(page));
            }
        }
        while (++page != end);
    }

    private bool TryFindLeafTable(PageNumber page)
    {
        if (!_tables.TryFindLeafTable(page, out PhysicalAddress table))
        {
            return false;
        }

        _table = table;
        _firstPage = new PageNumber(page.Value & ~(TFormat.Level(1).EntrySpan.Value - 1));
        return true;
    }
}
