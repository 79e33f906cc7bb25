// What one paging mode of the processor is, as data: walks are generic over this and specialise at compile time.

namespace Ringfence.Paging;

/// <summary>
/// A paging format: its levels, the bits that differ between formats, and how wide an entry is. Implemented by empty structs that are
/// used as type arguments only. A new format is a new set of this data.
/// </summary>
public interface IPagingFormat
{
    /// <summary>Number of levels, leaf and root included.</summary>
    static abstract int LevelCount { get; }

    /// <summary>The row for one level: 0 is the leaf level, <see cref="LevelCount"/>-1 the root.</summary>
    static abstract PagingLevel Level(int level);

    /// <summary>Bytes in one entry: 4 or 8.</summary>
    static abstract int EntryByteCount { get; }

    /// <summary>The execute-disable bit, or 0 where the format has none.</summary>
    static abstract ulong ExecuteDisableBit { get; }

    /// <summary>Whether executing can be withheld. Where it can't, read implies execute.</summary>
    static abstract bool HasExecuteDisable { get; }

    /// <summary>The bits of a present entry that hold the address of a frame or table.</summary>
    static abstract ulong AddressMask { get; }

    /// <summary>The canonical pages from 0 upwards.</summary>
    static abstract PageRange LowerPages { get; }

    /// <summary>The canonical pages that end with the last page of the address space, where they are apart from the lower ones; else empty.</summary>
    static abstract PageRange UpperPages { get; }

    /// <summary>Bytes of the root table; also its alignment.</summary>
    static abstract int RootByteCount { get; }

    /// <summary>Whether the processor keeps the root's entries in registers loaded by a CR3 write, so that a change of one needs a reload.</summary>
    static abstract bool RootIsHeldInRegisters { get; }

    /// <summary>Reads entry <paramref name="index"/>.</summary>
    static abstract ulong ReadEntry<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory;

    /// <summary>
    /// Replaces an entry that holds <paramref name="oldValue"/>. One of the two is not present, or both name the same address. Where it takes
    /// two stores, the state between them allows nothing that neither the old nor the new entry allows.
    /// </summary>
    static abstract void ReplaceEntry<TMemory>(TMemory memory, PhysicalAddress table, int index, ulong oldValue, ulong newValue)
        where TMemory : struct, ITableMemory;

    /// <summary>Gives the leaf <paramref name="index"/> its target rights, writing only if its bits differ, with the same promise about two stores.</summary>
    static abstract EntryChange EditRights<TMemory>(TMemory memory, PhysicalAddress table, int index, RightsTarget target)
        where TMemory : struct, ITableMemory;

    /// <summary>
    /// Gives the leaf <paramref name="index"/> these live rights where one store at most does it, and says which rights that took: small enough for the loop in
    /// which a switch spends its time.
    /// </summary>
    /// <returns>The low word's bits of what was taken, 0 when nothing was; <see cref="NotInOneStore"/> when the entry was left alone: not present, or XD is in another word and has to change.</returns>
    static abstract uint SetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index, LeafRights rights)
        where TMemory : struct, ITableMemory;

    /// <summary>Gives the leaf its base rights, as <see cref="SetInOneStore"/> gives others.</summary>
    static abstract uint ResetInOneStore<TMemory>(TMemory memory, PhysicalAddress table, int index)
        where TMemory : struct, ITableMemory;

    /// <summary>An answer that no set of rights bits equals.</summary>
    const uint NotInOneStore = uint.MaxValue;
}
