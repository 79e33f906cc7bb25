// Usable RAM as the boot protocol reports it, copied out of what the boot entry kept of the loader's memory.

using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>The usable ranges of physical memory; at most <see cref="Capacity"/> of them, in the loader's order.</summary>
public struct BootMemoryMap
{
    /// <summary>Ranges that are kept; a loader that reports more loses the rest, which costs memory, not correctness.</summary>
    public const int Capacity = 16;

    private RangeTable _ranges;

    /// <summary>Number of ranges.</summary>
    public int Count { get; private set; }

    /// <summary>Sum of all usable bytes.</summary>
    public ulong ByteCount { get; private set; }

    /// <summary>The range <paramref name="index"/>.</summary>
    public readonly MemoryRange this[int index] => _ranges[index];

    /// <summary>Whether every byte from <paramref name="start"/> up to <paramref name="end"/> is usable, in a single range.</summary>
    public readonly bool Contains(ulong start, ulong end)
    {
        for (int index = 0; index < Count; index++)
        {
            if (start >= _ranges[index].Start && end <= _ranges[index].End)
            {
                return true;
            }
        }

        return false;
    }

    internal void Add(ulong start, ulong byteCount)
    {
        ulong end = start + byteCount;
        if (Count == Capacity || end <= start)
        {
            return;
        }

        _ranges[Count++] = new MemoryRange(start, end);
        ByteCount += byteCount;
    }

    [InlineArray(Capacity)]
    private struct RangeTable
    {
        private MemoryRange _range;
    }
}

/// <summary>Physical addresses from <see cref="Start"/> up to, but without, <see cref="End"/>.</summary>
public readonly struct MemoryRange(ulong start, ulong end)
{
    /// <summary>First byte.</summary>
    public ulong Start { get; } = start;

    /// <summary>First byte after the range.</summary>
    public ulong End { get; } = end;
}
