// The highest address of a format, against which sums are checked before they are made.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>The top of a format's address space.</summary>
internal static class AddressLimit
{
    /// <summary>The last byte that has an address.</summary>
    public static nuint HighestAddress<TFormat>()
        where TFormat : struct, IPagingFormat
    {
        PageRange top = FormatGeometry<TFormat>.UpperPages.IsEmpty ? FormatGeometry<TFormat>.LowerPages : FormatGeometry<TFormat>.UpperPages;

        // The end of the top range may have no address, so step back by one page before the shift.
        return ((top.End.Value - 1) << PageSize.Shift) | PageSize.OffsetMask;
    }
}
