// Going back and forth between two states of many pages: what differs is worked out once, and what is left of an edit is an addition to each entry.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// The entries in which two states of the same tables differ in their live rights, and what is to be added to each to come from the one to the other. Nothing is read and nothing compared when it is applied, so it is good only while nobody
/// else edits those entries, the states take turns, and no table goes (see <see cref="RightsEditor{TFormat,TMemory}"/>). It works on the default <see cref="EditTerms"/>. A mutable value: keep it in one place.
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

    private const byte NarrowsThere = 1;
    private const byte NarrowsBack = 2;

    private GroupArray _groups;
    private OffsetArray _offsets;
    private int _groupCount;
    private int _entryCount;
    private int _narrowedThere;
    private int _narrowedBack;
    private bool _isLaidOut;

    [InlineArray(GroupLimit)]
    private struct GroupArray
    {
        private Group _first;
    }

    [InlineArray(StoreLimit)]
    private struct OffsetArray
    {
        private ushort _first;
    }

    /// <summary>Words of one table that get the same addend.</summary>
    private struct Group
    {
        /// <summary>Where the table's first entry has that word.</summary>
        public nuint Table;

        /// <summary>What is added on the way there, and subtracted on the way back.</summary>
        public nuint Addend;

        /// <summary>The first page that the table maps.</summary>
        public nuint FirstPage;

        /// <summary>Where its offsets end among all, which is where those of the next group begin; how many they are before the layout.</summary>
        public ushort End;

        /// <summary>On which ways these pages are flushed. A page whose two words change is flushed for one of them.</summary>
        public byte Narrows;
    }

    /// <summary>How many entries are stored to on either way.</summary>
    public readonly int EntryCount => _entryCount;

    /// <summary>From how many pages a right is taken.</summary>
    /// <param name="isBack">On the way back.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int NarrowedCount(bool isBack) => isBack ? _narrowedBack : _narrowedThere;

    /// <inheritdoc cref="RightsEditor{TFormat,TMemory}.Apply"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Apply(TMemory memory, bool isBack)
    {
        ref ushort offset = ref FirstOffset;
        ref Group group = ref FirstGroup;
        ref Group stop = ref Unsafe.Add(ref group, _groupCount);
        int start = 0;
        while (!Unsafe.AreSame(ref group, ref stop))
        {
            nuint table = group.Table;
            nuint addend = isBack ? 0 - group.Addend : group.Addend;
            int count = group.End - start;
            start = group.End;

            // In fours, because a turn of the loop costs more than a store.
            for (int rest = count & 3; rest != 0; rest--)
            {
                Add(memory, table + offset, addend);
                offset = ref Unsafe.Add(ref offset, 1);
            }

            for (int fours = count >> 2; fours != 0; fours--)
            {
                Add(memory, table + offset, addend);
                Add(memory, table + Unsafe.Add(ref offset, 1), addend);
                Add(memory, table + Unsafe.Add(ref offset, 2), addend);
                Add(memory, table + Unsafe.Add(ref offset, 3), addend);
                offset = ref Unsafe.Add(ref offset, 4);
            }

            group = ref Unsafe.Add(ref group, 1);
        }
    }

    /// <summary>Flushes the pages from which <see cref="RightsEditor{TFormat,TMemory}.Apply"/> takes a right, one by one.</summary>
    /// <param name="isBack">On the way back.</param>
    /// <param name="cache">The translation cache of this processor.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void FlushNarrowed<TCache>(bool isBack, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        byte way = isBack ? NarrowsBack : NarrowsThere;
        ref ushort first = ref FirstOffset;
        ref Group group = ref FirstGroup;
        ref Group stop = ref Unsafe.Add(ref group, _groupCount);
        int index = 0;
        while (!Unsafe.AreSame(ref group, ref stop))
        {
            if ((group.Narrows & way) != 0)
            {
                for (; index != group.End; index++)
                {
                    cache.FlushPage(new PageNumber(group.FirstPage + ((nuint)Unsafe.Add(ref first, index) / EntryByteCount)));
                }
            }

            index = group.End;
            group = ref Unsafe.Add(ref group, 1);
        }
    }

    private static nuint EntryByteCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)FormatGeometry<TFormat>.EntryByteCount;
    }

    // Reached by reference: an index that this type made itself needs no check in the loop in which a switch spends its time.
    private readonly ref ushort FirstOffset
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.As<OffsetArray, ushort>(ref Unsafe.AsRef(in _offsets));
    }

    private readonly ref Group FirstGroup
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.As<GroupArray, Group>(ref Unsafe.AsRef(in _groups));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TMemory memory, nuint word, nuint addend) => EntryAccess<TFormat>.Add(memory, new TableAddress(word), addend);
}
