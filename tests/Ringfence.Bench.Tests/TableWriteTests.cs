// What a switch between domains costs besides instructions: as many entries as rights differ, and what has to be flushed for it.

using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Bench.Tests;

public sealed class TableWriteTests
{
    private const string Switch = "switch-user-user-other-domain";

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task A_switch_of_the_common_tables_writes_the_entries_that_must_be_written_and_no_other(string format)
    {
        BenchRecord[] switches = [.. (await MeasuredImages.MeasureAsync(format, "common")).Where(static record => record.Name == Switch)];
        BenchRecord[] bounded = [.. switches.Where(static record => record.Baseline?.EntryWritesAtLeast is not null)];
        Assert.Equal(4, bounded.Length);
        Assert.All(bounded, static record => Assert.Equal(record.Baseline!.EntryWritesAtLeast, record.EntryWrites));
        Assert.Equal([2m, 26m, 58m, 114m, 34m, 2m], switches.Except(bounded).Where(static record => !HasOnePage(record)).Select(static record => record.EntryWrites!.Value));
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task An_entry_of_which_two_words_are_written_is_one_entry(string format)
    {
        BenchRecord code = (await MeasuredImages.MeasureAsync(format, "common")).Single(static record => record.Name == "switch-user-user-other-code");
        Assert.Equal(("partitions=4", 8m), (code.Parameters.Text, code.EntryWrites));
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task Half_of_those_entries_lose_rights_and_are_flushed_one_by_one_or_all_at_once(string format)
    {
        IReadOnlyList<BenchRecord> records = await MeasuredImages.MeasureAsync(format, "common");
        Assert.All(records.Where(static record => record.Name == Switch), static record =>
        {
            bool isFlushedAtOnce = record.Control3Writes == 1;
            Assert.Equal(isFlushedAtOnce ? 0 : record.EntryWrites / 2, record.InvalidatedPages);
            Assert.Equal(isFlushedAtOnce ? 1 : 0, record.Control3Writes);
        });
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task What_touches_no_live_rights_writes_no_entry_and_flushes_nothing(string format)
    {
        string[] operations =
        [
            "switch-kernel-kernel", "switch-user-kernel", "null-system-call", "yield-alone", "user-thread-create", "kernel-thread-create-to-join",
            "user-thread-move-to-domain", "partition-add-not-live", "domain-create-one-partition",
        ];
        BenchRecord[] records = [.. (await MeasuredImages.MeasureAsync(format, "common")).Where(record => operations.Contains(record.Name))];
        Assert.Equal(operations.Order(), records.Select(static record => record.Name).Distinct().Order());
        Assert.All(records, static record => Assert.Equal((0m, 0m, 0m), (record.EntryWrites, record.InvalidatedPages, record.Control3Writes)));
    }

    // The stacks of both threads stay granted, each in its domain's set.
    [Theory]
    [InlineData("x86-64", "per-domain")]
    [InlineData("pae", "per-domain")]
    [InlineData("ia32", "per-domain")]
    [InlineData("x86-64", "shared-subtree")]
    [InlineData("pae", "shared-subtree")]
    [InlineData("ia32", "shared-subtree")]
    public async Task A_switch_between_domains_that_have_a_root_each_loads_a_root_and_writes_no_entry(string format, string strategy)
    {
        BenchRecord[] switches = [.. (await MeasuredImages.MeasureAsync(format, strategy)).Where(static record => record.Name == Switch)];
        Assert.NotEmpty(switches);
        Assert.All(switches, static record => Assert.Equal((0m, 0m, 1m), (record.EntryWrites, record.InvalidatedPages, record.Control3Writes)));
    }

    // One to fifteen partitions, of one page to sixty-four: the same links are stored, and the same instructions executed.
    [Theory]
    [InlineData("x86-64", "per-domain")]
    [InlineData("pae", "per-domain")]
    [InlineData("ia32", "per-domain")]
    [InlineData("x86-64", "shared-subtree")]
    [InlineData("pae", "shared-subtree")]
    [InlineData("ia32", "shared-subtree")]
    [InlineData("x86-64", "leaf-link")]
    [InlineData("pae", "leaf-link")]
    [InlineData("ia32", "leaf-link")]
    public async Task Where_domains_have_tables_of_their_own_a_switch_costs_the_same_whatever_they_hold(string format, string strategy)
    {
        BenchRecord[] switches = [.. (await MeasuredImages.MeasureAsync(format, strategy)).Where(static record => record.Name == Switch)];
        Assert.True(switches.Length > 8, "more than the partitions of one and of four pages");
        (decimal? Instructions, decimal? EntryWrites, decimal? InvalidatedPages, decimal? Control3Writes)[] costs =
            [.. switches.Select(static record => (record.Instructions, record.EntryWrites, record.InvalidatedPages, record.Control3Writes)).Distinct()];
        Assert.Single(costs);
        Assert.Equal((0m, 1m), (costs[0].InvalidatedPages, costs[0].Control3Writes));
        Assert.InRange(costs[0].EntryWrites!.Value, 0m, strategy == "leaf-link" ? 2m : 0m);
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task A_further_domain_takes_no_more_bytes_of_tables_than_the_baseline(string format)
    {
        // The kernel's own domain is one of them.
        BenchRecord[] ofDomains = [.. (await MeasuredImages.MeasureAsync(format, "per-domain")).Where(static record => record.Name == "page-tables-of-domains")];
        BenchRecord atBoot = (await MeasuredImages.MeasureAsync(format, "per-domain")).First(static record => record.Name == "page-tables-at-boot");
        Assert.NotEmpty(ofDomains);
        Assert.All(ofDomains, record => Assert.True(record.Bytes / (DomainCount(record) + 1) <= atBoot.Baseline!.Value, record.Title));
    }

    private static int DomainCount(BenchRecord record) => int.Parse(record.Parameters.Text.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static bool HasOnePage(BenchRecord record) => record.Parameters.Text.EndsWith("pagesPerPartition=1", System.StringComparison.Ordinal);
}
