// The edits of a switch: many short runs of pages, one after the other, in tables that stay where they are.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Gives runs of pages other live rights without a walk for each: it remembers the leaf table it used last, which is the right one for nearly every run of a
/// switch. A page that is not mapped, or lies under a large page or a shared table, is passed over. It edits on the default <see cref="EditTerms"/>. It must not outlive a table: after a
/// <see cref="TableRelease{TFormat,TMemory}"/>, a split or a change of sharing in its set make a new one. A mutable value: keep it in one place.
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

    /// <summary>
    /// What <see cref="Set"/> does, if it takes no more than one store an entry, in the leaf table used last. Otherwise false: call that one, which is right
    /// whatever was done so far. To be inlined where a switch spends its time: there is no call in it, and it takes numbers for the registers' sake.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TrySet(nuint first, nuint end, LeafRights rights, ref FlushObligation owed)
    {
        nuint index = first - _firstPage.Value;
        nuint stop = end - _firstPage.Value;
        if (stop > TFormat.Level(1).EntrySpan.Value || index >= stop)
        {
            return false;
        }

        // Made anew from its number: a copy of the whole value would be kept in memory.
        PhysicalAddress table = new(_table.Value);
        do
        {
            uint taken = EntryAccess<TFormat>.SetInOneStore(_tables.Memory, table, (int)index, rights);
            if (taken != 0 && !TryOwe(taken, index, ref owed))
            {
                return false;
            }
        }
        while (++index != stop);

        return true;
    }

    /// <summary>What <see cref="Reset"/> does, under the conditions of <see cref="TrySet"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryReset(nuint first, nuint end, ref FlushObligation owed)
    {
        nuint index = first - _firstPage.Value;
        nuint stop = end - _firstPage.Value;
        if (stop > TFormat.Level(1).EntrySpan.Value || index >= stop)
        {
            return false;
        }

        PhysicalAddress table = new(_table.Value);
        do
        {
            uint taken = EntryAccess<TFormat>.ResetInOneStore(_tables.Memory, table, (int)index);
            if (taken != 0 && !TryOwe(taken, index, ref owed))
            {
                return false;
            }
        }
        while (++index != stop);

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool TryOwe(uint taken, nuint index, ref FlushObligation owed)
    {
        if (taken == EntryAccess.NotInOneStore)
        {
            return false;
        }

        owed.Add(new PageNumber(_firstPage.Value + index));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Edit(nuint page, nuint end, RightsTarget target, ref FlushObligation owed)
    {
        do
        {
            if (page - _firstPage.Value >= TFormat.Level(1).EntrySpan.Value && !TryFindLeafTable(new PageNumber(page)))
            {
                continue;
            }

            if (EntryAccess<TFormat>.EditRights(_tables.Memory, _table, (int)(page - _firstPage.Value), target, default) == EntryChange.MustFlush)
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
