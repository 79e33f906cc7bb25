// The two-level format of IA-32 without PAE (Intel SDM vol. 3A 4.3).

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// 32-bit entries, two levels of 1024. There is no execute-disable bit: read implies execute. A directory entry can be a 4 MiB leaf
/// (CR4.PSE); the edits here make 4 KiB leaves only.
/// </summary>
public readonly struct Ia32Format : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;

    /// <inheritdoc/>
    public static int LevelCount => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 10, linkBits: 0, largeLeafBit: 0),
        _ => new PagingLevel(pageShift: 10, indexBits: 10, Link, EntryBits.LargePage),
    };

    /// <inheritdoc/>
    public static int EntryByteCount => 4;

    /// <inheritdoc/>
    public static ulong ExecuteDisableBit => 0;

    /// <inheritdoc/>
    public static bool HasExecuteDisable => false;

    /// <inheritdoc/>
    public static ulong AddressMask => 0xFFFF_F000;

    /// <inheritdoc/>
    public static PageRange LowerPages => PageRange.CreateTruncated(default, new PageCount(1 << 20));

    /// <inheritdoc/>
    public static PageRange UpperPages => default;

    /// <inheritdoc/>
    public static int RootByteCount => 4096;

    /// <inheritdoc/>
    public static bool RootIsHeldInRegisters => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadEntry<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        memory.Read32(table, index);

    /// <inheritdoc/>
    public static void ReplaceEntry<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong oldValue, ulong newValue)
        where TMemory : struct, ITableMemory =>
        memory.Write32(table, index, (uint)newValue);

    /// <inheritdoc/>
    public static EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target)
        where TMemory : struct, ITableMemory =>
        Entry32.EditRights(memory, table, index, target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index, LeafRights rights)
        where TMemory : struct, ITableMemory =>
        Entry32.SetInOneStore(memory, table, index, rights);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ResetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory =>
        Entry32.ResetInOneStore(memory, table, index);
}
