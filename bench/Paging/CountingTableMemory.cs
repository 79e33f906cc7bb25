// Memory that counts the accesses to entries on their way.

namespace Ringfence.Paging.Benchmarks;

/// <summary>Passes every access on and counts it.</summary>
/// <typeparam name="TFormat">The format, which says what an entry is.</typeparam>
public readonly struct CountingTableMemory<TFormat>(ArrayTableMemory memory, EntryCounts counts) : ITableMemory
    where TFormat : struct, IPagingFormat
{
    private readonly ArrayTableMemory _memory = memory;
    private readonly EntryCounts _counts = counts;

    /// <inheritdoc/>
    public uint Read32(TableAddress table, int index)
    {
        Read(table, index, sizeof(uint));
        return _memory.Read32(table, index);
    }

    /// <inheritdoc/>
    public void Write32(TableAddress table, int index, uint value)
    {
        Write(table, index, sizeof(uint));
        _memory.Write32(table, index, value);
    }

    /// <inheritdoc/>
    public ulong Read64(TableAddress table, int index)
    {
        Read(table, index, sizeof(ulong));
        return _memory.Read64(table, index);
    }

    /// <inheritdoc/>
    public void Write64(TableAddress table, int index, ulong value)
    {
        Write(table, index, sizeof(ulong));
        _memory.Write64(table, index, value);
    }

    /// <inheritdoc/>
    public uint ExchangeAdd32(TableAddress table, int index, uint addend)
    {
        Write(table, index, sizeof(uint));
        return _memory.ExchangeAdd32(table, index, addend);
    }

    /// <inheritdoc/>
    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend)
    {
        Write(table, index, sizeof(ulong));
        return _memory.ExchangeAdd64(table, index, addend);
    }

    /// <inheritdoc/>
    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand)
    {
        Write(table, index, sizeof(uint));
        return _memory.CompareExchange32(table, index, value, comparand);
    }

    /// <inheritdoc/>
    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand)
    {
        Write(table, index, sizeof(ulong));
        return _memory.CompareExchange64(table, index, value, comparand);
    }

    /// <inheritdoc/>
    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    /// <inheritdoc/>
    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) => TablePages.Copy(this, source, destination, width, marks);

    private void Read(TableAddress table, int index, int wordByteCount)
    {
        PhysicalAddress entry = EntryAt(table, index, wordByteCount, out bool isHighWord);
        _counts.AddRead(entry, isHighWord);
    }

    private void Write(TableAddress table, int index, int wordByteCount)
    {
        PhysicalAddress entry = EntryAt(table, index, wordByteCount, out bool isHighWord);
        _counts.AddWrite(entry, isHighWord);
    }

    private static PhysicalAddress EntryAt(TableAddress table, int index, int wordByteCount, out bool isHighWord)
    {
        ulong address = (ulong)table.Value + (ulong)(index * wordByteCount);
        ulong offset = address & ((ulong)FormatGeometry<TFormat>.EntryByteCount - 1);
        isHighWord = offset != 0;
        return new PhysicalAddress(address - offset);
    }
}
