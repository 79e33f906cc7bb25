// The strategies an image can be built with, under the names that the command line, the build and the image folders share.

using System.Collections.Generic;
using System.Linq;

namespace Ringfence.Emulation;

/// <summary>How many sets of page tables an image has.</summary>
public sealed class GuestStrategy
{
    private GuestStrategy(string name, bool supportsKpti)
    {
        Name = name;
        SupportsKpti = supportsKpti;
    }

    /// <summary>One set for all threads.</summary>
    public static GuestStrategy Common { get; } = new("common", supportsKpti: false);

    /// <summary>One set for each domain.</summary>
    public static GuestStrategy PerDomain { get; } = new("per-domain", supportsKpti: true);

    /// <summary>A root for each domain, which shares every table that doesn't differ.</summary>
    public static GuestStrategy SharedSubtree { get; } = new("shared-subtree", supportsKpti: true);

    /// <summary>One root for all, below which a switch links the domain's own leaf tables.</summary>
    public static GuestStrategy LeafLink { get; } = new("leaf-link", supportsKpti: false);

    /// <summary>Every strategy; the first is the default.</summary>
    public static IReadOnlyList<GuestStrategy> All { get; } = [Common, PerDomain, SharedSubtree, LeafLink];

    /// <summary>Those that have a variant without the kernel, as a choice: <c>one or another</c>.</summary>
    public static string NamesWithKpti => string.Join(" or ", All.Where(static strategy => strategy.SupportsKpti).Select(static strategy => strategy.Name));

    /// <summary>The name used in <c>RingfenceStrategy</c>, <c>--strategy</c> and image folders.</summary>
    public string Name { get; }

    /// <summary>Whether there can be sets without the kernel: a strategy with one root for all has the kernel below it.</summary>
    public bool SupportsKpti { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
