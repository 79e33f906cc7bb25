// Working out where two states differ: once to see how many entries get the same addend, and once to put them beside one another.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <content>Filling it.</content>
public partial struct RightsDifference<TFormat, TMemory>
{
    /// <summary>Forgets what there was, and counts from here on.</summary>
    /// <param name="side">The number, 0 or 1, by which <see cref="FlushNarrowed"/> will be told of the state that the tables are in; the other state has the other one.</param>
    public void Begin(int side)
    {
        _groupCount = 0;
        _entryCount = 0;
        _narrowedCounts = default;
        _isLaidOut = false;
        _firstSide = (byte)side;
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
            if ((seen & EntryBits.Present) == 0 || (difference != 0 && !TryNoteEntry(editor.Table + (index * (nuint)FormatGeometry<TFormat>.EntryByteCount), seen, difference)))
            {
                return false;
            }

            if (!_isLaidOut)
            {
                // XD takes a right where the other bits give one.
                NoteNarrowed(_firstSide, new PageNumber(page), (seen ^ EntryBits.ExecuteDisable) & difference);
                NoteNarrowed(_firstSide ^ 1, new PageNumber(page), ~(seen ^ EntryBits.ExecuteDisable) & difference);
            }
        }

        return true;
    }

    private void NoteNarrowed(int side, PageNumber page, ulong taken)
    {
        if (taken == 0)
        {
            return;
        }

        int count = _narrowedCounts[side]++;
        if (count < FlushObligation.WholeSetCrossoverPageCount)
        {
            _narrowed[(side * FlushObligation.WholeSetCrossoverPageCount) + count] = page;
        }
    }

    private bool TryNoteEntry(nuint entry, ulong seen, ulong difference)
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
            return TryNoteWord(entry, (nuint)(changed - seen));
        }

        // XD alone is a difference that domains hardly have, and one more kind of group.
        return (uint)difference != 0
            && TryNoteWord(entry, (uint)changed - (uint)seen)
            && (difference >> 32 == 0 || TryNoteWord(entry + sizeof(uint), (uint)(changed >> 32) - (uint)(seen >> 32)));
    }

    private bool TryNoteWord(nuint word, nuint addend)
    {
        int number = 0;
        while (number < _groupCount && _groups[number].Addend != addend)
        {
            number++;
        }

        if (number == _groupCount)
        {
            if (_isLaidOut || number == GroupLimit)
            {
                return false;
            }

            _groups[number] = new Group { Addend = addend };
            _groupCount++;
        }

        ref Group group = ref _groups[number];
        if (_isLaidOut)
        {
            _words[group.Next++] = (uint)word;
        }
        else
        {
            group.Count++;
        }

        return word <= uint.MaxValue;
    }
}
