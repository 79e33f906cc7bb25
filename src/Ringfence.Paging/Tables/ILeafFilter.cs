// Which leaves and tables a copy of a set has.

namespace Ringfence.Paging;

/// <summary>Chooses leaves, and tables to be made without any.</summary>
public interface ILeafFilter
{
    /// <summary>Whether it keeps every leaf and table, so that tables are copied without asking.</summary>
    static abstract bool KeepsAll { get; }

    /// <summary>Whether the copy has the leaf that maps <paramref name="page"/>, the first of its pages, with these live rights.</summary>
    bool Keeps(PageNumber page, LeafRights rights);

    /// <summary>Whether the copy has the table that maps <paramref name="pages"/> even if it has no leaf in it.</summary>
    bool KeepsTable(PageRange pages);
}

/// <summary>Keeps all.</summary>
public readonly struct EveryLeaf : ILeafFilter
{
    /// <inheritdoc/>
    public static bool KeepsAll => true;

    /// <inheritdoc/>
    public bool Keeps(PageNumber page, LeafRights rights) => true;

    /// <inheritdoc/>
    public bool KeepsTable(PageRange pages) => true;
}
