// How much memory the lists take, so that a build can set it aside before there is a strategy.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>The memory beside tables that <see cref="LeafLinkStrategy{TFormat,TMemory,TWindows}"/> takes.</summary>
public static class LeafLinkMemory
{
    /// <summary>Bytes that each domain brings along: a list of leaf tables. Aligned to 8.</summary>
    /// <param name="windowCount">The windows.</param>
    public static int DomainByteCount<TFormat>(int windowCount)
        where TFormat : struct, IPagingFormat => windowCount * FormatGeometry<TFormat>.TableAddressByteCount;

    /// <summary>Bytes of the strategy's own: a list of the base tables and one of their links. Aligned to 8.</summary>
    /// <param name="windowCount">The windows.</param>
    public static int StrategyByteCount<TFormat>(int windowCount)
        where TFormat : struct, IPagingFormat => 2 * DomainByteCount<TFormat>(windowCount);
}
