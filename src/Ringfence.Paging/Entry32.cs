// Editing a 32-bit entry with 32-bit arithmetic only: this is the inner loop of a switch on the smallest machines.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Operations on entries that are one 32-bit word.</summary>
internal static class Entry32
{
    private const uint LiveMask = (uint)(EntryBits.Writable | EntryBits.User);

    /// <summary>Gives a present entry its target rights with at most one store.</summary>
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

    /// <inheritdoc cref="IPagingFormat.SetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index, LeafRights rights)
        where TMemory : struct, ITableMemory
    {
        uint before = memory.Read32(table, index);
        return Store(memory, table, index, before, before ^ rights.Flags);
    }

    /// <inheritdoc cref="IPagingFormat.ResetInOneStore"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ResetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory
    {
        uint before = memory.Read32(table, index);
        return Store(memory, table, index, before, before ^ (before >> EntryBits.BaseShift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Store<TMemory>(TMemory memory, PhysicalAddress table, int index, uint before, uint difference)
        where TMemory : struct, ITableMemory
    {
        if ((before & (uint)EntryBits.Present) == 0)
        {
            return IPagingFormat.NotInOneStore;
        }

        difference &= LiveMask;
        if (difference != 0)
        {
            memory.Write32(table, index, before ^ difference);
        }

        return before & difference;
    }
}
