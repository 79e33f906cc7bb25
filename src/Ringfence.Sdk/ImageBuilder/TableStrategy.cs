// How many sets of page tables an image has: the builder reserves frames for them.

namespace Ringfence.ImageBuilder;

/// <summary>A page-table strategy.</summary>
internal enum TableStrategy
{
    /// <summary>One set for all threads.</summary>
    Common,

    /// <summary>A set for each domain.</summary>
    PerDomain,
}

/// <summary>The names of strategies, as a project says them.</summary>
internal static class TableStrategies
{
    private static readonly (TableStrategy Strategy, string Name)[] s_names = [(TableStrategy.Common, "common"), (TableStrategy.PerDomain, "per-domain")];

    /// <summary>Every name.</summary>
    public static IEnumerable<string> Names => s_names.Select(static named => named.Name);

    /// <summary>The strategy of this name, or null.</summary>
    public static TableStrategy? Parse(string name) =>
        s_names.Where(named => named.Name == name).Select(static named => (TableStrategy?)named.Strategy).FirstOrDefault();

    /// <summary>Its name.</summary>
    public static string Name(this TableStrategy strategy) => s_names.First(named => named.Strategy == strategy).Name;
}
