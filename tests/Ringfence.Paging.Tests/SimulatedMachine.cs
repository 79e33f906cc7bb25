// A machine of one paging format with an empty address space: what nearly every test here starts from.

using System;
using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Testing;

/// <summary>Memory, a pool of table pages, an empty set loaded into CR3, and counters of what is done to it.</summary>
internal sealed class SimulatedMachine<TFormat>
    where TFormat : struct, IPagingFormat
{
    public const int PoolPageCount = 64;
    private const ulong PoolAddress = 0x1_0000;
    private const ulong RootAddress = 0x8000;
    private const int MemoryByteCount = (int)PoolAddress + (PoolPageCount * 4096);

    private readonly HashSet<ulong> _entriesWritten = [];

    public SimulatedMachine(int poolPageCount = PoolPageCount, ProcessorSettings? settings = null)
    {
        Memory = new PhysicalMemory(MemoryByteCount);

        // What lies in the pool at first is arbitrary: a table page that isn't cleared must be noticed.
        Memory.Fill(PoolAddress, poolPageCount * 4096, 0xA5);

        // A processor that promises nothing about A: what a locked edit finds there excuses no flush.
        Settings = settings ?? new ProcessorSettings { Mode = Mode, HoldsOnlyAccessed = false };
        Strict = new StrictMmu(Memory, Settings);
        Cpu = new AdversarialMmu(Strict);
        Pool = new TablePool<SimulatedTableMemory>(
            new SimulatedTableMemory(Memory), new PhysicalAddress(PoolAddress).Frame, new PageCount((nuint)poolPageCount));
        Space = new AddressSpace<TFormat, SimulatedTableMemory>(new SimulatedTableMemory(Memory), new PhysicalAddress(RootAddress));
        Cpu.LoadCr3(RootAddress);
        Memory.Stored += OnStored;
    }

    public static PagingMode Mode =>
        typeof(TFormat) == typeof(Ia32Format) ? PagingMode.ThirtyTwoBit
        : typeof(TFormat) == typeof(PaeFormat) ? PagingMode.Pae
        : TFormat.LevelCount == 4 ? PagingMode.FourLevel
        : PagingMode.FiveLevel;

    /// <summary>Pages that one leaf table maps.</summary>
    public static nuint LeafTableSpan => TFormat.Level(1).EntrySpan.Value;

    /// <summary>The last page of the address space.</summary>
    public static PageNumber LastPage
    {
        get
        {
            PageRange top = FormatGeometry<TFormat>.UpperPages.IsEmpty ? FormatGeometry<TFormat>.LowerPages : FormatGeometry<TFormat>.UpperPages;
            return new PageNumber(top.End.Value - 1);
        }
    }

    public ProcessorSettings Settings { get; }

    public PhysicalMemory Memory { get; }

    public StrictMmu Strict { get; }

    public AdversarialMmu Cpu { get; }

    public AddressSpace<TFormat, SimulatedTableMemory> Space { get; }

    /// <summary>The pool as a field, since it is a mutable value.</summary>
#pragma warning disable CA1051 // A property would hand out copies.
    public TablePool<SimulatedTableMemory> Pool;

    /// <summary>Whose the tables are.</summary>
    public TableAccount Account = TableAccount.Unlimited;
#pragma warning restore CA1051

    /// <summary>Entries written since the last reset, each counted once; the two words of a PAE entry are one entry.</summary>
    public int EntriesWritten => _entriesWritten.Count;

    /// <summary>Stores made since the last reset.</summary>
    public int StoreCount { get; private set; }

    public void ResetCounters()
    {
        _entriesWritten.Clear();
        StoreCount = 0;
    }

    public static PageRange Pages(nuint first, nuint count) => PageRange.CreateTruncated(new PageNumber(first), new PageCount(count));

    public static ulong LinearAddress(PageNumber page) => page.Address.Value;

    /// <summary>Maps and discharges; fails the test on an error.</summary>
    public void Map(PageRange range, nuint firstFrame, LeafRights rights) =>
        Done(Space.Map(ref Pool, ref Account, range, new FrameNumber(firstFrame), rights));

    /// <summary>Discharges an edit that must have succeeded.</summary>
    public FlushObligation Done(EditResult result)
    {
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"edit refused: {result.Error.Code} at page 0x{result.Error.Page.Value:x}");
        }

        Discharge(result.Flush);
        return result.Flush;
    }

    public void Discharge(FlushObligation flush)
    {
        SimulatedTranslationCache cache = new(Cpu);
        flush.Discharge(ref cache);
    }

    /// <summary>All of memory, to be compared after something that must have changed nothing.</summary>
    public byte[] Snapshot()
    {
        byte[] copy = new byte[MemoryByteCount];
        for (int address = 0; address < MemoryByteCount; address += 4)
        {
            BitConverter.TryWriteBytes(copy.AsSpan(address), Memory.Read32((ulong)address));
        }

        return copy;
    }

    private void OnStored(ulong address, int byteCount)
    {
        StoreCount++;
        _entriesWritten.Add(address / (ulong)FormatGeometry<TFormat>.EntryByteCount);
    }
}
