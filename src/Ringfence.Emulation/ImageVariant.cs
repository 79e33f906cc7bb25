// In how many ways one image is built. The names of folders, tests and figures that follow from it are formed here and nowhere else on this side of the
// build; src/Ringfence.Sdk/Format.props forms the folder's for the build.

using System.Collections.Generic;

namespace Ringfence.Emulation;

/// <summary>The settings that decide what an image is, beside its project.</summary>
/// <param name="Format">Its paging format.</param>
public sealed record ImageVariant(GuestFormat Format)
{
    /// <summary>What <see cref="StrategyTitle"/> ends with where stacks are their domain's.</summary>
    public const string DomainStacksTitle = "-domain-stacks";

    /// <summary>Its page-table strategy.</summary>
    public GuestStrategy Strategy { get; init; } = GuestStrategy.Common;

    /// <summary>Whether user mode runs on tables without the kernel.</summary>
    public bool HasKpti { get; init; }

    /// <summary>Whether a stack is reached by all threads of its domain, and not by its own alone.</summary>
    public bool HasDomainStacks { get; init; }

    /// <summary>Whether it compares its page tables with the law at every return to user mode.</summary>
    public bool IsAudited { get; init; }

    /// <summary>Whether it counts entries, flushes and instructions with interrupts off.</summary>
    public bool CountsEvents { get; init; }

    /// <summary>The strategy and its variant in one word, as tests and stored figures name them.</summary>
    public string StrategyTitle => Strategy.Name + (HasKpti ? "-kpti" : string.Empty) + (HasDomainStacks ? DomainStacksTitle : string.Empty);

    /// <summary>The same as the machine's console words it.</summary>
    public string StrategyName => Strategy.Name + (HasKpti ? " with KPTI" : string.Empty);

    /// <summary>The folder of such images, under the image's own.</summary>
    public string FolderName =>
        Format.Name
        + (Strategy == GuestStrategy.Common ? string.Empty : "_" + Strategy.Name)
        + (HasKpti ? "_kpti" : string.Empty)
        + (HasDomainStacks ? "_domain-stacks" : string.Empty)
        + (IsAudited ? "_audit" : string.Empty)
        + (CountsEvents ? "_count" : string.Empty);

    /// <summary>What the build is told, <c>Name=value</c>.</summary>
    public IReadOnlyList<string> BuildProperties =>
    [
        $"RingfenceFormat={Format.Name}",
        $"RingfenceStrategy={Strategy.Name}",
        $"RingfenceKpti={ValueOf(HasKpti)}",
        $"RingfenceStackIsolation={(HasDomainStacks ? "domain" : "thread")}",
        $"RingfenceAudit={ValueOf(IsAudited)}",
        $"RingfenceCount={ValueOf(CountsEvents)}",
    ];

    /// <inheritdoc/>
    public override string ToString() => FolderName;

    private static string ValueOf(bool property) => property ? "true" : "false";
}
