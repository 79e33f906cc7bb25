// Which page numbers a format has addresses for, asked the same way of every format.

namespace Ringfence.Paging;

/// <summary>Tells whether addresses exist in a format (Intel SDM vol. 3A 3.3.7.1 for the 4-level one).</summary>
public static class CanonicalPages
{
    /// <summary>Whether every page of the range has addresses in the format, and the range doesn't cross its non-canonical middle; true for an empty one.</summary>
    public static bool Contains<TFormat>(PageRange range)
        where TFormat : struct, IPagingFormat =>
        TFormat.LowerPages.Contains(range) || TFormat.UpperPages.Contains(range);

    /// <summary>Whether the address exists in the format.</summary>
    public static bool Contains<TFormat>(VirtualAddress address)
        where TFormat : struct, IPagingFormat =>
        TFormat.LowerPages.Contains(address.Page) || TFormat.UpperPages.Contains(address.Page);
}
