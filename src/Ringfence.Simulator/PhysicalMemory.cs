// The memory of the simulated machine. Every store is announced, because between any two stores a processor may walk the tables.

using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Ringfence.Simulator;

/// <summary>Bytes in one or two stretches. Little endian; an access outside is an error of the caller and throws.</summary>
public sealed class PhysicalMemory
{
    private readonly byte[] _bytes;

    private readonly ulong _firstAddress;
    private readonly ulong _firstByteCount;
    private readonly ulong _secondAddress;

    /// <summary>Memory of that many bytes from physical address 0 up, all zero.</summary>
    public PhysicalMemory(int byteCount)
        : this(0, byteCount, (ulong)byteCount, 0)
    {
    }

    /// <summary>Memory in two stretches with nothing between them, all zero.</summary>
    public PhysicalMemory(ulong firstAddress, int firstByteCount, ulong secondAddress, int secondByteCount)
    {
        _bytes = new byte[firstByteCount + secondByteCount];
        _firstAddress = firstAddress;
        _firstByteCount = (ulong)firstByteCount;
        _secondAddress = secondAddress;
    }

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
    public uint Read32(ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(address, 4));

    /// <summary>Reads 8 bytes.</summary>
    public ulong Read64(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(address, 8));

    /// <summary>Stores 4 bytes at once.</summary>
    public void Write32(ulong address, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes(address, 4), value);
        Stored?.Invoke(address, 4);
    }

    /// <summary>Stores 8 bytes at once.</summary>
    public void Write64(ulong address, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Bytes(address, 8), value);
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
    public void Fill(ulong address, int byteCount, byte value) => Bytes(address, byteCount).Fill(value);

    /// <summary>
    /// What the page walker does to A and D: sets bits of an entry, unannounced since it changes no translation. Only the low word is touched if that is enough.
    /// </summary>
    internal void SetBitsByProcessor(ulong address, ulong bits)
    {
        if (bits <= uint.MaxValue)
        {
            Span<byte> word = Bytes(address, 4);
            BinaryPrimitives.WriteUInt32LittleEndian(word, BinaryPrimitives.ReadUInt32LittleEndian(word) | (uint)bits);
        }
        else
        {
            Span<byte> entry = Bytes(address, 8);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, BinaryPrimitives.ReadUInt64LittleEndian(entry) | bits);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Bytes(ulong address, int byteCount)
    {
        ulong offset = address - _firstAddress;
        if (offset >= _firstByteCount)
        {
            offset = address - _secondAddress;
            offset = offset < (ulong)_bytes.Length - _firstByteCount ? offset + _firstByteCount : int.MaxValue;
        }

        return _bytes.AsSpan((int)offset, byteCount);
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
