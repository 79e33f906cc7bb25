// The page size in which everything is counted; named so that no shift by 12 appears unexplained.

namespace Ringfence.Paging;

/// <summary>The size of a page and of a frame: 4 KiB, the smallest leaf of every format. Larger leaves: <see cref="LeafSize{TFormat}"/>.</summary>
public static class PageSize
{
    /// <summary>Bits of an address below the page number.</summary>
    public const int Shift = 12;

    /// <summary>Bytes in a page.</summary>
    public const uint ByteCount = 1u << Shift;

    /// <summary>Selects the offset of an address within its page.</summary>
    public const uint OffsetMask = ByteCount - 1;
}
