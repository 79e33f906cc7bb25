// The memory of the simulated machine. Every store is announced, because between any two stores a processor may walk the tables.

using System;
using System.Buffers.Binary;

namespace Ringfence.Simulator;

/// <summary>Bytes from physical address 0 up. Little endian; an access outside is an error of the caller and throws.</summary>
public sealed class PhysicalMemory
{
    private readonly byte[] _bytes;

    /// <summary>Memory of that many bytes, all zero.</summary>
    public PhysicalMemory(int byteCount) => _bytes = new byte[byteCount];

    /// <summary>Raised after each single store by software, with the address and the number of bytes. A and D updates of the processor are not announced.</summary>
    public event Action<ulong, int>? Stored;

    /// <summary>Bytes in all.</summary>
    public int ByteCount => _bytes.Length;

    /// <summary>Reads 4 bytes.</summary>
    public uint Read32(ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(checked((int)address), 4));

    /// <summary>Reads 8 bytes.</summary>
    public ulong Read64(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(checked((int)address), 8));

    /// <summary>Stores 4 bytes at once.</summary>
    public void Write32(ulong address, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(checked((int)address), 4), value);
        Stored?.Invoke(address, 4);
    }

    /// <summary>Stores 8 bytes at once.</summary>
    public void Write64(ulong address, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(checked((int)address), 8), value);
        Stored?.Invoke(address, 8);
    }

    /// <summary>Fills a stretch with one byte value, unannounced: what memory held before anything ran.</summary>
    public void Fill(ulong address, int byteCount, byte value) => _bytes.AsSpan(checked((int)address), byteCount).Fill(value);

    /// <summary>What the page walker does to A and D: sets bits of the low word, unannounced since it changes no translation.</summary>
    internal void SetBitsByProcessor(ulong address, uint bits)
    {
        Span<byte> word = _bytes.AsSpan(checked((int)address), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(word, BinaryPrimitives.ReadUInt32LittleEndian(word) | bits);
    }
}
