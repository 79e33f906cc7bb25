// Editing a 64-bit entry on a 64-bit processor: one load, at most one locked store.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Operations on entries that are one 64-bit word.</summary>
/// <remarks>Rights are changed by a locked addition, for the reason that <see cref="Entry32"/> gives. XD is the highest bit, so its carry goes nowhere.</remarks>
internal static class Entry64
{
    private const ulong GrantingMask = EntryBits.Writable | EntryBits.User;
    private const ulong LiveMask = GrantingMask | EntryBits.ExecuteDisable;

    /// <inheritdoc cref="EntryAccess{TFormat}.EditRights"/>
    public static bool EditRights<TMemory>(TMemory memory, TableAddress table, int index, RightsTarget target, EditTerms terms)
        where TMemory : struct, ITableMemory
    {
        ulong before = memory.Read64(table, index);
        if ((before & EntryBits.Present) == 0)
        {
            return false;
        }

        ulong difference = target.FromBase
            ? (before ^ BaseAsLive(before)) & LiveMask
            : (before ^ target.Bits) & target.Mask;
        if (difference == 0)
        {
            return false;
        }

        bool narrows = EntryConsequence.Narrows(before, difference & LiveMask, terms);
        difference |= EntryConsequence.AccessedToClear(before, narrows, terms);
        ulong found = memory.ExchangeAdd64(table, index, (before ^ difference) - before);
        return EntryConsequence.MustFlush(narrows, found, terms);
    }

    /// <summary>The live bits that the base bits of an entry stand for; bits outside <see cref="LiveMask"/> have no meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong BaseAsLive(ulong entry) =>
        ((entry >> EntryBits.BaseShift) & GrantingMask) | (~entry << EntryBits.BaseExecutableToDisableShift);

    /// <inheritdoc cref="EntryAccess{TFormat}.SetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint SetInOneStore<TMemory>(TMemory memory, TableAddress entry, ulong rights)
        where TMemory : struct, ITableMemory
    {
        ulong before = memory.Read64(entry, 0);
        return Store(memory, entry, before, rights);
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.ResetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint ResetInOneStore<TMemory>(TMemory memory, TableAddress entry)
        where TMemory : struct, ITableMemory
    {
        ulong before = memory.Read64(entry, 0);
        ulong rights = ((before >> EntryBits.BaseShift) & GrantingMask)
            | ((before << EntryBits.BaseExecutableToDisableShift) & EntryBits.ExecuteDisable);
        return Store(memory, entry, before, rights);
    }

    // With XD turned round, so that 1 means a right everywhere. The difference to add is the same: turning the highest bit of both round adds the same to both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Store<TMemory>(TMemory memory, TableAddress entry, ulong before, ulong rights)
        where TMemory : struct, ITableMemory
    {
        if ((before & EntryBits.Present) == 0)
        {
            return EntryAccess.NotInOneStore;
        }

        ulong live = (before ^ EntryBits.ExecuteDisable) & LiveMask;
        if (live != rights)
        {
            _ = memory.ExchangeAdd64(entry, 0, rights - live);
        }

        return (nuint)(live & ~rights);
    }
}
