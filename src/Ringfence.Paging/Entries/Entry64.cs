// Editing a 64-bit entry on a 64-bit processor: one load, at most one locked store.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Operations on entries that are one 64-bit word.</summary>
/// <remarks>Rights are changed by a locked addition, for the reason that <see cref="Entry32"/> gives. XD is the highest bit, so its carry goes nowhere.</remarks>
internal static class Entry64
{
    private const ulong GrantingMask = EntryBits.Writable | EntryBits.User;
    private const ulong LiveMask = GrantingMask | EntryBits.ExecuteDisable;

    /// <summary>Gives a present entry its target rights with at most one store.</summary>
    public static EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target, EditTerms terms)
        where TMemory : struct, ITableMemory
    {
        ulong before = memory.Read64(table, index);
        if ((before & EntryBits.Present) == 0)
        {
            return EntryChange.NotPresent;
        }

        ulong difference = target.FromBase
            ? (before ^ BaseAsLive(before)) & LiveMask
            : (before ^ target.Bits) & target.Mask;
        if (difference == 0)
        {
            return EntryChange.Unchanged;
        }

        bool narrows = EntryConsequence.Narrows(before, difference & LiveMask, terms);
        difference |= EntryConsequence.AccessedToClear(before, narrows, terms);
        ulong found = memory.ExchangeAdd64(table, index, (before ^ difference) - before);
        return (difference & LiveMask) == 0 ? EntryChange.Unchanged : EntryConsequence.Of(narrows, found, terms);
    }

    /// <summary>The live bits that the base bits of an entry stand for; bits outside <see cref="LiveMask"/> have no meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong BaseAsLive(ulong entry) =>
        ((entry >> EntryBits.BaseShift) & GrantingMask) | (~entry << EntryBits.BaseExecutableToDisableShift);

    /// <inheritdoc cref="EntryAccess{TFormat}.SetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index, LeafRights rights)
        where TMemory : struct, ITableMemory
    {
        ulong before = memory.Read64(table, index);
        return Store(memory, table, index, before, before ^ EntryRights.Live(rights, EntryBits.ExecuteDisable));
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.ResetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ResetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory
    {
        ulong before = memory.Read64(table, index);
        return Store(memory, table, index, before, before ^ BaseAsLive(before));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Store<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong before, ulong difference)
        where TMemory : struct, ITableMemory
    {
        if ((before & EntryBits.Present) == 0)
        {
            return EntryAccess.NotInOneStore;
        }

        difference &= LiveMask;
        if (difference != 0)
        {
            _ = memory.ExchangeAdd64(table, index, (before ^ difference) - before);
        }

        // XD, which takes where it was clear, is answered in the place of the base bit with the same meaning.
        ulong taken = (before ^ EntryBits.ExecuteDisable) & difference;
        return (uint)taken | (uint)(taken >> EntryBits.BaseExecutableToDisableShift);
    }
}
