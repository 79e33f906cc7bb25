// Editing a 64-bit entry on a 32-bit processor: two stores, between which an interrupt or the page walker may look at the entry.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Operations on entries that are two 32-bit words. P, R/W, U/S and the base bits are in the low word, XD in the high one. The order of the
/// stores follows one rule: the store that takes comes before the store that gives.
/// </summary>
internal static class SplitEntry64
{
    private const uint GrantingMask = (uint)(EntryBits.Writable | EntryBits.User);
    private const uint HighExecuteDisable = (uint)(EntryBits.ExecuteDisable >> 32);

    /// <summary>Reads both words.</summary>
    public static ulong Read<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        memory.Read32(table, index * 2) | ((ulong)memory.Read32(table, (index * 2) + 1) << 32);

    /// <summary>Replaces an entry; one of the two values is not present, or both name the same address.</summary>
    public static void Replace<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong oldValue, ulong newValue)
        where TMemory : struct, ITableMemory
    {
        // The low word holds P: it comes last when the entry appears, first when it disappears.
        bool appears = ((uint)oldValue & (uint)EntryBits.Present) == 0;
        bool staysPresent = !appears && ((uint)newValue & (uint)EntryBits.Present) != 0;
        uint oldHigh = (uint)(oldValue >> 32);
        uint newHigh = (uint)(newValue >> 32);
        bool highFirst = appears || (staysPresent && (newHigh & HighExecuteDisable) != 0);
        Store(memory, table, index, (uint)oldValue, oldHigh, (uint)newValue, newHigh, highFirst);
    }

    /// <summary>Gives a present entry its target rights, storing only the words that differ.</summary>
    public static EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target)
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

        // Setting XD takes, so it goes first; clearing it gives, so it goes last, when the write right is already gone.
        uint executionTaken = ~high & highDifference;
        Store(memory, table, index, low, high, low ^ lowDifference, high ^ highDifference, highFirst: executionTaken != 0);
        return ((low & lowDifference & GrantingMask) | executionTaken) != 0 ? EntryChange.Narrowed : EntryChange.Widened;
    }

    /// <inheritdoc cref="IPagingFormat.SetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index, LeafRights rights)
        where TMemory : struct, ITableMemory
    {
        uint low = memory.Read32(table, index * 2);
        uint high = memory.Read32(table, (index * 2) + 1);
        return StoreLow(memory, table, index, low, low ^ rights.Flags, high ^ (~(uint)rights.Flags << (EntryRights.ExecuteFlagToDisableShift - 32)));
    }

    /// <inheritdoc cref="IPagingFormat.ResetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ResetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory
    {
        uint low = memory.Read32(table, index * 2);
        uint high = memory.Read32(table, (index * 2) + 1);
        return StoreLow(memory, table, index, low, low ^ BaseAsLive(low), high ^ BaseAsDisable(low));
    }

    // Nearly every edit leaves XD alone: only grants of code touch the high word.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint StoreLow<TMemory>(TMemory memory, PhysicalAddress table, int index, uint low, uint difference, uint highDifference)
        where TMemory : struct, ITableMemory
    {
        if ((low & (uint)EntryBits.Present) == 0 || (highDifference & HighExecuteDisable) != 0)
        {
            return IPagingFormat.NotInOneStore;
        }

        difference &= GrantingMask;
        if (difference != 0)
        {
            memory.Write32(table, index * 2, low ^ difference);
        }

        return low & difference;
    }

    // The words that the base bits stand for; other bits than those of the live rights have no meaning.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BaseAsLive(uint low) => low >> EntryBits.BaseShift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BaseAsDisable(uint low) => ~(low << (EntryBits.BaseExecutableToDisableShift - 32));

    private static void Store<TMemory>(
        TMemory memory, PhysicalAddress table, int index, uint oldLow, uint oldHigh, uint newLow, uint newHigh, bool highFirst)
        where TMemory : struct, ITableMemory
    {
        if (highFirst && newHigh != oldHigh)
        {
            memory.Write32(table, (index * 2) + 1, newHigh);
        }

        if (newLow != oldLow)
        {
            memory.Write32(table, index * 2, newLow);
        }

        if (!highFirst && newHigh != oldHigh)
        {
            memory.Write32(table, (index * 2) + 1, newHigh);
        }
    }
}
