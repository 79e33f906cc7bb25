// How the adversary reads tables: one step from a held upper entry to what an entry of its table gives at this instant, and whole walks made of such steps.

using System;
using System.Runtime.InteropServices;

namespace Ringfence.Simulator;

/// <summary>What an entry in memory is.</summary>
internal enum EntryKind
{
    /// <summary>P is 0, or there is no memory: nothing may be cached.</summary>
    NotPresent,

    /// <summary>A reserved bit is set: nothing may be cached.</summary>
    Reserved,

    /// <summary>It leads to a table.</summary>
    Table,

    /// <summary>It maps a page.</summary>
    Page,
}

/// <summary>Reads entries of one geometry under given control bits.</summary>
internal sealed class TableReader
{
    /// <summary>A, in the low word of every entry.</summary>
    public const uint AccessedBit = 0x20;

    /// <summary>D, likewise.</summary>
    public const uint DirtyBit = 0x40;

    private const ulong PresentBit = 1;
    private const ulong WritableBit = 2;
    private const ulong UserBit = 4;
    private const ulong PageSizeBit = 0x80;
    private const ulong GlobalBit = 0x100;
    private const ulong ExecuteDisableBit = 1ul << 63;

    private readonly PhysicalMemory _memory;
    private readonly TableGeometry _geometry;
    private readonly bool _obeysGlobal;
    private readonly bool _obeysExecuteDisable;
    private readonly bool _keepsSources;
    private readonly int _highAddressBitCount;
    private readonly ulong[] _tableReserved = new ulong[SourcePath.LevelLimit + 1];
    private readonly ulong[] _pageReserved = new ulong[SourcePath.LevelLimit + 1];
    private readonly bool[] _holdsLargePages = new bool[SourcePath.LevelLimit + 1];

    public TableReader(PhysicalMemory memory, TableGeometry geometry, ProcessorSettings settings)
    {
        _memory = memory;
        _geometry = geometry;
        _obeysGlobal = settings.PageGlobalEnable;
        _obeysExecuteDisable = geometry.HasExecuteDisable && settings.NoExecuteEnable;
        _keepsSources = settings.HoldsOnlyAccessed;
        _highAddressBitCount = geometry == TableGeometry.ThirtyTwoBit ? Math.Clamp(settings.PhysicalAddressBits - 32, 0, 8) : 0;
        ulong reserved = geometry.AlwaysReserved;
        if (geometry.EntryByteCount == 8)
        {
            reserved |= 0x000F_FFFF_FFFF_FFFF & ~((1ul << settings.PhysicalAddressBits) - 1);
            reserved |= settings.NoExecuteEnable ? 0 : ExecuteDisableBit;
        }

        for (int level = 1; level <= geometry.Levels.Length; level++)
        {
            TableLevel shape = geometry.Levels[level - 1];
            bool lacksGibibytePages = shape.Shift == 30 && !settings.GibibytePages;
            _tableReserved[level] = reserved | (shape.ReservesPageSize || lacksGibibytePages ? PageSizeBit : 0);
            _holdsLargePages[level] = shape.HoldsLargePages && !lacksGibibytePages && (geometry.EntryByteCount == 8 || settings.PageSizeExtensions);

            // Bit 12 of a large page is PAT. The bits between it and the page's address are reserved, but for those that 32-bit paging takes as address bits 39:32.
            ulong belowPage = (shape.EntrySpanByteCount - 1) & ~0x1FFFul;
            _pageReserved[level] = reserved | (level == 1 ? 0 : belowPage & ~(((1ul << _highAddressBitCount) - 1) << 13));
        }
    }

    /// <summary>Physical address of the entry that an upper entry's table has for an address.</summary>
    public ulong EntryAddress(in HeldEntry upper, ulong linear)
    {
        TableLevel shape = _geometry.Levels[upper.Level - 2];
        return upper.Target + (((linear >> shape.Shift) & (ulong)(shape.EntryCount - 1)) * (ulong)_geometry.EntryByteCount);
    }

    /// <summary>What the entry at an index of an upper entry's table gives now.</summary>
    public EntryKind Read(in HeldEntry upper, int index, out HeldEntry entry)
    {
        int byteCount = _geometry.EntryByteCount;
        ulong address = upper.Target + (ulong)(index * byteCount);
        if (address > (ulong)(_memory.ByteCount - byteCount))
        {
            entry = default;
            return EntryKind.NotPresent;
        }

        ulong value = byteCount == 4 ? _memory.Read32(address) : _memory.Read64(address);
        return Interpret(in upper, index, address, value, out entry);
    }

    /// <summary>Walks from an upper entry that serves an address down to a page.</summary>
    /// <returns><see cref="EntryKind.Page"/>, or why there is none.</returns>
    public EntryKind Walk(in HeldEntry from, ulong linear, out HeldEntry translation) => WalkTo(in from, linear, 0, out translation);

    /// <summary>Walks no further than to an entry of <paramref name="lowestLevel"/>.</summary>
    public EntryKind WalkTo(in HeldEntry from, ulong linear, int lowestLevel, out HeldEntry entry)
    {
        entry = from;
        EntryKind kind = EntryKind.Table;
        while (kind == EntryKind.Table && entry.Level > lowestLevel)
        {
            TableLevel shape = _geometry.Levels[entry.Level - 2];
            HeldEntry upper = entry;
            kind = Read(in upper, (int)(linear >> shape.Shift) & (shape.EntryCount - 1), out entry);
        }

        return kind;
    }

    /// <summary>The lowest index from <paramref name="first"/> on whose entry isn't zero; the number of entries if there is none.</summary>
    public int NextNonZero(in HeldEntry upper, int first)
    {
        int count = _geometry.Levels[upper.Level - 2].EntryCount;
        ReadOnlySpan<byte> bytes = _memory.BytesOfFrame(upper.Target, count * _geometry.EntryByteCount);
        int found = _geometry.EntryByteCount == 4
            ? MemoryMarshal.Cast<byte, uint>(bytes)[first..].IndexOfAnyExcept(0u)
            : MemoryMarshal.Cast<byte, ulong>(bytes)[first..].IndexOfAnyExcept(0ul);
        return found < 0 ? count : first + found;
    }

    private EntryKind Interpret(in HeldEntry upper, int index, ulong address, ulong value, out HeldEntry entry)
    {
        entry = default;
        if ((value & PresentBit) == 0)
        {
            return EntryKind.NotPresent;
        }

        int level = upper.Level - 1;
        bool isPage = level == 1 || (_holdsLargePages[level] && (value & PageSizeBit) != 0);
        if ((value & (isPage ? _pageReserved : _tableReserved)[level]) != 0)
        {
            return EntryKind.Reserved;
        }

        HeldTraits passed = upper.Traits & HeldTraits.ExecuteDisable;
        if (_obeysExecuteDisable && (value & ExecuteDisableBit) != 0)
        {
            passed |= HeldTraits.ExecuteDisable;
        }

        passed |= (value & WritableBit) != 0 ? upper.Traits & HeldTraits.Writable : 0;
        passed |= (value & UserBit) != 0 ? upper.Traits & HeldTraits.User : 0;
        TableLevel shape = _geometry.Levels[level - 1];
        entry.Linear = upper.Linear | ((ulong)index << shape.Shift);
        entry.Level = (byte)level;
        entry.Context = upper.Context;
        entry.AccessedLost = upper.AccessedLost;
        entry.Target = value & _geometry.FrameMask;
        if (isPage)
        {
            ulong high = level == 1 ? 0 : (value >> 13) & ((1ul << _highAddressBitCount) - 1);
            entry.Target = (entry.Target & ~(shape.EntrySpanByteCount - 1)) | (high << 32);
            passed |= HeldTraits.Translation;
            passed |= (value & DirtyBit) != 0 ? HeldTraits.Dirty : 0;
            if ((value & GlobalBit) != 0)
            {
                passed |= HeldTraits.Global;
                entry.Context = _obeysGlobal ? HeldEntry.GlobalContext : upper.Context;
            }
        }

        entry.Traits = passed;
        if (_keepsSources)
        {
            entry.Sources = upper.Sources;
            entry.Sources[level - 1] = (uint)(address >> 2);
        }

        return isPage ? EntryKind.Page : EntryKind.Table;
    }
}
