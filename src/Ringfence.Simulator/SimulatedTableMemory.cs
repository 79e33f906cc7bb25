// The simulated machine as the paging library sees it: its memory, and its cache.

using Ringfence.Paging;

namespace Ringfence.Simulator;

/// <summary>Page tables in simulated memory.</summary>
public readonly struct SimulatedTableMemory(PhysicalMemory memory) : ITableMemory
{
    private readonly PhysicalMemory _memory = memory;

    /// <inheritdoc/>
    public uint Read32(TableAddress table, int index) => _memory.Read32(table.Value + ((ulong)index * 4));

    /// <inheritdoc/>
    public void Write32(TableAddress table, int index, uint value) => _memory.Write32(table.Value + ((ulong)index * 4), value);

    /// <inheritdoc/>
    public ulong Read64(TableAddress table, int index) => _memory.Read64(table.Value + ((ulong)index * 8));

    /// <inheritdoc/>
    public void Write64(TableAddress table, int index, ulong value) => _memory.Write64(table.Value + ((ulong)index * 8), value);

    /// <inheritdoc/>
    public uint ExchangeAdd32(TableAddress table, int index, uint addend) => _memory.ExchangeAdd32(table.Value + ((ulong)index * 4), addend);

    /// <inheritdoc/>
    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend) => _memory.ExchangeAdd64(table.Value + ((ulong)index * 8), addend);

    /// <inheritdoc/>
    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand) =>
        _memory.CompareExchange32(table.Value + ((ulong)index * 4), value, comparand);

    /// <inheritdoc/>
    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand) =>
        _memory.CompareExchange64(table.Value + ((ulong)index * 8), value, comparand);

    /// <inheritdoc/>
    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    /// <inheritdoc/>
    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) => TablePages.Copy(this, source, destination, width, marks);
}

/// <summary>Flushes of a simulated processor.</summary>
public readonly struct SimulatedTranslationCache(AdversarialMmu mmu) : ITranslationCache
{
    private readonly AdversarialMmu _mmu = mmu;

    /// <inheritdoc/>
    public void FlushPage(PageNumber page) => _mmu.FlushPage(page.Address.Value);

    /// <inheritdoc/>
    public void FlushAll() => _mmu.LoadCr3(_mmu.Strict.Cr3);

    /// <inheritdoc/>
    public void LoadRoot(TableAddress root) => _mmu.LoadCr3(root.Value);

    /// <inheritdoc/>
    public void LoadContext(ContextRoot root) => _mmu.LoadCr3(root.Control3);

    /// <inheritdoc/>
    public void FlushEveryContext() => _mmu.FlushEveryContext();
}
