// Where tables and pages of a state lie. Two placements that are each other's complement in every bit of every address, so that no bit of an address can be left
// out of a mask, or taken into one, without a difference.

using Ringfence.Simulator;
using Ringfence.Simulator.Prediction;

namespace Ringfence.Verification.Oracles;

/// <summary>Addresses for the states of one processor.</summary>
public sealed class Placement
{
    // The fraction of the square root of 23: no period, so that a shift by a wrong distance shows.
    private const ulong Pattern = 0xCBBB_9D5D_C105_9ED8;
    private const int WindowByteCount = 0x1_0000;
    private const ulong TableByteMask = 0xFFF;

    // Any 32-byte aligned place in the page will do; this one has ones and zeros.
    private const ulong RegisterTableOffset = 0x5A0;

    private readonly ulong[] _tables;
    private readonly ulong[] _pages;
    private readonly ulong[] _entries;

    /// <summary>One of the two placements.</summary>
    /// <param name="processor">The processor.</param>
    /// <param name="isComplement">Whether it is the second.</param>
    public Placement(PredictedProcessor processor, bool isComplement)
    {
        Processor = processor;
        IsComplement = isComplement;
        int levels = processor.LevelCount;
        ulong pattern = isComplement ? ~Pattern : Pattern;
        ulong physicalMask = (1ul << processor.PhysicalAddressBits) - 1;
        ulong tableMask = processor.Format == TableFormat.Ia32 ? uint.MaxValue : physicalMask;
        ulong pageMask = processor.Format == TableFormat.Ia32 ? (1ul << 40) - 1 & physicalMask : physicalMask;
        ulong window = pattern & tableMask & ~(ulong)(WindowByteCount - 1);
        Linear = ToLinear(pattern, processor.Format);

        _tables = new ulong[levels];
        _pages = new ulong[levels];
        _entries = new ulong[levels];
        for (int level = 1; level <= levels; level++)
        {
            // Bits 15:12 are complementary, too.
            int number = 3 * level;
            _tables[level - 1] = window | ((ulong)(isComplement ? 15 - number : number) << 12);
            ulong page = pattern & (level == 1 ? tableMask : pageMask);
            _pages[level - 1] = page & ~((1ul << processor.PageShift(level)) - 1);
        }

        // The registers of PAE are loaded from below 4 GiB.
        ulong registerWindow = pattern & uint.MaxValue & ~(ulong)(WindowByteCount - 1);
        if (processor.Format == TableFormat.Pae)
        {
            _tables[levels - 1] = registerWindow | (pattern & 0xF000) | (isComplement ? TableByteMask - 0x1F - RegisterTableOffset : RegisterTableOffset);
        }

        for (int level = 1; level <= levels; level++)
        {
            _entries[level - 1] = _tables[level - 1] + EntryOffset(processor, level);
        }

        // The low bits of CR3 are no part of the address.
        Cr3 = _tables[levels - 1] | (processor.Format == TableFormat.Pae ? 0x1Ful : TableByteMask);
        Memory = registerWindow == window
            ? new PhysicalMemory(window, WindowByteCount, 0, 0)
            : new PhysicalMemory(window, WindowByteCount, registerWindow, WindowByteCount);
    }

    /// <summary>The processor.</summary>
    public PredictedProcessor Processor { get; }

    /// <summary>Which of the two placements it is.</summary>
    public bool IsComplement { get; }

    /// <summary>Memory that holds the tables, all entries absent.</summary>
    public PhysicalMemory Memory { get; }

    /// <summary>The linear address that is accessed.</summary>
    public ulong Linear { get; }

    /// <summary>What CR3 is loaded with.</summary>
    public ulong Cr3 { get; }

    /// <summary>Physical address of the entry of a level.</summary>
    public ulong EntryAddress(int level) => _entries[level - 1];

    /// <summary>Physical address of the page that an entry of a level maps if it maps one.</summary>
    public ulong Page(int level) => _pages[level - 1];

    /// <summary>What the entry of a level holds.</summary>
    public ulong Entry(AccessState state, int level) =>
        EntryEncoding.Entry(Processor, state, level, EntryEncoding.IsLeaf(Processor, state, level) ? _pages[level - 1] : _tables[level - 2]);

    private static ulong ToLinear(ulong pattern, TableFormat format)
    {
        int unused = format switch
        {
            TableFormat.FiveLevel => 64 - 57,
            TableFormat.FourLevel => 64 - 48,
            _ => 0,
        };
        return unused == 0 ? pattern & uint.MaxValue : (ulong)((long)(pattern << unused) >> unused);
    }

    private ulong EntryOffset(PredictedProcessor processor, int level)
    {
        if (processor.Format == TableFormat.Ia32)
        {
            return ((Linear >> processor.PageShift(level)) & 0x3FF) * 4;
        }

        ulong entries = processor.Format == TableFormat.Pae && level == 3 ? 4ul : 512;
        return ((Linear >> processor.PageShift(level)) & (entries - 1)) * 8;
    }
}
