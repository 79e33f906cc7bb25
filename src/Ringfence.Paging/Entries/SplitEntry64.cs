// Editing a 64-bit entry on a 32-bit processor: nearly every edit concerns the low word alone; what needs both words is one compare-and-exchange.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Operations on entries that are two 32-bit words. P, R/W, U/S, A, D and the base bits are in the low word, XD and the upper part of the address in the high one, which the
/// page walker never writes.
/// </summary>
internal static class SplitEntry64
{
    private const uint GrantingMask = (uint)(EntryBits.Writable | EntryBits.User);
    private const uint HighExecuteDisable = (uint)(EntryBits.ExecuteDisable >> 32);

    // From the flag "execute" to XD in the high word.
    private const int HighShift = EntryRights.ExecuteFlagToDisableShift - 32;

    /// <summary>Reads both words.</summary>
    public static ulong Read<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        memory.Read32(table, index * 2) | ((ulong)memory.Read32(table, (index * 2) + 1) << 32);

    /// <summary>Fills an entry that is not present: the low word, which holds P, comes last.</summary>
    public static void Appear<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong value)
        where TMemory : struct, ITableMemory
    {
        uint high = (uint)(value >> 32);
        if (memory.Read32(table, (index * 2) + 1) != high)
        {
            memory.Write32(table, (index * 2) + 1, high);
        }

        memory.Write32(table, index * 2, (uint)value);
    }

    /// <summary>Zeroes an entry: the low word, which holds P, comes first.</summary>
    public static void Disappear<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory
    {
        memory.Write32(table, index * 2, 0);
        memory.Write32(table, (index * 2) + 1, 0);
    }

    /// <summary>Gives a present entry its target rights, storing only what differs.</summary>
    public static EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target, EditTerms terms)
        where TMemory : struct, ITableMemory
    {
        uint low = memory.Read32(table, index * 2);
        if ((low & (uint)EntryBits.Present) == 0)
        {
            return EntryChange.NotPresent;
        }

        uint high = memory.Read32(table, (index * 2) + 1);
        uint lowDifference = target.FromBase ? (low ^ BaseAsLive(low)) & GrantingMask : (low ^ (uint)target.Bits) & (uint)target.Mask;
        uint highDifference = target.FromBase
            ? (high ^ BaseAsDisable(low)) & HighExecuteDisable
            : (high ^ (uint)(target.Bits >> 32)) & (uint)(target.Mask >> 32);
        if ((lowDifference | highDifference) == 0)
        {
            return EntryChange.Unchanged;
        }

        ulong before = low | ((ulong)high << 32);
        ulong liveDifference = (lowDifference & GrantingMask) | ((ulong)highDifference << 32);
        bool narrows = EntryConsequence.Narrows(before, liveDifference, terms);
        lowDifference |= (uint)EntryConsequence.AccessedToClear(before, narrows, terms);
        ulong found = highDifference == 0
            ? memory.ExchangeAdd32(table, index * 2, (low ^ lowDifference) - low)
            : ExchangeBoth(memory, table, index, before, lowDifference | ((ulong)highDifference << 32));
        return liveDifference == 0 ? EntryChange.Unchanged : EntryConsequence.Of(narrows, found, terms);
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.SetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint SetInOneStore<TMemory>(TMemory memory, PhysicalAddress entry, uint rights)
        where TMemory : struct, ITableMemory
    {
        uint low = memory.Read32(entry, 0);
        uint high = memory.Read32(entry, 1);
        return StoreLow(memory, entry, low, rights & GrantingMask, high ^ (~rights << HighShift));
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.ResetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint ResetInOneStore<TMemory>(TMemory memory, PhysicalAddress entry)
        where TMemory : struct, ITableMemory
    {
        uint low = memory.Read32(entry, 0);
        uint high = memory.Read32(entry, 1);
        return StoreLow(memory, entry, low, BaseAsLive(low) & GrantingMask, high ^ BaseAsDisable(low));
    }

    // Nearly every edit leaves XD alone: only grants of code touch the high word.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint StoreLow<TMemory>(TMemory memory, PhysicalAddress entry, uint low, uint rights, uint highDifference)
        where TMemory : struct, ITableMemory
    {
        if ((low & (uint)EntryBits.Present) == 0 || (highDifference & HighExecuteDisable) != 0)
        {
            return EntryAccess.NotInOneStore;
        }

        uint live = low & GrantingMask;
        if (live != rights)
        {
            _ = memory.ExchangeAdd32(entry, 0, rights - live);
        }

        return live & ~rights;
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.Set"/>
    public static nuint SetBoth<TMemory>(TMemory memory, PhysicalAddress entry, uint rights, bool fromBase)
        where TMemory : struct, ITableMemory
    {
        while (true)
        {
            uint low = memory.Read32(entry, 0);
            uint high = memory.Read32(entry, 1);
            if ((low & (uint)EntryBits.Present) == 0)
            {
                return EntryAccess.NotInOneStore;
            }

            uint wanted = fromBase ? BaseAsLive(low) : rights;
            uint newLow = low ^ ((low ^ wanted) & GrantingMask);
            uint newHigh = high ^ ((high ^ (~wanted << HighShift)) & HighExecuteDisable);
            ulong before = low | ((ulong)high << 32);
            if (low == newLow && high == newHigh)
            {
                return 0;
            }

            // Fails when the page walker has set A or D since the read; each of them happens once.
            if (memory.CompareExchange64(entry, 0, newLow | ((ulong)newHigh << 32), before) == before)
            {
                return (low & ~newLow) | (~high & newHigh);
            }
        }
    }

    // The words that the base bits stand for; other bits than those of the live rights have no meaning.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BaseAsLive(uint low) => low >> EntryBits.BaseShift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BaseAsDisable(uint low) => ~(low << (EntryBits.BaseExecutableToDisableShift - 32));

    // Ends after a few rounds: only A and D can change under it, each of them once.
    private static ulong ExchangeBoth<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong seen, ulong difference)
        where TMemory : struct, ITableMemory
    {
        while (true)
        {
            // A bit to be cleared was set when it was first seen, and stays so until this clears it.
            ulong found = memory.CompareExchange64(table, index, seen ^ difference, seen);
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }
}
