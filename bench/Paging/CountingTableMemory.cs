// Memory that counts the accesses to entries on their way.

namespace Ringfence.Paging.Benchmarks;

/// <summary>Passes every access on and counts it.</summary>
/// <typeparam name="TFormat">The format, which says what an entry is.</typeparam>
public readonly struct CountingTableMemory<TFormat>(ArrayTableMemory memory, EntryCounts counts) : ITableMemory
    where TFormat : struct, IPagingFormat
{
    private readonly ArrayTableMemory _memory = memory;
    private readonly EntryCounts _counts = counts;

    private static bool IsSplit => TFormat.EntryWidth == EntryWidth.Bits64InTwoWords;

    /// <inheritdoc/>
    public uint Read32(PhysicalAddress table, int index)
    {
        _counts.AddRead(table, EntryOf(index), IsHighWord(index));
        return _memory.Read32(table, index);
    }

    /// <inheritdoc/>
    public void Write32(PhysicalAddress table, int index, uint value)
    {
        _counts.AddWrite(table, EntryOf(index), IsHighWord(index));
        _memory.Write32(table, index, value);
    }

    /// <inheritdoc/>
    public ulong Read64(PhysicalAddress table, int index)
    {
        _counts.AddRead(table, index, isHighWord: false);
        return _memory.Read64(table, index);
    }

    /// <inheritdoc/>
    public void Write64(PhysicalAddress table, int index, ulong value)
    {
        _counts.AddWrite(table, index, isHighWord: false);
        _memory.Write64(table, index, value);
    }

    /// <inheritdoc/>
    public uint ExchangeAdd32(PhysicalAddress table, int index, uint addend)
    {
        _counts.AddWrite(table, EntryOf(index), IsHighWord(index));
        return _memory.ExchangeAdd32(table, index, addend);
    }

    /// <inheritdoc/>
    public ulong ExchangeAdd64(PhysicalAddress table, int index, ulong addend)
    {
        _counts.AddWrite(table, index, isHighWord: false);
        return _memory.ExchangeAdd64(table, index, addend);
    }

    /// <inheritdoc/>
    public uint CompareExchange32(PhysicalAddress table, int index, uint value, uint comparand)
    {
        _counts.AddWrite(table, EntryOf(index), IsHighWord(index));
        return _memory.CompareExchange32(table, index, value, comparand);
    }

    /// <inheritdoc/>
    public ulong CompareExchange64(PhysicalAddress table, int index, ulong value, ulong comparand)
    {
        _counts.AddWrite(table, index, isHighWord: false);
        return _memory.CompareExchange64(table, index, value, comparand);
    }

    private static int EntryOf(int wordIndex) => IsSplit ? wordIndex / 2 : wordIndex;

    private static bool IsHighWord(int wordIndex) => IsSplit && wordIndex % 2 != 0;
}
