// The part of a level's description that only leaves need, apart from the geometry so that the walk's row stays small.

namespace Ringfence.Paging;

/// <summary>Where a leaf of one level holds its frame, and which of its bits must be 0.</summary>
public readonly struct LeafLayout
{
    /// <summary>From <see cref="HighAddressMask"/> to address bits 39:32 (PSE-36, Intel SDM vol. 3A table 4-4).</summary>
    public const int HighAddressShift = 19;

    /// <summary>Names the fields.</summary>
    /// <param name="addressMask">Bits that hold the frame's address in their own places.</param>
    /// <param name="reservedBits">Bits that must be 0 whatever the processor's width and settings.</param>
    /// <param name="highAddressMask">Bits that hold higher address bits, <see cref="HighAddressShift"/> below their places.</param>
    public LeafLayout(ulong addressMask, ulong reservedBits, ulong highAddressMask = 0)
    {
        AddressMask = addressMask;
        ReservedBits = reservedBits;
        HighAddressMask = highAddressMask;
    }

    /// <summary>The level holds no leaves.</summary>
    public static LeafLayout None => default;

    /// <summary>Bits that hold the frame's address in their own places.</summary>
    public ulong AddressMask { get; }

    /// <summary>Bits that must be 0 whatever the processor's width and settings.</summary>
    public ulong ReservedBits { get; }

    /// <summary>Bits that hold higher address bits, <see cref="HighAddressShift"/> below their places; 0 nearly everywhere.</summary>
    public ulong HighAddressMask { get; }

    /// <summary>Whether the level can hold leaves.</summary>
    public bool Exists => AddressMask != 0;

    /// <summary>The first address after those that a leaf can map: behind the highest frame that it can name lies the rest of that frame's leaf.</summary>
    public ulong AddressLimit
    {
        get
        {
            ulong mask = AddressMask | (HighAddressMask << HighAddressShift);
            ulong leafByteCount = mask & (~mask + 1);
            return mask + leafByteCount;
        }
    }

    /// <summary>The frame address in a leaf.</summary>
    public ulong AddressOf(ulong entry) => (entry & AddressMask) | ((entry & HighAddressMask) << HighAddressShift);

    /// <summary>The bits of a leaf that name this frame address, which is below <see cref="AddressLimit"/> and aligned to the leaf's size.</summary>
    public ulong BitsFor(ulong address) => (address & AddressMask) | ((address >> HighAddressShift) & HighAddressMask);
}
