// Table memory under a page walker that comes at the worst moments: it sets A and D of an entry between a read by software and whatever software does next.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Testing;

/// <summary>A page walker that comes between the accesses of software.</summary>
internal abstract class MemoryWalker
{
    /// <summary>Software has read at this address.</summary>
    public abstract void AfterRead(ulong address);

    /// <summary>Software has stored there.</summary>
    public virtual void AfterStore(ulong address)
    {
    }
}

/// <summary>One that marks its entries after every read of them.</summary>
internal sealed class Walker(PhysicalMemory memory, int entryByteCount) : MemoryWalker
{
    private const uint AccessedAndDirty = 0x60;

    /// <summary>Addresses of the entries that the processor writes through at any moment.</summary>
    public HashSet<ulong> Entries { get; } = [];

    public override void AfterRead(ulong address)
    {
        ulong entry = address & ~((ulong)entryByteCount - 1);
        if (Entries.Contains(entry))
        {
            memory.Write32(entry, memory.Read32(entry) | AccessedAndDirty);
        }
    }
}

internal readonly struct WalkerMemory(PhysicalMemory memory, MemoryWalker walker) : ITableMemory
{
    private readonly SimulatedTableMemory _memory = new(memory);
    private readonly MemoryWalker _walker = walker;

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

    public void Write32(TableAddress table, int index, uint value)
    {
        _memory.Write32(table, index, value);
        _walker.AfterStore(table.Value + ((ulong)index * 4));
    }

    public void Write64(TableAddress table, int index, ulong value)
    {
        _memory.Write64(table, index, value);
        _walker.AfterStore(table.Value + ((ulong)index * 8));
    }

    public uint ExchangeAdd32(TableAddress table, int index, uint addend)
    {
        uint before = _memory.ExchangeAdd32(table, index, addend);
        _walker.AfterStore(table.Value + ((ulong)index * 4));
        return before;
    }

    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend)
    {
        ulong before = _memory.ExchangeAdd64(table, index, addend);
        _walker.AfterStore(table.Value + ((ulong)index * 8));
        return before;
    }

    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand)
    {
        uint before = _memory.CompareExchange32(table, index, value, comparand);
        NoteIf(before == comparand, table.Value + ((ulong)index * 4));
        return before;
    }

    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand)
    {
        ulong before = _memory.CompareExchange64(table, index, value, comparand);
        NoteIf(before == comparand, table.Value + ((ulong)index * 8));
        return before;
    }

    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) => TablePages.Copy(this, source, destination, width, marks);

    private void NoteIf(bool hasStored, ulong address)
    {
        if (hasStored)
        {
            _walker.AfterStore(address);
        }
    }
}
