// The masks of every level of every mode, from the manual's tables of entry formats. They owe nothing to the library that is judged with them.

using System;
using System.Collections.Immutable;

namespace Ringfence.Simulator;

/// <summary>The paging structures of one mode as a page walk knows them.</summary>
public sealed record PagingStructures
{
    private const ulong Bits51To12 = 0x000F_FFFF_FFFF_F000;

    /// <summary>The mode.</summary>
    public required PagingMode Mode { get; init; }

    /// <summary>Bytes of an entry: 4 or 8.</summary>
    public required int EntryByteCount { get; init; }

    /// <summary>The part of CR3 that says where the highest table is.</summary>
    public required ulong RootAddress { get; init; }

    /// <summary>Bits of a linear address; those above repeat the highest in 64-bit modes, and don't exist in the others.</summary>
    public required int LinearAddressBits { get; init; }

    /// <summary>Whether the highest table is four registers, loaded by writing CR3.</summary>
    public bool RootIsInRegisters { get; init; }

    /// <summary>The levels, the last one (that of PTEs) first.</summary>
    public required ImmutableArray<EntryMasks> Levels { get; init; }

    /// <summary>The structures as the manual describes them (Intel SDM vol. 3A 4.3 to 4.5).</summary>
    /// <param name="mode">The mode.</param>
    public static PagingStructures Of(PagingMode mode) => mode switch
    {
        PagingMode.ThirtyTwoBit => ThirtyTwoBit,
        PagingMode.Pae => Pae,
        PagingMode.FourLevel => FourLevel,
        PagingMode.FiveLevel => FiveLevel,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };

    /// <summary>The same structures with other masks at one level.</summary>
    /// <param name="level">1 for a PTE.</param>
    /// <param name="masks">The masks.</param>
    public PagingStructures WithLevel(int level, EntryMasks masks) => this with { Levels = Levels.SetItem(level - 1, masks) };

    // 4.3, tables 4-4 to 4-6.
    private static PagingStructures ThirtyTwoBit { get; } = new()
    {
        Mode = PagingMode.ThirtyTwoBit,
        EntryByteCount = 4,
        RootAddress = 0xFFFF_F000,
        LinearAddressBits = 32,
        Levels =
        [
            new EntryMasks
            {
                IndexShift = 10, Index = 0xFFC,
                Present = 0x1, Writable = 0x2, User = 0x4, Accessed = 0x20,
                Dirty = 0x40, Global = 0x100, PageAddress = 0xFFFF_F000, PageOffset = 0xFFF,
            },
            new EntryMasks
            {
                IndexShift = 20, Index = 0xFFC,
                Present = 0x1, Writable = 0x2, User = 0x4, Accessed = 0x20, TableAddress = 0xFFFF_F000,
                Size = 0x80, Dirty = 0x40, Global = 0x100, PageAddress = 0xFFC0_0000, HighPageAddress = 0x1F_E000,
                PageOffset = 0x3F_FFFF, ReservedInLargePage = 0x20_0000,
            },
        ],
    };

    // 4.4, tables 4-8 to 4-11: bits 62:52 are reserved in entries, and so are all from MAXPHYADDR up in the registers.
    private static PagingStructures Pae { get; } = new()
    {
        Mode = PagingMode.Pae,
        EntryByteCount = 8,
        RootAddress = 0xFFFF_FFE0,
        LinearAddressBits = 32,
        RootIsInRegisters = true,
        Levels =
        [
            PageTableEntry(highestReservedBit: 62),
            PageDirectoryEntry(highestReservedBit: 62),
            new EntryMasks
            {
                IndexShift = 27, Index = 0x18,
                Present = 0x1, TableAddress = Bits51To12, Reserved = 0x1E6, HighestReservedBit = 63,
            },
        ],
    };

    // 4.5, tables 4-15 to 4-20.
    private static PagingStructures FourLevel { get; } = new()
    {
        Mode = PagingMode.FourLevel,
        EntryByteCount = 8,
        RootAddress = Bits51To12,
        LinearAddressBits = 48,
        Levels = [PageTableEntry(highestReservedBit: 51), PageDirectoryEntry(highestReservedBit: 51), PageDirectoryPointerEntry, TopEntry(indexShift: 36)],
    };

    private static PagingStructures FiveLevel { get; } = FourLevel with
    {
        Mode = PagingMode.FiveLevel,
        LinearAddressBits = 57,
        Levels = FourLevel.Levels.Add(TopEntry(indexShift: 45)),
    };

    private static EntryMasks PageTableEntry(int highestReservedBit) => new()
    {
        IndexShift = 9,
        Index = 0xFF8,
        Present = 0x1,
        Writable = 0x2,
        User = 0x4,
        ExecuteDisable = 0x8000_0000_0000_0000,
        Accessed = 0x20,
        HighestReservedBit = highestReservedBit,
        Dirty = 0x40,
        Global = 0x100,
        PageAddress = Bits51To12,
        PageOffset = 0xFFF,
    };

    private static EntryMasks PageDirectoryEntry(int highestReservedBit) => PageTableEntry(highestReservedBit) with
    {
        IndexShift = 18,
        TableAddress = Bits51To12,
        Size = 0x80,
        PageAddress = 0x000F_FFFF_FFE0_0000,
        PageOffset = 0x1F_FFFF,
        ReservedInLargePage = 0x1F_E000,
    };

    private static EntryMasks PageDirectoryPointerEntry => PageDirectoryEntry(highestReservedBit: 51) with
    {
        IndexShift = 27,
        PageAddress = 0x000F_FFFF_C000_0000,
        PageOffset = 0x3FFF_FFFF,
        ReservedInLargePage = 0x3FFF_E000,
    };

    // Bit 7 is reserved: there is no page of that size.
    private static EntryMasks TopEntry(int indexShift) => new()
    {
        IndexShift = indexShift,
        Index = 0xFF8,
        Present = 0x1,
        Writable = 0x2,
        User = 0x4,
        ExecuteDisable = 0x8000_0000_0000_0000,
        Accessed = 0x20,
        TableAddress = Bits51To12,
        Reserved = 0x80,
        HighestReservedBit = 51,
    };
}
