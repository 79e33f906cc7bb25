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
        _narrowedThere = 0;
        _narrowedBack = 0;
        _isLaidOut = false;
    }

    /// <summary>After the first pass: gives each group its place. False when there are more stores than <see cref="StoreLimit"/>.</summary>
    public bool TryLayOut()
    {
        int start = 0;
        for (int index = 0; index < _groupCount; index++)
        {
            int count = _groups[index].End;
            _groups[index].End = (ushort)start;
            start += count;
        }

        _isLaidOut = true;
        return start <= StoreLimit;
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
            if ((seen & EntryBits.Present) == 0)
            {
                return false;
            }

            ulong wanted = EntryRights.Live<TFormat>(rights ?? EntryRights.DecodeBase(seen));
            if (!TryNoteEntry(in editor, index, seen, (seen ^ wanted) & EntryRights.LiveMask<TFormat>()))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryNoteEntry(in RightsEditor<TFormat, TMemory> editor, nuint index, ulong seen, ulong difference)
    {
        if (difference == 0)
        {
            return true;
        }

        // XD takes a right where the other bits give one.
        ulong allowed = seen ^ EntryBits.ExecuteDisable;
        bool takes = EntryConsequence.Narrows(seen, difference, default);
        bool gives = (~allowed & difference) != 0;
        if (!_isLaidOut)
        {
            _entryCount++;
            _narrowedThere += takes ? 1 : 0;
            _narrowedBack += gives ? 1 : 0;
            if (_entryCount > StoreLimit)
            {
                return false;
            }
        }

        Group group = new()
        {
            Table = editor.Table,
            FirstPage = editor.FirstPage,
            Narrows = (byte)((takes ? NarrowsThere : 0) | (gives ? NarrowsBack : 0)),
        };
        nuint offset = index * EntryByteCount;
        ulong changed = seen ^ difference;
        if (TFormat.EntryWidth == EntryWidth.Bits64)
        {
            group.Addend = (nuint)(changed - seen);
            return TryNoteWord(in group, offset);
        }

        bool isNoted = true;
        if ((uint)difference != 0)
        {
            group.Addend = (uint)changed - (uint)seen;
            isNoted = TryNoteWord(in group, offset);
            group.Narrows = 0;
        }

        if (difference >> 32 != 0)
        {
            group.Table += sizeof(uint);
            group.Addend = (uint)(changed >> 32) - (uint)(seen >> 32);
            isNoted &= TryNoteWord(in group, offset);
        }

        return isNoted;
    }

    private bool TryNoteWord(in Group wanted, nuint offset)
    {
        int index = 0;
        while (index < _groupCount && (_groups[index].Addend != wanted.Addend || _groups[index].Table != wanted.Table || _groups[index].Narrows != wanted.Narrows))
        {
            index++;
        }

        if (index == _groupCount)
        {
            if (_isLaidOut || index == GroupLimit)
            {
                return false;
            }

            _groups[index] = wanted;
            _groupCount++;
        }

        ref Group group = ref _groups[index];
        if (_isLaidOut)
        {
            _offsets[group.End] = (ushort)offset;
        }

        group.End++;
        return true;
    }
}
