// What a domain's own page tables take, by the maps of the real images: no more than in the system that ours is measured against.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Ringfence.Tool.Reports;
using Xunit;

namespace Ringfence.Bench.Tests;

public sealed class TableCostTests
{
    private const ulong PageBytes = 4096;

    // Bytes of a set for each further domain in Zephyr v2.6.0, whose tables cover a window of 8 MiB whatever is in it.
    private static ulong BaselineBytes(string format) => format switch { "pae" => 20_512, "ia32" => 12_288, _ => 28_672 };

    public static IEnumerable<TheoryDataRow<string, string>> Images =>
        from format in GuestFormat.All
        from image in BenchRun.FootprintDomainCounts.Select(static count => $"Footprint{count}").Concat(MeasuredImages.Repository.ListSamples())
        select new TheoryDataRow<string, string>(image, format.Name);

    [Theory]
    [MemberData(nameof(Images))]
    public void A_further_domain_takes_no_more_bytes_of_tables_than_the_baseline(string image, string format)
    {
        ImageLayout layout = ImageLayout.Load(MeasuredImages.Run(format, "common").Locate(image, count: false).Map);
        Assert.Equal(["common", "per-domain", "per-domain+kpti", "shared-subtree", "shared-subtree+kpti", "leaf-link"], layout.PageTables.Strategies.Select(static cost => cost.Strategy));
        foreach (LayoutTableCost cost in layout.PageTables.Strategies)
        {
            Assert.Equal(cost.KernelBytes + (cost.Domains * cost.DomainBytes), cost.TotalBytes);
            Assert.InRange(cost.KernelBytes, 1UL, BaselineBytes(format));
            Assert.Equal(cost.Strategy == "common", cost.DomainBytes == 0);
            Assert.InRange(cost.DomainBytes, cost.Strategy == "common" ? 0 : PageBytes, BaselineBytes(format));
        }
    }
}
