// Leaves that are there only while user mode may use them: the edits of a set that must hold nothing else, because a processor may leak whatever is mapped.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Lets pages of a source set appear in a target set with other rights, and disappear from it. The target has leaf tables for these pages (<see cref="AddressSpace{TFormat,TMemory}.CreateCopy"/> or <see cref="AddressSpace{TFormat,TMemory}.MakeTables"/> made them), so nothing here can
/// fail; a page that the source doesn't map, or maps by a large page, is passed over. A mutable value: keep it in one place.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public readonly struct MappingEditor<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly AddressSpace<TFormat, TMemory> _source;
    private readonly AddressSpace<TFormat, TMemory> _target;

    /// <summary>An editor of <paramref name="target"/>, which takes what it maps from <paramref name="source"/>.</summary>
    public MappingEditor(AddressSpace<TFormat, TMemory> source, AddressSpace<TFormat, TMemory> target)
    {
        _source = source;
        _target = target;
    }

    /// <summary>The set that is edited.</summary>
    public AddressSpace<TFormat, TMemory> Tables => _target;

    /// <summary>Maps consecutive pages as the source does, with these live rights and the source's base rights. A page that is mapped already is unmapped first.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one; above <paramref name="first"/>.</param>
    /// <param name="rights">The rights.</param>
    /// <param name="owed">Gains the pages that were mapped before.</param>
    public void Show(PageNumber first, PageNumber end, LeafRights rights, ref FlushObligation owed)
    {
        const ulong SetByProcessor = EntryBits.Accessed | EntryBits.Dirty;
        ulong live = EntryRights.Live<TFormat>(rights);
        ulong granting = EntryBits.Writable | EntryBits.User | TFormat.ExecuteDisableBit;
        TableCursor<TFormat, TMemory> from = new(_source);
        TableCursor<TFormat, TMemory> to = new(_target);
        for (nuint number = first.Value; number != end.Value; number++)
        {
            PageNumber page = new(number);
            if (!TryFind(ref from, page, out PhysicalAddress sourceTable) || !TryFind(ref to, page, out PhysicalAddress table))
            {
                continue;
            }

            int index = TFormat.Level(0).IndexOf(page).Value;
            ulong entry = EntryAccess<TFormat>.Read(_source.Memory, sourceTable, index);
            if ((entry & EntryBits.Present) == 0)
            {
                continue;
            }

            if (EntryAccess<TFormat>.Remove(_target.Memory, table, index, default))
            {
                owed.Add(page);
            }

            EntryAccess<TFormat>.Appear(_target.Memory, table, index, (entry & ~(granting | SetByProcessor)) | live);
        }
    }

    /// <summary>Unmaps consecutive pages; their entries become 0, so that no address is left in them for a processor to guess by.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one; above <paramref name="first"/>.</param>
    /// <param name="owed">Gains the pages that were mapped.</param>
    public void Hide(PageNumber first, PageNumber end, ref FlushObligation owed)
    {
        TableCursor<TFormat, TMemory> to = new(_target);
        for (nuint number = first.Value; number != end.Value; number++)
        {
            PageNumber page = new(number);
            if (TryFind(ref to, page, out PhysicalAddress table)
                && EntryAccess<TFormat>.Remove(_target.Memory, table, TFormat.Level(0).IndexOf(page).Value, default))
            {
                owed.Add(page);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFind(ref TableCursor<TFormat, TMemory> cursor, PageNumber page, out PhysicalAddress table)
    {
        AddressSpace<TFormat, TMemory>.LeafPlace place = cursor.Find(page);
        table = place.Table;
        return place.Kind == AddressSpace<TFormat, TMemory>.LeafPlaceKind.LeafTable && !place.IsShared;
    }
}
