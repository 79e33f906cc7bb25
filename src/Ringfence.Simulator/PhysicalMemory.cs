// The memory of the simulated machine. Every store is announced, because between any two stores a processor may walk the tables.

using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ringfence.Simulator;

/// <summary>Bytes in one or two stretches. Little endian; an access outside is an error of the caller and throws.</summary>
public sealed class PhysicalMemory
{
    private const int FrameShift = 12;

    private readonly byte[] _bytes;
    private readonly int _keptShift = FrameShift;

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

    private PhysicalMemory(byte[] bytes, int keptShift)
    {
        _bytes = bytes;
        _keptShift = keptShift;
        _firstByteCount = (ulong)ByteCount;
        _secondAddress = _firstByteCount;
    }

    /// <summary>Raised after each single store by software, with the address and the number of bytes. A and D updates of the processor are no stores.</summary>
    public event Action<ulong, int>? Stored;

    /// <summary>
    /// Raised between the read and the store of each locked operation, with the address, the number of bytes and the value read. Nothing, a page walk's update of A
    /// included, comes between that read and that store (Intel SDM vol. 3A 9.1.2); <see cref="Stored"/> follows in any case, since a comparison that
    /// fails writes back what it read.
    /// </summary>
    public event Action<ulong, int, ulong>? LockedRead;

    /// <summary>Raised when the page walker has set A or D of an entry that had it clear, with the entry's address.</summary>
    internal event Action<ulong>? AccessedOrDirtySet;

    /// <summary>Bytes in all, those of frames that are kept in part included.</summary>
    public int ByteCount => _bytes.Length << (FrameShift - _keptShift);

    /// <summary>
    /// Memory of which only the first bytes of each 4 KiB frame exist: enough for tables of few entries, and cheap to copy and to compare.
    /// </summary>
    /// <param name="frameCount">Frames.</param>
    /// <param name="keptByteCount">Bytes that exist in each: a power of two from 8 to 4,096.</param>
    public static PhysicalMemory CreateSparse(int frameCount, int keptByteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(BitOperations.IsPow2(keptByteCount) && keptByteCount is >= 8 and <= 4096, true);
        return new PhysicalMemory(new byte[frameCount * keptByteCount], BitOperations.Log2((uint)keptByteCount));
    }

    /// <summary>A copy that nobody watches yet; of memory in one stretch only.</summary>
    public PhysicalMemory Clone() =>
        IsOneStretch ? new((byte[])_bytes.Clone(), _keptShift) : throw new InvalidOperationException("memory in two stretches");

    /// <summary>Reads 4 bytes.</summary>
    public uint Read32(ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(At(address, 4));

    /// <summary>Reads 8 bytes.</summary>
    public ulong Read64(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(At(address, 8));

    /// <summary>Stores 4 bytes at once.</summary>
    public void Write32(ulong address, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(At(address, 4), value);
        Stored?.Invoke(address, 4);
    }

    /// <summary>Stores 8 bytes at once.</summary>
    public void Write64(ulong address, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(At(address, 8), value);
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
    public void Fill(ulong address, int byteCount, byte value) => At(address, byteCount).Fill(value);

    /// <summary>Whether it is one stretch from address 0 up.</summary>
    internal bool IsOneStretch => _firstAddress == 0 && _firstByteCount == (ulong)ByteCount;

    /// <summary>All bytes that exist.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>In memory of one stretch, the bytes that exist from an address at the start of a frame on, up to so many; none where there is no memory.</summary>
    internal ReadOnlySpan<byte> BytesOfFrame(ulong address, int byteCount)
    {
        ulong start = address >> FrameShift << _keptShift;
        return address >= (ulong)ByteCount ? [] : _bytes.AsSpan((int)start, Math.Min(byteCount, _bytes.Length - (int)start));
    }

    /// <summary>What the page walker does to A and D: sets bits of an entry, which is no store by software. Only the low word is touched if that is enough.</summary>
    internal void SetBitsByProcessor(ulong address, ulong bits)
    {
        ulong before = bits <= uint.MaxValue ? Read32(address) : Read64(address);
        if ((before | bits) == before)
        {
            return;
        }

        if (bits <= uint.MaxValue)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(At(address, 4), (uint)(before | bits));
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(At(address, 8), before | bits);
        }

        AccessedOrDirtySet?.Invoke(address);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> At(ulong address, int byteCount)
    {
        ulong offset = address - _firstAddress;
        if (offset >= _firstByteCount)
        {
            offset = address - _secondAddress;
            offset = offset < (ulong)ByteCount - _firstByteCount ? offset + _firstByteCount : int.MaxValue;
        }
        else if (_keptShift != FrameShift)
        {
            offset = OffsetOfKept(address, byteCount);
        }

        return _bytes.AsSpan((int)offset, byteCount);
    }

    private ulong OffsetOfKept(ulong address, int byteCount)
    {
        ulong withinFrame = address & ((1ul << FrameShift) - 1);
        bool isKept = withinFrame + (ulong)byteCount <= 1ul << _keptShift;
        return isKept ? (address >> FrameShift << _keptShift) + withinFrame : int.MaxValue;
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
