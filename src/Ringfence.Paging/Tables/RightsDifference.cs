// Going back and forth between two states of many pages: what differs is worked out once, and what is left of an edit is an addition to each entry.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// The entries in which two states of the same tables differ in their live rights, and what is to be added to each to come from the one that the tables are in to the other. Nothing is read and nothing compared when it is applied, so it is
/// good only while nobody else edits those entries, and while no table goes (see <see cref="RightsEditor{TFormat,TMemory}"/>). It works on the default <see cref="EditTerms"/>. A mutable value: keep it in one place.
/// <para>It is filled in two passes over the same pages: <see cref="Begin"/>, <see cref="TryNote"/> for all of them, <see cref="TryLayOut"/>, <see cref="TryNote"/> for all of them again.</para>
/// </summary>
/// <remarks>
/// Entries that get the same addend are one group, in whatever places they are: a number of 16 bits each. An entry of two words whose words both change is in two groups, and between the two stores a walk may meet a mixture. That gives no
/// right which neither state gives and no flush removes: a bit in which it goes beyond the new state was taken from the old one, and a page from which something was taken is flushed.
/// </remarks>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public partial struct RightsDifference<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    /// <summary>Stores that there is room for: one an entry, or two where both words of an entry change.</summary>
    public const int StoreLimit = 128;

    private const int GroupLimit = 8;

    private GroupArray _groups;
    private IndexArray _indexes;

    // Pages from which a right is taken: first those on the way there, then those on the way back. What is beyond the crossover is only counted.
    private PageArray _narrowed;
    private CountPair _narrowedCounts;
    private byte _groupCount;
    private byte _entryCount;
    private bool _isLaidOut;

    // 0 before the way there, 1 before the way back.
    private byte _way;

    [InlineArray(GroupLimit)]
    private struct GroupArray
    {
        private Group _first;
    }

    [InlineArray(StoreLimit)]
    private struct IndexArray
    {
        private ushort _first;
    }

    [InlineArray(2 * FlushObligation.WholeSetCrossoverPageCount)]
    private struct PageArray
    {
        private PageNumber _first;
    }

    [InlineArray(2)]
    private struct CountPair
    {
        private byte _first;
    }

    /// <summary>Words of one table that get the same addend.</summary>
    private struct Group
    {
        /// <summary>Where the table's first entry has that word.</summary>
        public nuint Table;

        /// <summary>What is added next.</summary>
        public nuint Addend;

        /// <summary>How many they are. Their indexes follow those of the group before.</summary>
        public byte Count;

        /// <summary>While they are put in their places: where the next one goes.</summary>
        public byte Next;
    }

    /// <summary>How many entries are stored to on either way.</summary>
    public readonly nuint EntryCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _entryCount;
    }

    /// <summary>Flushes the pages from which the last <see cref="RightsEditor{TFormat,TMemory}.Apply"/> took a right.</summary>
    /// <param name="others">How many pages more the caller has to flush.</param>
    /// <param name="cache">The translation cache of this processor.</param>
    /// <returns>Whether they are so many, together with those, that everything was flushed (<see cref="FlushObligation.WholeSetCrossoverPageCount"/>).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool FlushNarrowed<TCache>(nuint others, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        nuint lastWay = (nuint)_way ^ 1;
        nuint count = Unsafe.Add(ref Unsafe.As<CountPair, byte>(ref Unsafe.AsRef(in _narrowedCounts)), lastWay);
        if (count + others > FlushObligation.WholeSetCrossoverPageCount)
        {
            cache.FlushAll();
            return true;
        }

        ref PageNumber page = ref Unsafe.Add(ref Unsafe.As<PageArray, PageNumber>(ref Unsafe.AsRef(in _narrowed)), lastWay * FlushObligation.WholeSetCrossoverPageCount);
        if ((count & 1) != 0)
        {
            cache.FlushPage(page);
            page = ref Unsafe.Add(ref page, 1);
        }

        if ((count & 2) != 0)
        {
            cache.FlushPage(page);
            cache.FlushPage(Unsafe.Add(ref page, 1));
            page = ref Unsafe.Add(ref page, 2);
        }

        for (count >>= 2; count != 0; count--)
        {
            cache.FlushPage(page);
            cache.FlushPage(Unsafe.Add(ref page, 1));
            cache.FlushPage(Unsafe.Add(ref page, 2));
            cache.FlushPage(Unsafe.Add(ref page, 3));
            page = ref Unsafe.Add(ref page, 4);
        }

        return false;
    }

    /// <inheritdoc cref="RightsEditor{TFormat,TMemory}.Apply"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Apply(TMemory memory)
    {
        // Reached by reference: an index that this type made itself needs no check in the loop in which a switch spends its time.
        ref ushort index = ref Unsafe.As<IndexArray, ushort>(ref _indexes);
        ref Group group = ref Unsafe.As<GroupArray, Group>(ref _groups);
        for (int left = _groupCount; left != 0; left--)
        {
            nuint table = group.Table;
            nuint addend = group.Addend;
            group.Addend = 0 - addend;
            uint count = group.Count;
            group = ref Unsafe.Add(ref group, 1);

            // In fours, because a turn of the loop costs more than a store.
            if ((count & 1) != 0)
            {
                Add(memory, table, index, addend);
                index = ref Unsafe.Add(ref index, 1);
            }

            if ((count & 2) != 0)
            {
                Add(memory, table, index, addend);
                Add(memory, table, Unsafe.Add(ref index, 1), addend);
                index = ref Unsafe.Add(ref index, 2);
            }

            for (count >>= 2; count != 0; count--)
            {
                Add(memory, table, index, addend);
                Add(memory, table, Unsafe.Add(ref index, 1), addend);
                Add(memory, table, Unsafe.Add(ref index, 2), addend);
                Add(memory, table, Unsafe.Add(ref index, 3), addend);
                index = ref Unsafe.Add(ref index, 4);
            }
        }

        _way ^= 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TMemory memory, nuint table, nuint index, nuint addend) =>
        EntryAccess<TFormat>.Add(memory, new TableAddress(table + (index * (nuint)FormatGeometry<TFormat>.EntryByteCount)), addend);
}
