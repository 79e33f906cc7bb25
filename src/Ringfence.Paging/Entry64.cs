// Editing a 64-bit entry on a 64-bit processor: one load, at most one store.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Operations on entries that are one 64-bit word.</summary>
internal static class Entry64
{
    private const ulong GrantingMask = EntryBits.Writable | EntryBits.User;
    private const ulong LiveMask = GrantingMask | EntryBits.ExecuteDisable;

    /// <summary>Gives a present entry its target rights with at most one store.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target)
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

        memory.Write64(table, index, before ^ difference);

        // Execute-disable takes where it was clear, the other two bits where they were set.
        return ((before ^ EntryBits.ExecuteDisable) & difference & LiveMask) != 0 ? EntryChange.Narrowed : EntryChange.Widened;
    }

    /// <summary>The live bits that the base bits of an entry stand for; bits outside <see cref="LiveMask"/> have no meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BaseAsLive(ulong entry) =>
        ((entry >> EntryBits.BaseShift) & GrantingMask) | (~entry << EntryBits.BaseExecutableToDisableShift);
}
