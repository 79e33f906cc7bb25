// Table memory under a page walker that is always a moment too early: it sets A and D of an entry between a read by software and whatever software does next.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Testing;

/// <summary>The leaves that the walker marks.</summary>
internal sealed class Walker(PhysicalMemory memory, int entryByteCount)
{
    private const uint AccessedAndDirty = 0x60;

    /// <summary>Addresses of the entries that the processor writes through at any moment.</summary>
    public HashSet<ulong> Entries { get; } = [];

    /// <summary>Software has read at this address.</summary>
    public void AfterRead(ulong address)
    {
        ulong entry = address & ~((ulong)entryByteCount - 1);
        if (Entries.Contains(entry))
        {
            memory.Write32(entry, memory.Read32(entry) | AccessedAndDirty);
        }
    }
}

internal readonly struct WalkerMemory(PhysicalMemory memory, Walker walker) : ITableMemory
{
    private readonly SimulatedTableMemory _memory = new(memory);
    private readonly Walker _walker = walker;

    public uint Read32(TableAddress table, int index)
    {
        uint value = _memory.Read32(table, index);
        _walker.AfterRead(table.Value + ((ulong)index * 4));
        return value;
    }

    public ulong Read64(TableAddress table, int index)
    {
        ulong value = _memory.Read64(table, index);
        _walker.AfterRead(table.Value + ((ulong)index * 8));
        return value;
    }

    public void Write32(TableAddress table, int index, uint value) => _memory.Write32(table, index, value);

    public void Write64(TableAddress table, int index, ulong value) => _memory.Write64(table, index, value);

    public uint ExchangeAdd32(TableAddress table, int index, uint addend) => _memory.ExchangeAdd32(table, index, addend);

    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend) => _memory.ExchangeAdd64(table, index, addend);

    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand) =>
        _memory.CompareExchange32(table, index, value, comparand);

    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand) =>
        _memory.CompareExchange64(table, index, value, comparand);
}
