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

    /// <summary>Reads both words.</summary>
    public static ulong Read<TMemory>(TMemory memory, TableAddress table, int index)
        where TMemory : struct, ITableMemory =>
        memory.Read32(table, index * 2) | ((ulong)memory.Read32(table, (index * 2) + 1) << 32);

    /// <summary>Fills an entry that is not present: the low word, which holds P, comes last.</summary>
    public static void Appear<TMemory>(TMemory memory, TableAddress table, int index, ulong value)
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
    public static void Disappear<TMemory>(TMemory memory, TableAddress table, int index)
        where TMemory : struct, ITableMemory
    {
        memory.Write32(table, index * 2, 0);
        memory.Write32(table, (index * 2) + 1, 0);
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.EditRights"/>
    public static bool EditRights<TMemory>(TMemory memory, TableAddress table, int index, RightsTarget target, EditTerms terms)
        where TMemory : struct, ITableMemory
    {
        uint low = memory.Read32(table, index * 2);
        if ((low & (uint)EntryBits.Present) == 0)
        {
            return false;
        }

        uint high = memory.Read32(table, (index * 2) + 1);
        uint lowDifference = target.FromBase ? (low ^ BaseAsLive(low)) & GrantingMask : (low ^ (uint)target.Bits) & (uint)target.Mask;
        uint highDifference = target.FromBase
            ? (high ^ BaseAsDisable(low)) & HighExecuteDisable
            : (high ^ (uint)(target.Bits >> 32)) & (uint)(target.Mask >> 32);
        if ((lowDifference | highDifference) == 0)
        {
            return false;
        }

        ulong before = low | ((ulong)high << 32);
        ulong liveDifference = (lowDifference & GrantingMask) | ((ulong)highDifference << 32);
        bool narrows = EntryConsequence.Narrows(before, liveDifference, terms);
        lowDifference |= (uint)EntryConsequence.AccessedToClear(before, narrows, terms);
        ulong found = highDifference == 0
            ? memory.ExchangeAdd32(table, index * 2, (low ^ lowDifference) - low)
            : ExchangeBoth(memory, table, index, before, lowDifference | ((ulong)highDifference << 32));
        return EntryConsequence.MustFlush(narrows, found, terms);
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.SetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint SetInOneStore<TMemory>(TMemory memory, TableAddress entry, uint prepared)
        where TMemory : struct, ITableMemory
    {
        uint low = memory.Read32(entry, 0);
        uint highDifference = memory.Read32(entry, 1) ^ prepared;
        return IsInOneStore(low, highDifference) ? Entry32.Exchange(memory, entry, low, low ^ prepared) : EntryAccess.NotInOneStore;
    }

    /// <inheritdoc cref="EntryAccess{TFormat}.ResetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint ResetInOneStore<TMemory>(TMemory memory, TableAddress entry)
        where TMemory : struct, ITableMemory
    {
        uint low = memory.Read32(entry, 0);
        uint highDifference = memory.Read32(entry, 1) ^ BaseAsDisable(low);
        return IsInOneStore(low, highDifference) ? Entry32.Exchange(memory, entry, low, low ^ BaseAsLive(low)) : EntryAccess.NotInOneStore;
    }

    /// <summary>Rights as both words have them at once: R/W and U/S in their places in the low word, XD in its place in the high one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Prepare(LeafRights rights) =>
        (rights.Flags & GrantingMask) | ((~(uint)rights.Flags << (EntryRights.ExecuteFlagToDisableShift - 32)) & HighExecuteDisable);

    // Nearly every edit leaves XD, the sign of the high word, alone: only grants of code touch that word.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsInOneStore(uint low, uint highDifference) => (low & (uint)EntryBits.Present) != 0 && (int)highDifference >= 0;

    /// <inheritdoc cref="EntryAccess{TFormat}.Set"/>
    public static nuint SetBoth<TMemory>(TMemory memory, TableAddress entry, uint prepared, bool fromBase)
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

            uint wanted = fromBase ? BaseAsLive(low) : prepared;
            uint wantedHigh = fromBase ? BaseAsDisable(low) : prepared;
            uint newLow = low ^ ((low ^ wanted) & GrantingMask);
            uint newHigh = high ^ ((high ^ wantedHigh) & HighExecuteDisable);
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
    private static ulong ExchangeBoth<TMemory>(TMemory memory, TableAddress table, int index, ulong seen, ulong difference)
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
