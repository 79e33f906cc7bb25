// What the library's README shows: table memory of a kernel that maps all of physical memory at one offset.

using System.Threading;
using Ringfence.Paging;

namespace Ringfence.Paging.Tests.Example;

internal readonly unsafe struct DirectMapMemory(nuint offset) : ITableMemory
{
    private readonly nuint _offset = offset;

    public uint Read32(TableAddress table, int index) => Volatile.Read(ref Word32(table, index));

    public void Write32(TableAddress table, int index, uint value) => Volatile.Write(ref Word32(table, index), value);

    public ulong Read64(TableAddress table, int index) => Volatile.Read(ref Word64(table, index));

    public void Write64(TableAddress table, int index, ulong value) => Volatile.Write(ref Word64(table, index), value);

    public uint ExchangeAdd32(TableAddress table, int index, uint addend) =>
        unchecked(Interlocked.Add(ref Word32(table, index), addend) - addend);

    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend) =>
        unchecked(Interlocked.Add(ref Word64(table, index), addend) - addend);

    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand) =>
        Interlocked.CompareExchange(ref Word32(table, index), value, comparand);

    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand) =>
        Interlocked.CompareExchange(ref Word64(table, index), value, comparand);

    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) =>
        TablePages.Copy(this, source, destination, width, marks);

    private ref uint Word32(TableAddress table, int index) => ref ((uint*)(table.Value + _offset))[index];

    private ref ulong Word64(TableAddress table, int index) => ref ((ulong*)(table.Value + _offset))[index];
}
