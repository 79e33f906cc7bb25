// The edits of a switch: many short runs of pages, one after the other, in tables that stay where they are.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Gives runs of pages other live rights without a walk for each: it remembers the leaf table it used last, which is the right one for nearly every run of a
/// switch. A page that is not mapped, or lies under a large page or a shared table, is passed over. It edits on the default <see cref="EditTerms"/>. It must not outlive a table: after a
/// <see cref="TableRelease{TFormat,TMemory}"/> or a split in its set make a new one. A mutable value: keep it in one place.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public struct RightsEditor<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly AddressSpace<TFormat, TMemory> _tables;

    // The leaf table used last, as a number of the processor's own width for the loops' sake, and the first page it maps. Without one, the first page is so far up that no page is within a
    // table's span of it.
    private nuint _firstPage;
    private nuint _table;

    /// <summary>An editor of these tables.</summary>
    public RightsEditor(AddressSpace<TFormat, TMemory> tables)
    {
        _tables = tables;
        _firstPage = NoTable;
    }

    /// <summary>An editor of one leaf table, which may be linked or not; with one that is not, nothing is walked. It edits pages of that table only.</summary>
    /// <param name="tables">The tables in whose memory it is.</param>
    /// <param name="page">A page that the table maps, where it is linked.</param>
    /// <param name="table">The table.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RightsEditor(AddressSpace<TFormat, TMemory> tables, PageNumber page, TableAddress table)
    {
        _tables = tables;
        _firstPage = page.Value & ~(Span - 1);
        _table = table.Value;
    }

    /// <summary>The tables.</summary>
    public readonly AddressSpace<TFormat, TMemory> Tables => _tables;

    private static nuint Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.Level(1).EntrySpan.Value;
    }

    private static nuint NoTable => nuint.MaxValue - Span;

    private static nuint EntryByteCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)FormatGeometry<TFormat>.EntryByteCount;
    }

    /// <summary>Gives consecutive pages these live rights; their base rights stay.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one; above <paramref name="first"/>.</param>
    /// <param name="rights">The rights.</param>
    /// <param name="owed">Gains the pages of which a right was taken.</param>
    public void Set(PageNumber first, PageNumber end, LeafRights rights, ref FlushObligation owed) =>
        Edit(first.Value, end.Value, EntryAccess<TFormat>.Prepare(rights), fromBase: false, ref owed);

    /// <summary>Gives consecutive pages their base rights again.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one; above <paramref name="first"/>.</param>
    /// <param name="owed">Gains the pages of which a right was taken.</param>
    public void Reset(PageNumber first, PageNumber end, ref FlushObligation owed) =>
        Edit(first.Value, end.Value, 0, fromBase: true, ref owed);

    /// <summary>What <see cref="Set"/> does, for a run of a few pages that is likely in the leaf table used last: <see cref="TrySet"/> first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetShortRun(PageRange pages, LeafRights rights, ref FlushObligation owed)
    {
        if (!TrySet(pages.First.Value, pages.End.Value, rights, ref owed))
        {
            Set(pages.First, pages.End, rights, ref owed);
        }
    }

    /// <summary>What <see cref="Reset"/> does, for such a run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ResetShortRun(PageRange pages, ref FlushObligation owed)
    {
        if (!TryReset(pages.First.Value, pages.End.Value, ref owed))
        {
            Reset(pages.First, pages.End, ref owed);
        }
    }

    /// <summary>
    /// What <see cref="Set"/> does, if it takes no more than one store an entry, in the leaf table used last. Otherwise false: call that one, which is right
    /// whatever was done so far. To be inlined where a switch spends its time: there is no call in it, and it takes numbers for the registers' sake.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TrySet(nuint first, nuint end, LeafRights rights, ref FlushObligation owed)
    {
        nuint index = first - _firstPage;
        nuint stop = end - _firstPage;
        if (stop > Span || index >= stop)
        {
            return false;
        }

        nuint entry = _table + (index * EntryByteCount);
        stop = _table + (stop * EntryByteCount);
        nuint prepared = EntryAccess<TFormat>.Prepare(rights);
        do
        {
            nuint taken = EntryAccess<TFormat>.SetInOneStore(_tables.Memory, new TableAddress(entry), prepared);
            if (taken != 0 && !TryOwe(taken, entry, ref owed))
            {
                return false;
            }

            entry += EntryByteCount;
        }
        while (entry != stop);

        return true;
    }

    /// <summary>What <see cref="Reset"/> does, under the conditions of <see cref="TrySet"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryReset(nuint first, nuint end, ref FlushObligation owed)
    {
        nuint index = first - _firstPage;
        nuint stop = end - _firstPage;
        if (stop > Span || index >= stop)
        {
            return false;
        }

        nuint entry = _table + (index * EntryByteCount);
        stop = _table + (stop * EntryByteCount);
        do
        {
            nuint taken = EntryAccess<TFormat>.ResetInOneStore(_tables.Memory, new TableAddress(entry));
            if (taken != 0 && !TryOwe(taken, entry, ref owed))
            {
                return false;
            }

            entry += EntryByteCount;
        }
        while (entry != stop);

        return true;
    }

    /// <summary>
    /// The entry of the first of some pages, if all of them lie in one leaf table and have <see cref="LeafRights.SupervisorRead"/>, so that one addition to each entry gives user mode what <see cref="Grant"/> says.
    /// </summary>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one.</param>
    /// <param name="entry">Where it is; 0 after the answer false.</param>
    public bool TryFindUngranted(nuint first, nuint end, out nuint entry)
    {
        entry = 0;
        if (!TryReach(first))
        {
            return false;
        }

        nuint index = first - _firstPage;
        nuint stop = end - _firstPage;
        if (stop > Span || index >= stop)
        {
            return false;
        }

        for (nuint other = index; other != stop; other++)
        {
            if (!EntryAccess<TFormat>.IsSupervisorRead(_tables.Memory, new TableAddress(_table + (other * EntryByteCount))))
            {
                return false;
            }
        }

        entry = _table + (index * EntryByteCount);
        return true;
    }

    /// <summary>Gives a page <see cref="LeafRights.UserReadWrite"/> in the place of <see cref="LeafRights.SupervisorRead"/>, which it must have: its entry isn't looked at.</summary>
    /// <param name="entry">What <see cref="TryFindUngranted"/> said, or an entry that follows it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Grant(nuint entry) => EntryAccess<TFormat>.Add(_tables.Memory, new TableAddress(entry), (nuint)(EntryBits.Writable | EntryBits.User));

    /// <summary>Takes from a page what <see cref="Grant"/> gave it. It is owed a flush.</summary>
    /// <param name="entry">Its entry.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void TakeBack(nuint entry) => EntryAccess<TFormat>.Add(_tables.Memory, new TableAddress(entry), unchecked(0 - (nuint)(EntryBits.Writable | EntryBits.User)));

    /// <summary>The same for a caller who gathers what is owed.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="page">The page.</param>
    /// <param name="owed">Gains the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void TakeBack(nuint entry, PageNumber page, ref FlushObligation owed)
    {
        TakeBack(entry);
        owed.Add(page);
    }

    /// <summary>The entry of the page after that of an entry, in the same table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint EntryAfter(nuint entry) => entry + EntryByteCount;

    /// <summary>
    /// Makes the tables those of the other of two states, and the difference that of the way back. What is owed, <see cref="RightsDifference{TFormat,TMemory}.FlushNarrowed"/> does.
    /// </summary>
    /// <param name="difference">The difference of the state that the tables are in and the other one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Apply(ref RightsDifference<TFormat, TMemory> difference) => difference.Apply(_tables.Memory);

    /// <summary>Where the leaf table used last is.</summary>
    internal readonly nuint Table => _table;

    /// <summary>The first page that it maps.</summary>
    internal readonly nuint FirstPage => _firstPage;

    /// <summary>Makes the leaf table of all these pages the one used last. False where they have none in common that may be edited.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReach(PageRange pages) => !pages.IsEmpty && TryReach(pages.First.Value) && pages.End.Value - _firstPage <= Span;

    /// <summary>Makes the leaf table of a page the one used last. False where there is none that may be edited.</summary>
    internal bool TryReach(nuint page) => page - _firstPage < Span || TryFindLeafTable(new PageNumber(page));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool TryOwe(nuint taken, nuint entry, ref FlushObligation owed)
    {
        if (taken == EntryAccess.NotInOneStore)
        {
            return false;
        }

        owed.Add(new PageNumber(_firstPage + ((entry - _table) / EntryByteCount)));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Edit(nuint page, nuint end, nuint prepared, bool fromBase, ref FlushObligation owed)
    {
        do
        {
            if (!TryReach(page))
            {
                continue;
            }

            TableAddress entry = new(_table + ((page - _firstPage) * EntryByteCount));
            nuint taken = fromBase
                ? EntryAccess<TFormat>.Reset(_tables.Memory, entry)
                : EntryAccess<TFormat>.Set(_tables.Memory, entry, prepared);
            if (taken != 0 && taken != EntryAccess.NotInOneStore)
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

        _table = (nuint)table.Value;
        _firstPage = page.Value & ~(Span - 1);
        return true;
    }
}
