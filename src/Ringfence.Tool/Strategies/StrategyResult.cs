// What was found out about an application under one strategy.

using System.Collections.Generic;
using System.Linq;
using Ringfence.Emulation;

namespace Ringfence.Tool.Strategies;

/// <summary>An application under one strategy on one format.</summary>
/// <param name="Variant">How it was built.</param>
public sealed record StrategyResult(ImageVariant Variant)
{
    /// <summary>Its memory; null if it can't be built so.</summary>
    public StrategyMemory? Memory { get; init; }

    /// <summary>Its switches between domains; none if it has one domain, or couldn't be built or measured.</summary>
    public IReadOnlyList<DomainSwitch> Switches { get; init; } = [];

    /// <summary>Why it couldn't be built or measured; null if it could.</summary>
    public string? Failure { get; init; }

    /// <summary>The strategy, as reports name it.</summary>
    public string Name => Variant.StrategyTitle;

    /// <summary>The switch that weighs most; null if there is none.</summary>
    public DomainSwitch? Worst => Switches.MaxBy(static one => one.Weight);

    /// <summary>What that weighs; 0 if there is none.</summary>
    public int WorstWeight => Worst?.Weight ?? 0;

    /// <summary>Whether there are several switches and all cost the same, down to each figure.</summary>
    public bool IsUniform => Switches.Count > 1 && Switches.Select(static one => one with { From = "", To = "" }).Distinct().Count() == 1;
}
