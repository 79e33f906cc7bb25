// The highest address of a format, against which sums are checked before they are made.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>The top of a format's address space.</summary>
internal static class AddressLimit
{
    /// <summary>The last byte that has an address.</summary>
    public static nuint HighestAddress<TFormat>()
        where TFormat : struct, IPagingFormat =>
        (FormatGeometry<TFormat>.LastPage.Value << PageSize.Shift) | PageSize.OffsetMask;
}
