// Which leaves a copy of a set has.

namespace Ringfence.Paging;

/// <summary>Chooses leaves.</summary>
public interface ILeafFilter
{
    /// <summary>Whether the copy has the leaf that maps <paramref name="page"/>, the first of its pages, with these live rights.</summary>
    bool Keeps(PageNumber page, LeafRights rights);
}

/// <summary>Keeps all.</summary>
public readonly struct EveryLeaf : ILeafFilter
{
    /// <inheritdoc/>
    public bool Keeps(PageNumber page, LeafRights rights) => true;
}
