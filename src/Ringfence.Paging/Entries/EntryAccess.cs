// Entries of every width under one set of names. The width is a constant of the format, so each method is one of its branches when compiled.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Answers that all formats share.</summary>
internal static class EntryAccess
{
    /// <summary>An answer of <see cref="EntryAccess{TFormat}.SetInOneStore"/> that no set of rights bits equals.</summary>
    public static nuint NotInOneStore => nuint.MaxValue;
}

/// <summary>Reads and writes entries of a format.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class EntryAccess<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>Reads entry <paramref name="index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        TFormat.EntryWidth switch
        {
            EntryWidth.Bits32 => memory.Read32(new TableAddress(table), index),
            EntryWidth.Bits64 => memory.Read64(new TableAddress(table), index),
            _ => SplitEntry64.Read(memory, new TableAddress(table), index),
        };

    /// <summary>Fills an entry that is not present. A walk meets either no entry or all of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Appear<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong value)
        where TMemory : struct, ITableMemory
    {
        switch (TFormat.EntryWidth)
        {
            case EntryWidth.Bits32:
                memory.Write32(new TableAddress(table), index, (uint)value);
                break;
            case EntryWidth.Bits64:
                memory.Write64(new TableAddress(table), index, value);
                break;
            default:
                SplitEntry64.Appear(memory, new TableAddress(table), index, value);
                break;
        }
    }

    /// <summary>
    /// Makes an entry 0. A walk meets either all of it or no entry. Where the processor promises something about A, the entry is taken out in a locked operation, so that an A bit set at the
    /// last moment is seen.
    /// </summary>
    /// <returns>Whether a translation that a processor may hold must go.</returns>
    public static bool Remove<TMemory>(TMemory memory, PhysicalAddress table, int index, EditTerms terms)
        where TMemory : struct, ITableMemory
    {
        ulong seen = Read(memory, table, index);
        if ((seen & EntryBits.Present) == 0)
        {
            return false;
        }

        if (!terms.HoldsOnlyAccessed)
        {
            Disappear(memory, table, index);
            return true;
        }

        while (true)
        {
            ulong found = CompareExchange(memory, table, index, 0, seen);
            if (found == seen)
            {
                return EntryConsequence.MustFlush(narrows: true, found, terms);
            }

            seen = found;
        }
    }

    /// <summary>Makes an entry 0. A walk meets either all of it or no entry.</summary>
    public static void Disappear<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory
    {
        switch (TFormat.EntryWidth)
        {
            case EntryWidth.Bits32:
                memory.Write32(new TableAddress(table), index, 0);
                break;
            case EntryWidth.Bits64:
                memory.Write64(new TableAddress(table), index, 0);
                break;
            default:
                SplitEntry64.Disappear(memory, new TableAddress(table), index);
                break;
        }
    }

    /// <summary>Puts another entry in the place of one, if that still holds <paramref name="seen"/>; in one store. Returns what it held.</summary>
    public static ulong CompareExchange<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong value, ulong seen)
        where TMemory : struct, ITableMemory =>
        TFormat.EntryWidth == EntryWidth.Bits32
            ? memory.CompareExchange32(new TableAddress(table), index, (uint)value, (uint)seen)
            : memory.CompareExchange64(new TableAddress(table), index, value, seen);

    /// <summary>Gives a leaf its target rights in one locked operation, and only if its bits differ. An absent entry is left alone.</summary>
    /// <returns>Whether a translation that a processor may hold must go.</returns>
    public static bool EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target, EditTerms terms)
        where TMemory : struct, ITableMemory =>
        TFormat.EntryWidth switch
        {
            EntryWidth.Bits32 => Entry32.EditRights(memory, new TableAddress(table), index, target, terms),
            EntryWidth.Bits64 => Entry64.EditRights(memory, new TableAddress(table), index, target, terms),
            _ => SplitEntry64.EditRights(memory, new TableAddress(table), index, target, terms),
        };

    /// <summary>
    /// Gives the leaf at <paramref name="entry"/> these live rights where one store of a word at most does it, and says which rights that took: small enough for the loop in
    /// which a switch spends its time.
    /// </summary>
    /// <param name="memory">The table memory.</param>
    /// <param name="entry">The entry's address.</param>
    /// <param name="prepared">The rights as <see cref="Prepare"/> makes them, once for a whole run.</param>
    /// <returns>Bits for what was taken, 0 when nothing was; <see cref="EntryAccess.NotInOneStore"/> when the entry was left alone: not present, or XD is in another word and has to change.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint SetInOneStore<TMemory>(TMemory memory, TableAddress entry, nuint prepared)
        where TMemory : struct, ITableMemory =>
        TFormat.EntryWidth switch
        {
            EntryWidth.Bits32 => Entry32.SetInOneStore(memory, entry, (uint)prepared),
            EntryWidth.Bits64 => Entry64.SetInOneStore(memory, entry, prepared),
            _ => SplitEntry64.SetInOneStore(memory, entry, (uint)prepared),
        };

    /// <summary>Gives the leaf its base rights, as <see cref="SetInOneStore"/> gives others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint ResetInOneStore<TMemory>(TMemory memory, TableAddress entry)
        where TMemory : struct, ITableMemory =>
        TFormat.EntryWidth switch
        {
            EntryWidth.Bits32 => Entry32.ResetInOneStore(memory, entry),
            EntryWidth.Bits64 => Entry64.ResetInOneStore(memory, entry),
            _ => SplitEntry64.ResetInOneStore(memory, entry),
        };

    /// <summary>Whether the leaf at <paramref name="entry"/> is present and has <see cref="LeafRights.SupervisorRead"/>: its rights for user mode to read and write are then two bits of its first word that are 0.</summary>
    public static bool IsSupervisorRead<TMemory>(TMemory memory, TableAddress entry)
        where TMemory : struct, ITableMemory =>
        (Read(memory, new PhysicalAddress(entry.Value), 0) & (EntryBits.Present | EntryRights.LiveMask<TFormat>()))
            == (EntryBits.Present | EntryRights.Live<TFormat>(LeafRights.SupervisorRead));

    /// <summary>Adds to the word at <paramref name="word"/>, which is an entry or one of its two words, in one locked operation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<TMemory>(TMemory memory, TableAddress word, nuint addend)
        where TMemory : struct, ITableMemory
    {
        if (TFormat.EntryWidth == EntryWidth.Bits64)
        {
            _ = memory.ExchangeAdd64(word, 0, addend);
        }
        else
        {
            _ = memory.ExchangeAdd32(word, 0, (uint)addend);
        }
    }

    /// <summary>
    /// What <see cref="SetInOneStore"/> does, also where both words of an entry have to change, which is one compare-and-exchange. <see cref="EntryAccess.NotInOneStore"/> when the entry is not present.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Set<TMemory>(TMemory memory, TableAddress entry, nuint prepared)
        where TMemory : struct, ITableMemory =>
        TFormat.EntryWidth == EntryWidth.Bits64InTwoWords
            ? SplitEntry64.SetBoth(memory, entry, (uint)prepared, fromBase: false)
            : SetInOneStore(memory, entry, prepared);

    /// <summary>Gives the leaf its base rights, as <see cref="Set"/> gives others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Reset<TMemory>(TMemory memory, TableAddress entry)
        where TMemory : struct, ITableMemory =>
        TFormat.EntryWidth == EntryWidth.Bits64InTwoWords
            ? SplitEntry64.SetBoth(memory, entry, 0, fromBase: true)
            : ResetInOneStore(memory, entry);

    /// <summary>Rights in the form that <see cref="SetInOneStore"/> compares with: the bits of the entry that it edits, where it is simplest to compare them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Prepare(LeafRights rights) =>
        TFormat.EntryWidth switch
        {
            EntryWidth.Bits32 => rights.Flags & (uint)(EntryBits.Writable | EntryBits.User),
            EntryWidth.Bits64 => (nuint)(EntryRights.Live(rights, EntryBits.ExecuteDisable) ^ EntryBits.ExecuteDisable),
            _ => SplitEntry64.Prepare(rights),
        };
}
