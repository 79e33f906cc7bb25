// What the strict page walk believes about the bits of an entry, as data: a walk with one bit of this wrong can be made, and must be found out.

namespace Ringfence.Simulator;

/// <summary>
/// The bits of the entries of one level, by name. A mask is 0 where the level has no such bit. The values of the manual are in <see cref="PagingStructures"/>.
/// </summary>
public readonly record struct EntryMasks
{
    /// <summary>Which bits of the linear address select the entry: shifted right by this, and then masked with <see cref="Index"/>.</summary>
    public required int IndexShift { get; init; }

    /// <summary>The offset of the entry in its table, in bytes.</summary>
    public required ulong Index { get; init; }

    /// <summary>P: without it the walk ends.</summary>
    public required ulong Present { get; init; }

    /// <summary>R/W: without it the page is not writable.</summary>
    public ulong Writable { get; init; }

    /// <summary>U/S: without it the page is a supervisor-mode page.</summary>
    public ulong User { get; init; }

    /// <summary>XD: with it, and IA32_EFER.NXE, nothing is fetched from the page; without NXE it is reserved.</summary>
    public ulong ExecuteDisable { get; init; }

    /// <summary>What the processor sets in an entry that it uses.</summary>
    public ulong Accessed { get; init; }

    /// <summary>Where the next table is.</summary>
    public ulong TableAddress { get; init; }

    /// <summary>Bits that must be 0 in each present entry.</summary>
    public ulong Reserved { get; init; }

    /// <summary>Bits from MAXPHYADDR up to and with this one must be 0 in each present entry; 0 where no bit is compared with MAXPHYADDR.</summary>
    public int HighestReservedBit { get; init; }

    /// <summary>PS: with it an entry above the last level maps a page.</summary>
    public ulong Size { get; init; }

    /// <summary>What the processor sets in an entry through which it writes.</summary>
    public ulong Dirty { get; init; }

    /// <summary>G.</summary>
    public ulong Global { get; init; }

    /// <summary>Where the page is, if the entry maps one; 0 where there is no page of that size.</summary>
    public ulong PageAddress { get; init; }

    /// <summary>Bits that stand for physical address bits 32 and up in a 4-byte entry that maps a page (PSE-36), from bit 13.</summary>
    public ulong HighPageAddress { get; init; }

    /// <summary>The bits of a linear address that a page mapped at this level doesn't translate.</summary>
    public ulong PageOffset { get; init; }

    /// <summary>Further bits that must be 0 in an entry above the last level that maps a page.</summary>
    public ulong ReservedInLargePage { get; init; }
}
