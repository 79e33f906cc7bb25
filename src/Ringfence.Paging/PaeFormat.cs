// The PAE format of IA-32 (Intel SDM vol. 3A 4.4).

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// 64-bit entries on a 32-bit processor: a root of four directory-pointer entries, then two levels of 512. The four entries are loaded
/// into registers when CR3 is written; in them R/W, U/S and XD are reserved and must be 0.
/// </summary>
public readonly struct PaeFormat : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;

    /// <inheritdoc/>
    public static int LevelCount => 3;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 9, linkBits: 0, largeLeafBit: 0),
        1 => new PagingLevel(pageShift: 9, indexBits: 9, Link, EntryBits.LargePage),
        _ => new PagingLevel(pageShift: 18, indexBits: 2, EntryBits.Present, largeLeafBit: 0),
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
    public static PageRange LowerPages => PageRange.CreateTruncated(default, new PageCount(1 << 20));

    /// <inheritdoc/>
    public static PageRange UpperPages => default;

    /// <inheritdoc/>
    public static int RootByteCount => 32;

    /// <inheritdoc/>
    public static bool RootIsHeldInRegisters => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadEntry<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        SplitEntry64.Read(memory, table, index);

    /// <inheritdoc/>
    public static void ReplaceEntry<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong oldValue, ulong newValue)
        where TMemory : struct, ITableMemory =>
        SplitEntry64.Replace(memory, table, index, oldValue, newValue);

    /// <inheritdoc/>
    public static EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target)
        where TMemory : struct, ITableMemory =>
        SplitEntry64.EditRights(memory, table, index, target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index, LeafRights rights)
        where TMemory : struct, ITableMemory =>
        SplitEntry64.SetInOneStore(memory, table, index, rights);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ResetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        SplitEntry64.ResetInOneStore(memory, table, index);
}
