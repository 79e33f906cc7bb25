// What the chart shows, taken from the figures of the bench and the baseline: for each strategy and number of domains, bytes of page tables and
// instructions of a switch.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;

namespace Ringfence.Tool.Charts;

/// <summary>What so many domains cost in page tables and at a switch.</summary>
/// <param name="DomainCount">The domains.</param>
/// <param name="TableBytes">Bytes of the kernel's set of page tables and theirs.</param>
/// <param name="SwitchInstructions">Instructions of a switch from a thread of one to a thread of another.</param>
public sealed record StrategyCost(int DomainCount, decimal TableBytes, decimal SwitchInstructions);

/// <summary>The costs under one strategy.</summary>
/// <param name="Strategy">The strategy, as figures name it.</param>
/// <param name="Costs">By number of domains, ascending.</param>
public sealed record StrategySeries(string Strategy, IReadOnlyList<StrategyCost> Costs);

/// <summary>All that a chart shows.</summary>
/// <param name="Format">The paging format.</param>
/// <param name="Strategies">Each strategy, and each with KPTI.</param>
/// <param name="Baseline">The baseline's strategies, one cost each.</param>
/// <param name="BaselineSystem">What the baseline is, in a few words.</param>
public sealed record StrategyCosts(string Format, IReadOnlyList<StrategySeries> Strategies, IReadOnlyList<StrategySeries> Baseline, string BaselineSystem)
{
    /// <summary>Most domains for which the baseline's page tables are known.</summary>
    public const int BaselineDomainCount = 16;

    // The switch that the baseline was measured at: there, a partition costs the same whether the other domain has it too or not.
    private static readonly BenchParameters s_baselineSwitch = new("partitions=1,pagesPerPartition=1");

    private static readonly string[] s_baselineStrategies = ["common", "per-domain"];

    /// <summary>Takes them from figures.</summary>
    /// <param name="records">The figures.</param>
    /// <param name="baseline">The baseline.</param>
    /// <param name="format">The paging format to show.</param>
    /// <exception cref="ToolException">A figure is missing; the message names it.</exception>
    public static StrategyCosts Find(IReadOnlyList<BenchRecord> records, Baseline baseline, GuestFormat format)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(format);
        Dictionary<(string, string, string, BenchParameters), BenchRecord> byKey = records.ToDictionary(static record => record.Key);
        StrategySeries[] strategies =
        [
            .. BenchCommand.AllVariants.Where(variant => variant.Format == format).Select(static variant => variant.StrategyTitle).Select(strategy => new StrategySeries(
                strategy,
                [.. BenchRun.ChartedDomainCounts.Select(count => new StrategyCost(count, Value(strategy, BenchRun.TablesName, count), Value(strategy, BenchRun.SwitchName, count)))])),
        ];
        StrategySeries[] others =
        [
            .. s_baselineStrategies.Select(strategy => new StrategySeries(
                strategy,
                [
                    new(
                        BaselineDomainCount,
                        Known(strategy, BenchRun.TablesName, BenchParameters.Of(BenchRun.DomainsParameter, BaselineDomainCount)),
                        Known(strategy, "switch-user-user-other-domain", s_baselineSwitch)),
                ])),
        ];
        return new(format.Name, strategies, others, baseline.System);

        decimal Value(string strategy, string name, int domainCount)
        {
            BenchParameters parameters = BenchParameters.Of(BenchRun.DomainsParameter, domainCount);
            return byKey.TryGetValue((format.Name, strategy, name, parameters), out BenchRecord? record)
                ? record.Value
                : throw ToolException.Failure($"the chart needs the figure {format.Name} {strategy} {name} {parameters}, which is not there; ./ringfence bench --json FILE measures it");
        }

        decimal Known(string strategy, string name, BenchParameters parameters) =>
            baseline.Find(name, parameters, format.Name, strategy)?.Value
                ?? throw ToolException.Failure($"the chart needs the baseline's figure {format.Name} {strategy} {name} {parameters}, which is not there");
    }
}
