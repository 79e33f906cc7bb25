// Editing a 64-bit entry on a 64-bit processor: one load, at most one store.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Operations on entries that are one 64-bit word.</summary>
internal static class Entry64
{
    private const ulong GrantingMask = EntryBits.Writable | EntryBits.User;

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

        ulong after;
        if (target.FromBase)
        {
            after = (before & ~(GrantingMask | EntryBits.ExecuteDisable))
                | ((before >> EntryBits.BaseShift) & GrantingMask)
                | ((before & EntryBits.BaseExecutable) != 0 ? 0 : EntryBits.ExecuteDisable);
        }
        else
        {
            after = (before & ~target.Clear) | target.Set;
        }

        if (after == before)
        {
            return EntryChange.Unchanged;
        }

        memory.Write64(table, index, after);

        // Execute-disable takes where it is set and gives where it is cleared, opposite to the other two bits.
        ulong taken = (before & ~after & GrantingMask) | (after & ~before & EntryBits.ExecuteDisable);
        ulong given = (after & ~before & GrantingMask) | (before & ~after & EntryBits.ExecuteDisable);
        return taken != 0 ? EntryChange.Narrowed : given != 0 ? EntryChange.Widened : EntryChange.Unchanged;
    }
}
