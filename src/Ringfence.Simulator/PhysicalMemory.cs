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

    /// <summary>
    /// Raised between the read and the store of each locked operation, with the address, the number of bytes and the value read. Nothing, a page walk's update of A
    /// included, comes between that read and that store (Intel SDM vol. 3A 9.1.2); <see cref="Stored"/> follows in any case, since a comparison that
    /// fails writes back what it read.
    /// </summary>
    public event Action<ulong, int, ulong>? LockedRead;

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

    /// <summary>Adds to 4 bytes in one locked operation, without regard to overflow.</summary>
    /// <returns>The value before.</returns>
    public uint ExchangeAdd32(ulong address, uint addend)
    {
        uint before = ReadLocked32(address);
        Write32(address, unchecked(before + addend));
        return before;
    }

    /// <summary>Adds to 8 bytes in one locked operation, without regard to overflow.</summary>
    /// <returns>The value before.</returns>
    public ulong ExchangeAdd64(ulong address, ulong addend)
    {
        ulong before = ReadLocked64(address);
        Write64(address, unchecked(before + addend));
        return before;
    }

    /// <summary>Stores 4 bytes if they equal <paramref name="comparand"/>, in one locked operation.</summary>
    /// <returns>The value before: the comparand if the store took place.</returns>
    public uint CompareExchange32(ulong address, uint value, uint comparand)
    {
        uint before = ReadLocked32(address);
        Write32(address, before == comparand ? value : before);
        return before;
    }

    /// <summary>Stores 8 bytes if they equal <paramref name="comparand"/>, in one locked operation.</summary>
    /// <returns>The value before: the comparand if the store took place.</returns>
    public ulong CompareExchange64(ulong address, ulong value, ulong comparand)
    {
        ulong before = ReadLocked64(address);
        Write64(address, before == comparand ? value : before);
        return before;
    }

    /// <summary>Fills a stretch with one byte value, unannounced: what memory held before anything ran.</summary>
    public void Fill(ulong address, int byteCount, byte value) => _bytes.AsSpan(checked((int)address), byteCount).Fill(value);

    /// <summary>What the page walker does to A and D: sets bits of the low word, unannounced since it changes no translation.</summary>
    internal void SetBitsByProcessor(ulong address, uint bits)
    {
        Span<byte> word = _bytes.AsSpan(checked((int)address), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(word, BinaryPrimitives.ReadUInt32LittleEndian(word) | bits);
    }

    private uint ReadLocked32(ulong address)
    {
        uint value = Read32(address);
        LockedRead?.Invoke(address, 4, value);
        return value;
    }

    private ulong ReadLocked64(ulong address)
    {
        ulong value = Read64(address);
        LockedRead?.Invoke(address, 8, value);
        return value;
    }
}
