// What follows from a format's data, computed in one place so that no format can contradict itself.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Facts that every format shares.</summary>
public static class FormatGeometry
{
    /// <summary>Levels at most: what a walk has room to remember.</summary>
    public const int LevelLimit = 5;
}

/// <summary>Facts that follow from a format's data.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
public static class FormatGeometry<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>The level of the root table.</summary>
    public static int RootLevel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.LevelCount - 1;
    }

    /// <summary>Whether executing can be withheld. Where it can't, read implies execute.</summary>
    public static bool HasExecuteDisable
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.ExecuteDisableBit != 0;
    }

    /// <summary>Bytes in one entry: 4 or 8.</summary>
    public static int EntryByteCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.EntryWidth == EntryWidth.Bits32 ? 4 : 8;
    }

    /// <summary>Bytes in which the address of a table is kept: the width of the processor's registers, 4 or 8.</summary>
    public static int TableAddressByteCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.EntryWidth == EntryWidth.Bits64 ? 8 : 4;
    }

    /// <summary>Bytes of the root table; also its alignment: 32 for PAE, else a page.</summary>
    public static int RootByteCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int byteCount = TFormat.Level(RootLevel).EntryCount * EntryByteCount;
            return TFormat.RootIsHeldInRegisters ? byteCount : (int)PageSize.ByteCount;
        }
    }

    /// <summary>Whether the root table takes a page like every other; where it doesn't, its memory comes from elsewhere than other tables'.</summary>
    public static bool RootIsPage
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RootByteCount == (int)PageSize.ByteCount;
    }

    /// <summary>The canonical pages from 0 upwards (Intel SDM vol. 1 3.3.7.1).</summary>
    public static PageRange LowerPages
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PageRange.CreateTruncated(default, new PageCount(PagesPerHalf));
    }

    /// <summary>The canonical pages that end with the last page of the address space, where they are apart from the lower ones; else empty.</summary>
    public static PageRange UpperPages
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.IsSignExtended
            ? PageRange.CreateTruncated(new PageNumber(PageLimit - PagesPerHalf), new PageCount(PagesPerHalf))
            : default;
    }

    /// <summary>The last page of the address space.</summary>
    public static PageNumber LastPage
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new((TFormat.IsSignExtended ? PageLimit : PagesPerHalf) - 1);
    }

    /// <summary>Whether every page of the range has addresses in the format, and the range doesn't cross its non-canonical middle; true for an empty one.</summary>
    public static bool Contains(PageRange range) =>
        range.End.Value <= PagesPerHalf || (TFormat.IsSignExtended && range.First.Value >= PageLimit - PagesPerHalf) || range.IsEmpty;

    /// <summary>Whether the address exists in the format.</summary>
    public static bool Contains(VirtualAddress address) =>
        address.Page.Value < PagesPerHalf || (TFormat.IsSignExtended && address.Page.Value >= PageLimit - PagesPerHalf);

    // The number after the last page that an address of the processor's width can name.
    private static nuint PageLimit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint.MaxValue >> PageSize.Shift) + 1;
    }

    // Where addresses are sign-extended, half of those that the translated bits can name lie at each end.
    private static nuint PagesPerHalf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)1 << (TFormat.LinearAddressBits - PageSize.Shift - (TFormat.IsSignExtended ? 1 : 0));
    }
}
