// The strategies an image can be built with, under the names that the command line, the build and the image folders share.

using System.Collections.Generic;

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

    /// <summary>Every strategy; the first is the default.</summary>
    public static IReadOnlyList<GuestStrategy> All { get; } = [Common, PerDomain];

    /// <summary>The name used in <c>RingfenceStrategy</c>, <c>--strategy</c> and image folders.</summary>
    public string Name { get; }

    /// <summary>Whether there can be sets without the kernel: a strategy with one set for all has the kernel in it.</summary>
    public bool SupportsKpti { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
