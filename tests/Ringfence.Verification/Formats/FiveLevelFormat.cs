// The 5-level format of x86-64 (Intel SDM vol. 3A 4.5): proof that a format more needs no code, only this data.

using Ringfence.Paging;

namespace Ringfence.Verification.Formats;

/// <summary>64-bit entries, five levels of 512, 57-bit addresses whose upper bits repeat bit 56. Leaves of 4 KiB, 2 MiB and 1 GiB.</summary>
public readonly struct FiveLevelFormat : IPagingFormat
{
    private const ulong Link = EntryBits.Present | EntryBits.Writable | EntryBits.User;

    /// <inheritdoc/>
    public static int LevelCount => 5;

    /// <inheritdoc/>
    public static PagingLevel Level(int level) => level switch
    {
        0 => new PagingLevel(pageShift: 0, indexBits: 9, linkBits: 0, largeLeafBit: 0),
        1 => new PagingLevel(pageShift: 9, indexBits: 9, Link, EntryBits.LargePage),
        2 => new PagingLevel(pageShift: 18, indexBits: 9, Link, EntryBits.LargePage),
        3 => new PagingLevel(pageShift: 27, indexBits: 9, Link, largeLeafBit: 0),
        _ => new PagingLevel(pageShift: 36, indexBits: 9, Link, largeLeafBit: 0),
    };

    /// <inheritdoc/>
    public static LeafLayout Leaf(int level) => FourLevelFormat.Leaf(level);

    /// <inheritdoc/>
    public static ulong ReservedInLink(int level) => level >= 3 ? EntryBits.LargePage : 0;

    /// <inheritdoc/>
    public static EntryWidth EntryWidth => EntryWidth.Bits64;

    /// <inheritdoc/>
    public static ulong ExecuteDisableBit => EntryBits.ExecuteDisable;

    /// <inheritdoc/>
    public static ulong TableAddressMask => FourLevelFormat.TableAddressMask;

    /// <inheritdoc/>
    public static int LinearAddressBits => 57;

    /// <inheritdoc/>
    public static bool IsSignExtended => true;

    /// <inheritdoc/>
    public static bool RootIsHeldInRegisters => false;
}
