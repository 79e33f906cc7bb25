// Editing a 32-bit entry with 32-bit arithmetic only: this is the inner loop of a switch on the smallest machines.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Operations on entries that are one 32-bit word.</summary>
/// <remarks>
/// Rights are changed by adding the difference between the new bits and the old ones in one locked instruction: the bits that are added were 0 and those subtracted were 1, so nothing
/// carries into A or D, which the page walker may set at any moment and which therefore stay as they are.
/// </remarks>
internal static class Entry32
{
    private const uint LiveMask = (uint)(EntryBits.Writable | EntryBits.User);

    /// <inheritdoc cref="EntryAccess{TFormat}.EditRights"/>
    public static bool EditRights<TMemory>(TMemory memory, TableAddress table, int index, RightsTarget target, EditTerms terms)
        where TMemory : struct, ITableMemory
    {
        uint before = memory.Read32(table, index);
        if ((before & (uint)EntryBits.Present) == 0)
        {
            return false;
        }

        uint difference = target.FromBase
            ? (before ^ (before >> EntryBits.BaseShift)) & LiveMask
            : (before ^ (uint)target.Bits) & (uint)target.Mask;
        if (difference == 0)
        {
            return false;
        }

        bool narrows = EntryConsequence.Narrows(before, difference & LiveMask, terms);
        difference |= (uint)EntryConsequence.AccessedToClear(before, narrows, terms);
        uint found = memory.ExchangeAdd32(table, index, (before ^ difference) - before);
        return EntryConsequence.MustFlush(narrows, found, terms);
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.SetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint SetInOneStore<TMemory>(TMemory memory, TableAddress entry, uint rights)
        where TMemory : struct, ITableMemory
    {
        uint before = memory.Read32(entry, 0);
        return (before & (uint)EntryBits.Present) == 0 ? EntryAccess.NotInOneStore : Exchange(memory, entry, before, before ^ rights);
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.ResetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint ResetInOneStore<TMemory>(TMemory memory, TableAddress entry)
        where TMemory : struct, ITableMemory
    {
        uint before = memory.Read32(entry, 0);
        return (before & (uint)EntryBits.Present) == 0
            ? EntryAccess.NotInOneStore
            : Exchange(memory, entry, before, before ^ (before >> EntryBits.BaseShift));
    }

    /// <summary>Changes those live bits of the word that differ; other bits of the difference have no meaning. Returns those that were taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Exchange<TMemory>(TMemory memory, TableAddress word, uint before, uint difference)
        where TMemory : struct, ITableMemory
    {
        difference &= LiveMask;
        if (difference == 0)
        {
            return 0;
        }

        uint taken = before & difference;
        _ = memory.ExchangeAdd32(word, 0, difference - taken - taken);
        return taken;
    }
}
