// Where the next byte of a ring buffer goes and where the oldest one is; the bytes themselves lie elsewhere.

namespace Ringfence.Kernel;

/// <summary>The state of a ring buffer whose size is a power of two.</summary>
/// <param name="byteCount">Its size.</param>
public struct ByteRing(uint byteCount)
{
    private readonly uint _mask = byteCount - 1;

    // Count on without end; their difference is what is in the ring.
    private uint _removed;
    private uint _appended;

    /// <summary>Whether nothing is in it.</summary>
    public readonly bool IsEmpty => _removed == _appended;

    /// <summary>Bytes in it.</summary>
    public readonly uint Count => _appended - _removed;

    /// <summary>Offset of the oldest byte.</summary>
    public readonly uint Start => _removed & _mask;

    /// <summary>Offset at which the next byte goes.</summary>
    public readonly uint End => _appended & _mask;

    /// <summary>Bytes from <see cref="Start"/> on that lie together.</summary>
    public readonly uint FilledInOnePiece => Least(Count, _mask + 1 - Start);

    /// <summary>Bytes from <see cref="End"/> on that are free together.</summary>
    public readonly uint RoomInOnePiece => Least(_mask + 1 - Count, _mask + 1 - End);

    /// <summary>Bytes were written at <see cref="End"/>.</summary>
    public void Append(uint byteCount) => _appended += byteCount;

    /// <summary>Bytes were taken from <see cref="Start"/>.</summary>
    public void Remove(uint byteCount) => _removed += byteCount;

    /// <summary>Forgets all of them.</summary>
    public void Clear() => _removed = _appended;

    private static uint Least(uint left, uint right) => left < right ? left : right;
}
