// The 4-level format of x86-64 (Intel SDM vol. 3A 4.5).

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>64-bit entries, four levels of 512, 48-bit addresses whose upper bits repeat bit 47.</summary>
public readonly struct FourLevelFormat : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;

    /// <inheritdoc/>
    public static int LevelCount => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 9, linkBits: 0, largeLeafBit: 0),
        1 => new PagingLevel(pageShift: 9, indexBits: 9, Link, EntryBits.LargePage),
        2 => new PagingLevel(pageShift: 18, indexBits: 9, Link, EntryBits.LargePage),
        _ => new PagingLevel(pageShift: 27, indexBits: 9, Link, largeLeafBit: 0),
    };

    /// <inheritdoc/>
    public static int EntryByteCount => 8;

    /// <inheritdoc/>
    public static ulong ExecuteDisableBit => EntryBits.ExecuteDisable;

    /// <inheritdoc/>
    public static bool HasExecuteDisable => true;

    /// <inheritdoc/>
    public static ulong AddressMask => 0x000F_FFFF_FFFF_F000;

    /// <inheritdoc/>
    public static PageRange LowerPages => PageRange.CreateTruncated(default, new PageCount(unchecked((nuint)0x8_0000_0000)));

    /// <inheritdoc/>
    public static PageRange UpperPages =>
        PageRange.CreateTruncated(new PageNumber(unchecked((nuint)0xF_FFF8_0000_0000)), new PageCount(unchecked((nuint)0x8_0000_0000)));

    /// <inheritdoc/>
    public static int RootByteCount => 4096;

    /// <inheritdoc/>
    public static bool RootIsHeldInRegisters => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadEntry<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        memory.Read64(table, index);

    /// <inheritdoc/>
    public static void ReplaceEntry<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong oldValue, ulong newValue)
        where TMemory : struct, ITableMemory =>
        memory.Write64(table, index, newValue);

    /// <inheritdoc/>
    public static EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target)
        where TMemory : struct, ITableMemory =>
        Entry64.EditRights(memory, table, index, target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index, LeafRights rights)
        where TMemory : struct, ITableMemory =>
        Entry64.SetInOneStore(memory, table, index, rights);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ResetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        Entry64.ResetInOneStore(memory, table, index);
}
