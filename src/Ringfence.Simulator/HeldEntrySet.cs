// The set of held entries, found in three ways: by what they serve, by the entry in memory that they were read from, and by the table that they lead to.

using System;
using System.Numerics;

namespace Ringfence.Simulator;

/// <summary>
/// Held entries without duplicates. Of two that differ only in <see cref="HeldEntry.AccessedLost"/>, one whose bits include the other's is all that is kept: it outlasts
/// the other whatever is done.
/// </summary>
internal sealed class HeldEntrySet
{
    // Index 0 is no slot, so that zeroed arrays are empty chains.
    private Slot[] _slots;
    private int[] _servedHeads;
    private int[] _sourceHeads;
    private int[] _tableHeads;
    private int[] _translationCounts = new int[SourcePath.LevelLimit + 1];
    private int _firstFree;

    public HeldEntrySet()
        : this(new Slot[16], new int[16], new int[16], new int[16])
    {
    }

    private HeldEntrySet(Slot[] slots, int[] servedHeads, int[] sourceHeads, int[] tableHeads)
    {
        _slots = slots;
        _servedHeads = servedHeads;
        _sourceHeads = sourceHeads;
        _tableHeads = tableHeads;
    }

    /// <summary>Entries in all.</summary>
    public int Count { get; private set; }

    /// <summary>Slots are numbered from 1 to this, some of them empty.</summary>
    public int LastSlot { get; private set; }

    /// <summary>Whether a slot holds an entry.</summary>
    public bool IsOccupied(int slot) => _slots[slot].Entry.Level != 0;

    /// <summary>The entry in a slot. It may be changed in place only where that keeps the order of the set; see <see cref="Replace"/>.</summary>
    public ref readonly HeldEntry this[int slot] => ref _slots[slot].Entry;

    /// <summary>Whether there is any translation read from that level.</summary>
    public bool HasTranslations(int level) => _translationCounts[level] != 0;

    /// <summary>Adds an entry.</summary>
    /// <returns>False if the set has it, or one that outlasts it.</returns>
    public bool Add(in HeldEntry entry)
    {
        int slot = _servedHeads[ServedBucket(entry.Linear, entry.Level)];
        while (slot != 0)
        {
            int next = _slots[slot].NextServed;
            ref HeldEntry existing = ref _slots[slot].Entry;
            if (existing.IsSameAs(in entry))
            {
                if ((existing.AccessedLost | entry.AccessedLost) == existing.AccessedLost)
                {
                    return false;
                }

                if ((existing.AccessedLost | entry.AccessedLost) == entry.AccessedLost)
                {
                    Remove(slot);
                }
            }

            slot = next;
        }

        Insert(in entry);
        return true;
    }

    /// <summary>Takes an entry out. Other slots keep their numbers.</summary>
    public void Remove(int slot)
    {
        ref HeldEntry entry = ref _slots[slot].Entry;
        Unlink(ref _servedHeads[ServedBucket(entry.Linear, entry.Level)], slot, static (ref Slot link) => ref link.NextServed);
        if (entry.OwnSource != 0)
        {
            Unlink(ref _sourceHeads[SourceBucket(entry.OwnSource)], slot, static (ref Slot link) => ref link.NextOfSource);
        }

        if (entry.IsTranslation)
        {
            _translationCounts[entry.Level]--;
        }
        else
        {
            Unlink(ref _tableHeads[TableBucket(entry.Target)], slot, static (ref Slot link) => ref link.NextOfTable);
        }

        entry = default;
        _slots[slot].NextServed = _firstFree;
        _firstFree = slot;
        Count--;
    }

    /// <summary>Puts an entry with other lost bits in the place of one.</summary>
    public void Replace(int slot, byte accessedLost)
    {
        HeldEntry entry = _slots[slot].Entry;
        if (entry.AccessedLost == accessedLost)
        {
            return;
        }

        Remove(slot);
        entry.AccessedLost = accessedLost;
        Add(in entry);
    }

    /// <summary>The first slot that may serve an address at a level, or 0; others follow with <see cref="NextServing"/>.</summary>
    public int FirstServing(ulong linear, int level) => SkipOthers(_servedHeads[ServedBucket(linear, level)], linear, level);

    /// <summary>The next slot like this one, or 0.</summary>
    public int NextServing(int slot) => SkipOthers(_slots[slot].NextServed, _slots[slot].Entry.Linear, _slots[slot].Entry.Level);

    /// <summary>The first slot of an entry read from this address divided by 4, or 0; others follow with <see cref="NextFromSource"/>.</summary>
    public int FirstFromSource(uint source) => SkipOtherSources(_sourceHeads[SourceBucket(source)], source);

    /// <summary>The next slot like this one, or 0.</summary>
    public int NextFromSource(int slot) => SkipOtherSources(_slots[slot].NextOfSource, _slots[slot].Entry.OwnSource);

    /// <summary>The first slot of an upper entry that leads to a table, or 0; others follow with <see cref="NextLeadingTo"/>.</summary>
    public int FirstLeadingTo(ulong table) => SkipOtherTables(_tableHeads[TableBucket(table)], table);

    /// <summary>The next slot like this one, or 0.</summary>
    public int NextLeadingTo(int slot) => SkipOtherTables(_slots[slot].NextOfTable, _slots[slot].Entry.Target);

    /// <summary>A copy.</summary>
    public HeldEntrySet Clone() =>
        new((Slot[])_slots.Clone(), (int[])_servedHeads.Clone(), (int[])_sourceHeads.Clone(), (int[])_tableHeads.Clone())
        {
            _translationCounts = (int[])_translationCounts.Clone(),
            _firstFree = _firstFree,
            Count = Count,
            LastSlot = LastSlot,
        };

    /// <summary>Takes everything out.</summary>
    public void Clear()
    {
        Array.Clear(_slots, 0, LastSlot + 1);
        Array.Clear(_servedHeads);
        Array.Clear(_sourceHeads);
        Array.Clear(_tableHeads);
        Array.Clear(_translationCounts);
        _firstFree = 0;
        Count = 0;
        LastSlot = 0;
    }

    /// <summary>All entries in their order.</summary>
    public HeldEntry[] ToSortedArray()
    {
        HeldEntry[] entries = new HeldEntry[Count];
        int count = 0;
        for (int slot = 1; slot <= LastSlot; slot++)
        {
            if (IsOccupied(slot))
            {
                entries[count++] = _slots[slot].Entry;
            }
        }

        Array.Sort(entries, static (left, right) => left.CompareTo(in right));
        return entries;
    }

    private static int Mix(ulong value, int bucketCount) =>
        (int)((value * 0x9E37_79B9_7F4A_7C15) >> (64 - BitOperations.Log2((uint)bucketCount)));

    private int ServedBucket(ulong linear, int level) => Mix((linear >> 12) ^ ((ulong)level << 56), _servedHeads.Length);

    private int SourceBucket(uint source) => Mix(source, _sourceHeads.Length);

    private int TableBucket(ulong table) => Mix(table >> 12, _tableHeads.Length);

    private int SkipOthers(int slot, ulong linear, int level)
    {
        while (slot != 0 && (_slots[slot].Entry.Linear != linear || _slots[slot].Entry.Level != level))
        {
            slot = _slots[slot].NextServed;
        }

        return slot;
    }

    private int SkipOtherSources(int slot, uint source)
    {
        while (slot != 0 && _slots[slot].Entry.OwnSource != source)
        {
            slot = _slots[slot].NextOfSource;
        }

        return slot;
    }

    private int SkipOtherTables(int slot, ulong table)
    {
        while (slot != 0 && _slots[slot].Entry.Target != table)
        {
            slot = _slots[slot].NextOfTable;
        }

        return slot;
    }

    private void Insert(in HeldEntry entry)
    {
        HeldEntry inserted = entry;
        int slot = _firstFree;
        if (slot != 0)
        {
            _firstFree = _slots[slot].NextServed;
        }
        else
        {
            if (LastSlot + 1 == _slots.Length)
            {
                Grow();
            }

            slot = ++LastSlot;
        }

        _slots[slot].Entry = inserted;
        Link(slot);
        Count++;
        if (inserted.IsTranslation)
        {
            _translationCounts[inserted.Level]++;
        }
    }

    private void Link(int slot)
    {
        ref Slot linked = ref _slots[slot];
        ref int served = ref _servedHeads[ServedBucket(linked.Entry.Linear, linked.Entry.Level)];
        linked.NextServed = served;
        served = slot;
        if (linked.Entry.OwnSource != 0)
        {
            ref int source = ref _sourceHeads[SourceBucket(linked.Entry.OwnSource)];
            linked.NextOfSource = source;
            source = slot;
        }

        if (!linked.Entry.IsTranslation)
        {
            ref int table = ref _tableHeads[TableBucket(linked.Entry.Target)];
            linked.NextOfTable = table;
            table = slot;
        }
    }

    private void Unlink(ref int head, int slot, NextLink next)
    {
        ref int link = ref head;
        while (link != slot)
        {
            link = ref next(ref _slots[link]);
        }

        link = next(ref _slots[slot]);
    }

    private void Grow()
    {
        // Only a full array grows, so every slot is occupied.
        int size = _slots.Length * 2;
        Array.Resize(ref _slots, size);
        _servedHeads = new int[size];
        _sourceHeads = new int[size];
        _tableHeads = new int[size];
        for (int slot = 1; slot <= LastSlot; slot++)
        {
            Link(slot);
        }
    }

    private delegate ref int NextLink(ref Slot slot);

    private struct Slot
    {
        public HeldEntry Entry;
        public int NextServed;
        public int NextOfSource;
        public int NextOfTable;
    }
}
