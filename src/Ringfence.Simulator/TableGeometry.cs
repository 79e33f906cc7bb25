// The shape of page tables as data, for the adversary's own walks: it shares no line and no constant with the library that it judges, nor with the strict MMU.

using System.Collections.Immutable;

namespace Ringfence.Simulator;

/// <summary>One level of tables.</summary>
/// <param name="Shift">Address bits below this level's index.</param>
/// <param name="IndexBitCount">Address bits of the index.</param>
/// <param name="HoldsLargePages">
/// PS is obeyed: an entry with it maps a page as large as what the entry covers. Never set for the lowest level, where every entry maps a page.
/// </param>
/// <param name="ReservesPageSize">PS is a reserved bit.</param>
public readonly record struct TableLevel(int Shift, int IndexBitCount, bool HoldsLargePages = false, bool ReservesPageSize = false)
{
    /// <summary>Bytes of address space that one entry covers.</summary>
    public ulong EntrySpanByteCount => 1ul << Shift;

    /// <summary>Entries of a table.</summary>
    public int EntryCount => 1 << IndexBitCount;
}

/// <summary>The tables of one paging mode (Intel SDM vol. 3A 4.3 to 4.5). Every table begins at a frame.</summary>
public sealed record TableGeometry
{
    /// <summary>32-bit paging (4.3): 2 levels of 1,024 entries of 4 bytes; 4 MiB pages if CR4.PSE is set.</summary>
    public static TableGeometry ThirtyTwoBit { get; } = new()
    {
        Levels = [new TableLevel(12, 10), new TableLevel(22, 10, HoldsLargePages: true)],
        EntryByteCount = 4,
        LinearBitCount = 32,
    };

    /// <summary>PAE paging (4.4): 2 levels of 512 entries of 8 bytes below four registers.</summary>
    public static TableGeometry Pae { get; } = new()
    {
        Levels = [new TableLevel(12, 9), new TableLevel(21, 9, HoldsLargePages: true)],
        EntryByteCount = 8,
        LinearBitCount = 32,
        RegisterCount = 4,
        AlwaysReserved = 0x7FF0_0000_0000_0000,
    };

    /// <summary>4-level paging (4.5).</summary>
    public static TableGeometry FourLevel { get; } = new()
    {
        Levels =
        [
            new TableLevel(12, 9),
            new TableLevel(21, 9, HoldsLargePages: true),
            new TableLevel(30, 9, HoldsLargePages: true),
            new TableLevel(39, 9, ReservesPageSize: true),
        ],
        EntryByteCount = 8,
        LinearBitCount = 48,
        HasCanonicalAddresses = true,
    };

    /// <summary>5-level paging (4.5).</summary>
    public static TableGeometry FiveLevel { get; } = FourLevel with
    {
        Levels = FourLevel.Levels.Add(new TableLevel(48, 9, ReservesPageSize: true)),
        LinearBitCount = 57,
    };

    /// <summary>A geometry small enough to try everything on: 2 levels of 4 entries of 32-bit paging, 16 pages in all.</summary>
    public static TableGeometry Toy { get; } = new()
    {
        Levels = [new TableLevel(12, 2), new TableLevel(14, 2, HoldsLargePages: true)],
        EntryByteCount = 4,
        LinearBitCount = 16,
    };

    /// <summary>The levels, lowest first: at most five.</summary>
    public required ImmutableArray<TableLevel> Levels { get; init; }

    /// <summary>4 or 8.</summary>
    public required int EntryByteCount { get; init; }

    /// <summary>Bits of a linear address that take part in translation.</summary>
    public required int LinearBitCount { get; init; }

    /// <summary>Higher address bits must equal the highest of those; otherwise they must be zero.</summary>
    public bool HasCanonicalAddresses { get; init; }

    /// <summary>Registers that hold the entries above the highest table, loaded when CR3 is written; 0 where CR3 holds the highest table's address.</summary>
    public int RegisterCount { get; init; }

    /// <summary>Bits reserved in every entry whatever the processor's features.</summary>
    public ulong AlwaysReserved { get; init; }

    /// <summary>Whether entries have XD.</summary>
    public bool HasExecuteDisable => EntryByteCount == 8;

    /// <summary>The part of an entry that is the address of a frame.</summary>
    public ulong FrameMask => EntryByteCount == 4 ? 0xFFFF_F000ul : 0x000F_FFFF_FFFF_F000;

    /// <summary>The geometry of a mode of the strict MMU.</summary>
    public static TableGeometry For(PagingMode mode) => mode switch
    {
        PagingMode.ThirtyTwoBit => ThirtyTwoBit,
        PagingMode.Pae => Pae,
        PagingMode.FiveLevel => FiveLevel,
        _ => FourLevel,
    };

    /// <summary>The address bits that take part in translation; false for an address that can't be translated.</summary>
    public bool TryStrip(ulong linear, out ulong stripped)
    {
        stripped = linear & ((1ul << LinearBitCount) - 1);
        return Restore(stripped) == linear;
    }

    /// <summary>The whole address of which those bits are known.</summary>
    public ulong Restore(ulong stripped)
    {
        int unused = 64 - LinearBitCount;
        return HasCanonicalAddresses ? (ulong)((long)(stripped << unused) >> unused) : stripped;
    }
}
