// Going back and forth between two states of many pages: what differs is worked out once, and what is left of an edit is an addition to each entry.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// The entries in which two states of the same tables differ in their live rights, and what is to be added to each to come from the one that the tables are in to the other. Nothing is read and nothing compared when it is applied, so it is
/// good only while nobody else edits those entries, and while no table goes (see <see cref="RightsEditor{TFormat,TMemory}"/>). It works on the default <see cref="EditTerms"/>. A mutable value: keep it in one place.
/// <para>It is filled in two passes over the same pages: <see cref="Begin"/>, <see cref="TryNote"/> for all of them, <see cref="TryLayOut"/>, <see cref="TryNote"/> for all of them again.</para>
/// </summary>
/// <remarks>
/// Entries that get the same addend are one group, in whatever places they are: an address of 32 bits each, and a table beyond those has no difference. An entry of two words whose words both change is in two groups, and between the two stores a walk may meet a mixture. That gives no
/// right which neither state gives and no flush removes: a bit in which it goes beyond the new state was taken from the old one, and a page from which something was taken is flushed.
/// </remarks>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public partial struct RightsDifference<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    /// <summary>Stores that there is room for: one an entry, or two where both words of an entry change.</summary>
    public const int StoreLimit = 112;

    private const int GroupLimit = 8;

    private GroupArray _groups;
    private WordArray _words;

    // Pages from which a right is taken: those when the one side is left, then those when the other is. What is beyond the crossover is only counted.
    private PageArray _narrowed;
    private CountPair _narrowedCounts;
    private byte _groupCount;
    private byte _entryCount;
    private bool _isLaidOut;

    // The side that the tables were on when it was filled.
    private byte _firstSide;

    [InlineArray(GroupLimit)]
    private struct GroupArray
    {
        private Group _first;
    }

    [InlineArray(StoreLimit)]
    private struct WordArray
    {
        private uint _first;
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

    /// <summary>Words that get the same addend.</summary>
    private struct Group
    {
        /// <summary>What is added next.</summary>
        public nuint Addend;

        /// <summary>How many they are. They follow those of the group before.</summary>
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

    /// <summary>Flushes the pages from which <see cref="RightsEditor{TFormat,TMemory}.Apply"/> took a right.</summary>
    /// <param name="side">The side that was left with it.</param>
    /// <param name="others">How many pages more the caller has to flush.</param>
    /// <param name="cache">The translation cache of this processor.</param>
    /// <returns>Whether they are so many, together with those, that everything was flushed (<see cref="FlushObligation.WholeSetCrossoverPageCount"/>).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool FlushNarrowed<TCache>(int side, nuint others, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        nuint count = Unsafe.Add(ref Unsafe.As<CountPair, byte>(ref Unsafe.AsRef(in _narrowedCounts)), side);
        if (count + others > FlushObligation.WholeSetCrossoverPageCount)
        {
            cache.FlushAll();
            return true;
        }

        ref PageNumber page = ref Unsafe.Add(ref Unsafe.As<PageArray, PageNumber>(ref Unsafe.AsRef(in _narrowed)), side * FlushObligation.WholeSetCrossoverPageCount);
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
        ref uint word = ref Unsafe.As<WordArray, uint>(ref _words);
        ref Group group = ref Unsafe.As<GroupArray, Group>(ref _groups);
        for (int left = _groupCount; left != 0; left--)
        {
            nuint addend = group.Addend;
            group.Addend = 0 - addend;
            uint count = group.Count;
            group = ref Unsafe.Add(ref group, 1);

            // In fours, because a turn of the loop costs more than a store.
            if ((count & 1) != 0)
            {
                Add(memory, word, addend);
                word = ref Unsafe.Add(ref word, 1);
            }

            if ((count & 2) != 0)
            {
                Add(memory, word, addend);
                Add(memory, Unsafe.Add(ref word, 1), addend);
                word = ref Unsafe.Add(ref word, 2);
            }

            for (count >>= 2; count != 0; count--)
            {
                Add(memory, word, addend);
                Add(memory, Unsafe.Add(ref word, 1), addend);
                Add(memory, Unsafe.Add(ref word, 2), addend);
                Add(memory, Unsafe.Add(ref word, 3), addend);
                word = ref Unsafe.Add(ref word, 4);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TMemory memory, uint word, nuint addend) => EntryAccess<TFormat>.Add(memory, new TableAddress((nuint)word), addend);
}
