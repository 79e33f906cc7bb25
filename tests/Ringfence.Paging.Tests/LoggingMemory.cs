// Table memory that counts reads table by table, so that a test can tell how often an edit walks.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Testing;

internal sealed class ReadLog
{
    public Dictionary<ulong, int> ReadsOf { get; } = [];

    public void Add(TableAddress table) => ReadsOf[table.Value & ~0xFFFul] = ReadsOf.GetValueOrDefault(table.Value & ~0xFFFul) + 1;
}

internal readonly struct LoggingMemory(PhysicalMemory memory, ReadLog log) : ITableMemory
{
    private readonly SimulatedTableMemory _memory = new(memory);
    private readonly ReadLog _log = log;

    public uint Read32(TableAddress table, int index)
    {
        _log.Add(table);
        return _memory.Read32(table, index);
    }

    public ulong Read64(TableAddress table, int index)
    {
        _log.Add(table);
        return _memory.Read64(table, index);
    }

    public void Write32(TableAddress table, int index, uint value) => _memory.Write32(table, index, value);

    public void Write64(TableAddress table, int index, ulong value) => _memory.Write64(table, index, value);

    public uint ExchangeAdd32(TableAddress table, int index, uint addend) => _memory.ExchangeAdd32(table, index, addend);

    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend) => _memory.ExchangeAdd64(table, index, addend);

    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand) =>
        _memory.CompareExchange32(table, index, value, comparand);

    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand) =>
        _memory.CompareExchange64(table, index, value, comparand);

    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) => TablePages.Copy(this, source, destination, width, marks);
}
