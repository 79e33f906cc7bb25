// Working out where two states differ: once to see how many entries get the same addend, and once to put them beside one another.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <content>Filling it.</content>
public partial struct RightsDifference<TFormat, TMemory>
{
    /// <summary>Forgets what there was, and counts from here on.</summary>
    public void Begin()
    {
        _groupCount = 0;
        _entryCount = 0;
        _narrowedCounts = default;
        _isLaidOut = false;
        _way = 0;
    }

    /// <summary>After the first pass: gives each group its place. False when there are more stores than <see cref="StoreLimit"/>.</summary>
    public bool TryLayOut()
    {
        int start = 0;
        for (int index = 0; index < _groupCount; index++)
        {
            _groups[index].Next = (byte)start;
            start += _groups[index].Count;
            if (start > StoreLimit)
            {
                return false;
            }
        }

        _isLaidOut = true;
        return true;
    }

    /// <summary>Notes pages and the rights that they have in the other state. The tables are in the first one.</summary>
    /// <param name="editor">An editor of the tables.</param>
    /// <param name="first">The first page.</param>
    /// <param name="end">The page after the last one.</param>
    /// <param name="rights">Their live rights in the other state; their base rights for none.</param>
    /// <returns>False when there is no room for the difference, or a page has no leaf that the editor edits: this can't be used then.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryNote(ref RightsEditor<TFormat, TMemory> editor, PageNumber first, PageNumber end, LeafRights? rights)
    {
        for (nuint page = first.Value; page != end.Value; page++)
        {
            if (!editor.TryReach(page))
            {
                return false;
            }

            nuint index = page - editor.FirstPage;
            ulong seen = EntryAccess<TFormat>.Read(editor.Tables.Memory, new PhysicalAddress(editor.Table), (int)index);
            ulong wanted = EntryRights.Live<TFormat>(rights ?? EntryRights.DecodeBase(seen));
            ulong difference = (seen ^ wanted) & EntryRights.LiveMask<TFormat>();
            if ((seen & EntryBits.Present) == 0 || (difference != 0 && !TryNoteEntry(editor.Table, index, seen, difference)))
            {
                return false;
            }

            if (!_isLaidOut)
            {
                // XD takes a right where the other bits give one.
                NoteNarrowed(0, new PageNumber(page), (seen ^ EntryBits.ExecuteDisable) & difference);
                NoteNarrowed(1, new PageNumber(page), ~(seen ^ EntryBits.ExecuteDisable) & difference);
            }
        }

        return true;
    }

    private void NoteNarrowed(int way, PageNumber page, ulong taken)
    {
        if (taken == 0)
        {
            return;
        }

        int count = _narrowedCounts[way]++;
        if (count < FlushObligation.WholeSetCrossoverPageCount)
        {
            _narrowed[(way * FlushObligation.WholeSetCrossoverPageCount) + count] = page;
        }
    }

    private bool TryNoteEntry(nuint table, nuint index, ulong seen, ulong difference)
    {
        if (!_isLaidOut)
        {
            if (_entryCount == StoreLimit)
            {
                return false;
            }

            _entryCount++;
        }

        ulong changed = seen ^ difference;
        if (TFormat.EntryWidth == EntryWidth.Bits64)
        {
            return TryNoteWord(table, (nuint)(changed - seen), index);
        }

        // XD alone is a difference that domains hardly have, and one more kind of group.
        return (uint)difference != 0
            && TryNoteWord(table, (uint)changed - (uint)seen, index)
            && (difference >> 32 == 0 || TryNoteWord(table + sizeof(uint), (uint)(changed >> 32) - (uint)(seen >> 32), index));
    }

    private bool TryNoteWord(nuint table, nuint addend, nuint index)
    {
        int number = 0;
        while (number < _groupCount && (_groups[number].Addend != addend || _groups[number].Table != table))
        {
            number++;
        }

        if (number == _groupCount)
        {
            if (_isLaidOut || number == GroupLimit)
            {
                return false;
            }

            _groups[number] = new Group { Table = table, Addend = addend };
            _groupCount++;
        }

        ref Group group = ref _groups[number];
        if (_isLaidOut)
        {
            _indexes[group.Next++] = (ushort)index;
        }
        else
        {
            group.Count++;
        }

        return true;
    }
}
