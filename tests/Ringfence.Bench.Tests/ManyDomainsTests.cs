// What the image with many domains says of them, against what its builder set aside, and that their number is no part of a switch.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Tool.Benchmarks;
using Ringfence.Tool.Reports;
using Xunit;

namespace Ringfence.Bench.Tests;

public sealed class ManyDomainsTests
{
    // The base tables and their links: two lists besides those of domains.
    private const ulong ListsOfStrategy = 2;

    public static IEnumerable<TheoryDataRow<string, string>> All => MeasuredImages.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Tables_that_the_kernel_counts_are_those_that_the_builder_set_aside_for_so_many_domains(string format, string strategy)
    {
        ImageLayout layout = ImageLayout.Load(MeasuredImages.Run(format, strategy).Locate(BenchRun.ManyDomainsImage, count: false).Map);
        LayoutTableCost cost = layout.PageTables.Strategies.Single(cost => cost.Strategy == strategy.Replace("-kpti", "+kpti", StringComparison.Ordinal));
        ulong mostDomains = WithKernels(BenchRun.ChartedDomainCounts[^1]);
        Assert.Equal(strategy == "common" ? 0 : mostDomains, cost.Domains);
        ulong listBytes = (layout.Symbols.SingleOrDefault(static symbol => symbol.Name == "link_list_table")?.Size ?? 0) / (ListsOfStrategy + mostDomains);
        Assert.Equal(strategy == "leaf-link", listBytes != 0);
        Dictionary<int, decimal> bytes = await ByDomainCountAsync(format, strategy, BenchRun.TablesName);
        Assert.Equal(BenchRun.ChartedDomainCounts, bytes.Keys);
        foreach ((int domainCount, decimal counted) in bytes)
        {
            ulong domains = WithKernels(domainCount);
            Assert.Equal(cost.KernelBytes + (domains * cost.DomainBytes) + ((ListsOfStrategy + domains) * listBytes), counted);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_switch_takes_as_long_among_32_domains_as_among_two(string format, string strategy)
    {
        Dictionary<int, decimal> instructions = await ByDomainCountAsync(format, strategy, BenchRun.SwitchName);
        Assert.Equal(BenchRun.ChartedDomainCounts, instructions.Keys);

        // With one set what differs between two domains is learned when they first take turns, and the switches of each pair share its price; two domains are a single pair, that goes round twice.
        decimal learning = strategy == "common" ? instructions[2] / 50 : 0;
        Assert.All(instructions.Values, each => Assert.InRange(each, instructions[2] - 1, instructions[2] + 1 + learning));
        Assert.All(instructions.Where(static pair => pair.Key >= 8), each => Assert.InRange(each.Value, instructions[8] - 1, instructions[8] + 1));
    }

    // The kernel's own domain has tables as any other.
    private static ulong WithKernels(int domainCount) => (ulong)domainCount + 1;

    private static async Task<Dictionary<int, decimal>> ByDomainCountAsync(string format, string strategy, string name) =>
        (await MeasuredImages.MeasureAsync(format, strategy)).Where(record => record.Name == name).ToDictionary(
            static record => BenchRun.ChartedDomainCounts.Single(count => record.Parameters == BenchParameters.Of(BenchRun.DomainsParameter, count)), static record => record.Value);
}
