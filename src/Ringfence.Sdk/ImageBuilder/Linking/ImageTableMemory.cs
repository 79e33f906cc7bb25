// The page tables of an image while it is built: frames by their future addresses, made when they are first written.

using System.Buffers.Binary;
using Ringfence.Paging;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>Memory for page tables. One thread at a time; what was never written reads as zeroes.</summary>
internal readonly struct ImageTableMemory() : ITableMemory
{
    private readonly Dictionary<ulong, byte[]> _frames = [];

    /// <summary>A copy of memory.</summary>
    public byte[] Read(ulong address, int byteCount)
    {
        byte[] bytes = new byte[byteCount];
        for (int done = 0; done < byteCount;)
        {
            int offset = (int)((address + (ulong)done) % Region.PageSize);
            int part = Math.Min(Region.PageSize - offset, byteCount - done);
            if (_frames.TryGetValue((address + (ulong)done) / Region.PageSize, out byte[]? frame))
            {
                frame.AsSpan(offset, part).CopyTo(bytes.AsSpan(done));
            }

            done += part;
        }

        return bytes;
    }

    /// <inheritdoc/>
    public uint Read32(TableAddress table, int index) => BinaryPrimitives.ReadUInt32LittleEndian(At(table.Value + ((ulong)index * sizeof(uint))));

    /// <inheritdoc/>
    public void Write32(TableAddress table, int index, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(At(table.Value + ((ulong)index * sizeof(uint))), value);

    /// <inheritdoc/>
    public ulong Read64(TableAddress table, int index) => BinaryPrimitives.ReadUInt64LittleEndian(At(table.Value + ((ulong)index * sizeof(ulong))));

    /// <inheritdoc/>
    public void Write64(TableAddress table, int index, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(At(table.Value + ((ulong)index * sizeof(ulong))), value);

    /// <inheritdoc/>
    public uint ExchangeAdd32(TableAddress table, int index, uint addend)
    {
        uint before = Read32(table, index);
        Write32(table, index, unchecked(before + addend));
        return before;
    }

    /// <inheritdoc/>
    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend)
    {
        ulong before = Read64(table, index);
        Write64(table, index, unchecked(before + addend));
        return before;
    }

    /// <inheritdoc/>
    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand)
    {
        uint before = Read32(table, index);
        Write32(table, index, before == comparand ? value : before);
        return before;
    }

    /// <inheritdoc/>
    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand)
    {
        ulong before = Read64(table, index);
        Write64(table, index, before == comparand ? value : before);
        return before;
    }

    /// <inheritdoc/>
    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    /// <inheritdoc/>
    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) => TablePages.Copy(this, source, destination, width, marks);

    private Span<byte> At(ulong address)
    {
        if (!_frames.TryGetValue(address / Region.PageSize, out byte[]? frame))
        {
            frame = new byte[Region.PageSize];
            _frames.Add(address / Region.PageSize, frame);
        }

        return frame.AsSpan((int)(address % Region.PageSize));
    }
}
