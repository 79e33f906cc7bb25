// Editing a 32-bit entry with 32-bit arithmetic only: this is the inner loop of a switch on the smallest machines.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Operations on entries that are one 32-bit word.</summary>
internal static class Entry32
{
    private const uint LiveMask = (uint)(EntryBits.Writable | EntryBits.User);

    /// <summary>Gives a present entry its target rights with at most one store.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target)
        where TMemory : struct, ITableMemory
    {
        uint before = memory.Read32(table, index);
        if ((before & (uint)EntryBits.Present) == 0)
        {
            return EntryChange.NotPresent;
        }

        uint after = target.FromBase
            ? (before & ~LiveMask) | ((before >> EntryBits.BaseShift) & LiveMask)
            : (before & ~(uint)target.Clear) | (uint)target.Set;
        if (after == before)
        {
            return EntryChange.Unchanged;
        }

        memory.Write32(table, index, after);
        uint taken = before & ~after & LiveMask;
        uint given = after & ~before & LiveMask;
        return taken != 0 ? EntryChange.Narrowed : given != 0 ? EntryChange.Widened : EntryChange.Unchanged;
    }
}
