// How many sets of page tables an image has: the builder reserves frames for them.

namespace Ringfence.ImageBuilder;

/// <summary>A page-table strategy.</summary>
internal enum TableStrategy
{
    /// <summary>One set for all threads.</summary>
    Common,

    /// <summary>A set for each domain.</summary>
    PerDomain,

    /// <summary>A root for each domain, and a table of its own where it differs from the base set.</summary>
    SharedSubtree,

    /// <summary>One root for all, and for each domain the leaf tables in which it has a right, which a switch links.</summary>
    LeafLink,
}

/// <summary>The names of strategies, as a project says them.</summary>
internal static class TableStrategies
{
    private static readonly (TableStrategy Strategy, string Name)[] s_names =
    [
        (TableStrategy.Common, "common"), (TableStrategy.PerDomain, "per-domain"), (TableStrategy.SharedSubtree, "shared-subtree"), (TableStrategy.LeafLink, "leaf-link"),
    ];

    /// <summary>Every strategy with each of its variants, in the order of reports.</summary>
    public static IEnumerable<(TableStrategy Strategy, bool Kpti)> Variants =>
        s_names.SelectMany(static named => named.Strategy.HasRootPerDomain() ? [(named.Strategy, false), (named.Strategy, true)] : new[] { (named.Strategy, false) });

    /// <summary>Every name.</summary>
    public static IEnumerable<string> Names => s_names.Select(static named => named.Name);

    /// <summary>The strategy of this name, or null.</summary>
    public static TableStrategy? Parse(string name) =>
        s_names.Where(named => named.Name == name).Select(static named => (TableStrategy?)named.Strategy).FirstOrDefault();

    /// <summary>Whether each domain has a root of its own, and so can have one without the kernel.</summary>
    public static bool HasRootPerDomain(this TableStrategy strategy) => strategy is TableStrategy.PerDomain or TableStrategy.SharedSubtree;

    /// <summary>Whether a domain has tables of its own.</summary>
    public static bool HasDomainTables(this TableStrategy strategy) => strategy != TableStrategy.Common;

    /// <summary>Its name.</summary>
    public static string Name(this TableStrategy strategy) => s_names.First(named => named.Strategy == strategy).Name;
}
