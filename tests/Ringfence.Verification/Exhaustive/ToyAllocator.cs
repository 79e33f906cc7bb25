// A few table pages, counted in one word, so that an allocator is copied with its world.

using System.Numerics;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Exhaustive;

/// <summary>An allocator over the frames below <see cref="FrameCount"/>, a mutable value. It notes a page that is given back while the processor may still walk it.</summary>
internal struct ToyAllocator : ITableAllocator
{
    /// <summary>Frames of table memory: one that is never used, since address 0 means none to many, two roots, and the rest for tables.</summary>
    public const int FrameCount = 9;

    /// <summary>The frame of the first root; the second follows.</summary>
    public const int FirstRootFrame = 1;

    /// <summary>The first frame for tables.</summary>
    public const int FirstTableFrame = 3;

    private uint _inUse;
    private int _reserved;

    public ToyAllocator() => _inUse = NeverGiven;

    /// <summary>The frames that are in use whatever happens, a bit each.</summary>
    public static uint NeverGiven => (1u << FirstTableFrame) - 1;

    /// <summary>Frames in use, a bit each.</summary>
    public readonly uint InUse => _inUse;

    public readonly PageCount Available => new((nuint)(FrameCount - BitOperations.PopCount(_inUse) - _reserved));

    public bool TryReserve(PageCount count)
    {
        bool fits = count.Value <= Available.Value;
        _reserved += fits ? (int)count.Value : 0;
        return fits;
    }

    public PhysicalAddress TakeReserved()
    {
        PhysicalAddress table = TakeReservedAsIs();
        ToyMemory.Fill(table, 0);
        return table;
    }

    public PhysicalAddress TakeReservedAsIs()
    {
        _reserved--;
        int frame = BitOperations.TrailingZeroCount(~_inUse);
        _inUse |= 1u << frame;
        return new FrameNumber((nuint)frame).Address;
    }

    public void Free(PhysicalAddress table)
    {
        _inUse &= ~(1u << (int)table.Frame.Value);

        // What is written into a free page is the next owner's business: here it looks like leaves of frames that nobody maps.
        ToyMemory.Fill(table, 0xFFFF_0007);
    }

    /// <summary>A frame that is free although the processor may still take it for a table, or -1.</summary>
    public readonly int FindFreeFrameStillWalked(AdversarialCache cpu)
    {
        for (int frame = 0; frame < FrameCount; frame++)
        {
            if ((_inUse & (1u << frame)) == 0 && cpu.MayWalkThrough((ulong)frame << PageSize.Shift))
            {
                return frame;
            }
        }

        return -1;
    }
}
