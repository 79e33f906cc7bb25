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

        uint difference = target.FromBase
            ? (before ^ (before >> EntryBits.BaseShift)) & LiveMask
            : (before ^ (uint)target.Bits) & (uint)target.Mask;
        if (difference == 0)
        {
            return EntryChange.Unchanged;
        }

        memory.Write32(table, index, before ^ difference);
        return (before & difference & LiveMask) != 0 ? EntryChange.Narrowed : EntryChange.Widened;
    }
}
