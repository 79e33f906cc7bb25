// Page tables in an array and nothing else, so that what is measured is the library.

using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Ringfence.Paging.Benchmarks;

/// <summary>Physical memory from address 0 up, as 64-bit words.</summary>
public readonly struct ArrayTableMemory(ulong[] words) : ITableMemory
{
    private readonly ulong[] _words = words;

    /// <inheritdoc/>
    public uint Read32(TableAddress table, int index) => Word32(table, index);

    /// <inheritdoc/>
    public void Write32(TableAddress table, int index, uint value) => Word32(table, index) = value;

    /// <inheritdoc/>
    public ulong Read64(TableAddress table, int index) => Word64(table, index);

    /// <inheritdoc/>
    public void Write64(TableAddress table, int index, ulong value) => Word64(table, index) = value;

    /// <inheritdoc/>
    public uint ExchangeAdd32(TableAddress table, int index, uint addend) =>
        unchecked(Interlocked.Add(ref Word32(table, index), addend) - addend);

    /// <inheritdoc/>
    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend) =>
        unchecked(Interlocked.Add(ref Word64(table, index), addend) - addend);

    /// <inheritdoc/>
    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand) =>
        Interlocked.CompareExchange(ref Word32(table, index), value, comparand);

    /// <inheritdoc/>
    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand) =>
        Interlocked.CompareExchange(ref Word64(table, index), value, comparand);

    /// <inheritdoc/>
    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    /// <inheritdoc/>
    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) => TablePages.Copy(this, source, destination, width, marks);

    private ref ulong Word64(TableAddress table, int index) => ref _words[(int)(table.Value / sizeof(ulong)) + index];

    private ref uint Word32(TableAddress table, int index) =>
        ref MemoryMarshal.Cast<ulong, uint>(_words.AsSpan())[(int)(table.Value / sizeof(uint)) + index];
}
