// What one paging mode of the processor is, as data and nothing else: walks and edits are generic over it and specialise at compile time.

namespace Ringfence.Paging;

/// <summary>
/// A paging format: its levels, the bits that differ between formats, and how wide an entry is. Implemented by empty structs that are
/// used as type arguments only. A new format is a new set of this data: no walk, edit or query has a condition on the format.
/// </summary>
public interface IPagingFormat
{
    /// <summary>Number of levels, leaf and root included; 2 to <see cref="FormatGeometry.LevelLimit"/>.</summary>
    static abstract int LevelCount { get; }

    /// <summary>The row for one level: 0 is the leaf level, <see cref="LevelCount"/>-1 the root.</summary>
    static abstract PagingLevel Level(int level);

    /// <summary>What a leaf of one level looks like; <see cref="LeafLayout.None"/> where the level can hold none.</summary>
    static abstract LeafLayout Leaf(int level);

    /// <summary>The bits that must be 0 in an entry of this level that points to a table, whatever the processor's width and settings.</summary>
    static abstract ulong ReservedInLink(int level);

    /// <summary>How wide an entry is, and how it is accessed.</summary>
    static abstract EntryWidth EntryWidth { get; }

    /// <summary>The execute-disable bit, or 0 where the format has none. Where it is reserved in the links of a level, <see cref="ReservedInLink"/> has it.</summary>
    static abstract ulong ExecuteDisableBit { get; }

    /// <summary>The bits of a link that hold the address of a table.</summary>
    static abstract ulong TableAddressMask { get; }

    /// <summary>Bits of a linear address that take part in translation.</summary>
    static abstract int LinearAddressBits { get; }

    /// <summary>Whether addresses are wider than <see cref="LinearAddressBits"/> and repeat the highest of those bits upwards.</summary>
    static abstract bool IsSignExtended { get; }

    /// <summary>Whether the processor keeps the root's entries in registers loaded by a CR3 write, so that a change of one needs a reload.</summary>
    static abstract bool RootIsHeldInRegisters { get; }

    /// <summary>Whether a processor in this format may keep translations of several sets, under the numbers of contexts (CR4.PCIDE, long mode only).</summary>
    static abstract bool HasProcessContexts { get; }
}

/// <summary>The width of an entry.</summary>
public enum EntryWidth : byte
{
    /// <summary>One word of 32 bits.</summary>
    Bits32,

    /// <summary>One word of 64 bits, on a processor that has them.</summary>
    Bits64,

    /// <summary>64 bits that the processor's software accesses as two words of 32, or with one compare-and-exchange of 64.</summary>
    Bits64InTwoWords,
}
