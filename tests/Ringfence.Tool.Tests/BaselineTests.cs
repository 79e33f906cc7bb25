// The baseline as data: found by name, parameter and format, refused when it is unclear, and the repository's own whole.

using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BaselineTests
{
    private const string Figure = """
        { "name": "switch", "parameters": { "partitions": 4, "pages": 1 }, "values": { "pae": { "common": 100.5, "kpti": 20 }, "ia32": { "common": 300 } },
          "invlpg": { "common": 10, "kpti": 0 }, "cr3Writes": { "kpti": 2 }, "entryWritesAtLeast": { "common": 8 }, "note": "otherwise" }
        """;

    [Fact]
    public void A_figure_is_found_by_name_parameters_format_and_strategy()
    {
        Baseline baseline = Baseline.Parse($$"""{ "system": "Other 1.0", "figures": [ {{Figure}} ] }""");
        BenchParameters parameters = new("partitions=4,pages=1");
        Assert.Equal("Other 1.0", baseline.System);
        Assert.Equal(
            new BaselineFigure(100.5m, "otherwise") { InvalidatedPages = 10, EntryWritesAtLeast = 8 }, baseline.Find("switch", parameters, "pae", "common"));
        Assert.Equal(
            new BaselineFigure(20, "otherwise") { InvalidatedPages = 0, Control3Writes = 2 }, baseline.Find("switch", parameters, "pae", "kpti"));
        Assert.Equal(300, baseline.Find("switch", parameters, "ia32", "common")!.Value);
        Assert.Null(baseline.Find("switch", parameters, "ia32", "per-domain-kpti"));
        Assert.Null(baseline.Find("switch", parameters, "x86-64", "common"));
        Assert.Null(baseline.Find("switch", new("partitions=4"), "pae", "common"));
        Assert.Null(baseline.Find("Switch", parameters, "pae", "common"));
    }

    [Theory]
    [InlineData("""{ "system": "S" }""")]
    [InlineData("""{ "figures": [] }""")]
    [InlineData("""[]""")]
    [InlineData("""{ "system": "S", "figures": [ { "name": "a", "parameters": {} } ] }""")]
    [InlineData("""{ "system": "S", "figures": [ { "name": "a", "parameters": 0, "values": {} } ] }""")]
    [InlineData("""{ "system": "S", "figures": [ { "name": "a", "parameters": {}, "values": { "pae": { "common": "1" } } } ] }""")]
    [InlineData("""{ "system": "S", "figures": [ { "name": "a", "parameters": {}, "values": { "pae": { "common": -1 } } } ] }""")]
    [InlineData("""{ "system": "S", "figures": [ { "name": "a", "parameters": {}, "values": { "long": { "common": 1 } } } ] }""")]
    [InlineData($$"""{ "system": "S", "figures": [ {{Figure}}, {{Figure}} ] }""")]
    public void What_is_missing_of_the_wrong_kind_or_there_twice_is_refused(string json) =>
        Assert.Throws<FormatException>(() => Baseline.Parse(json));

    [Fact]
    public void A_file_that_cannot_be_read_is_a_failure_that_names_it()
    {
        Assert.Contains("/absent/baseline.json", Assert.Throws<ToolException>(() => Baseline.Load("/absent/baseline.json")).Message, StringComparison.Ordinal);
        using ScratchFolder folder = new();
        string path = folder.Write("baseline.json", "{");
        Assert.Contains(path, Assert.Throws<ToolException>(() => Baseline.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_repositorys_baseline_covers_each_operation_and_names_its_source()
    {
        string path = new Repository(Command.RepositoryRoot).BaselineFile;
        Baseline baseline = Baseline.Load(path);
        string[] operations =
        [
            "switch-kernel-kernel", "switch-user-kernel", "switch-user-user-same-domain", "switch-user-user-other-domain partitions=1,pagesPerPartition=1",
            "switch-user-user-other-domain partitions=4,pagesPerPartition=1", "switch-user-user-other-domain partitions=8,pagesPerPartition=1",
            "switch-user-user-other-domain partitions=15,pagesPerPartition=1", "semaphore-kernel-kernel", "semaphore-user-user-same-domain",
            "semaphore-user-user-other-domain partitions=1,pagesPerPartition=1", "semaphore-user-user-other-domain partitions=15,pagesPerPartition=1",
            "null-system-call", "semaphore-count", "yield-alone", "user-thread-create", "user-thread-create-to-join", "kernel-thread-create-to-join",
            "user-thread-move-to-domain", "partition-add-not-live held=4", "partition-add-not-live held=15", "domain-create-one-partition", "boot-entry-to-main",
            "ram-footprint domains=1", "ram-footprint domains=4", "ram-footprint domains=16", "page-tables-at-boot domains=16", "page-tables-of-domains domains=4",
            "page-tables-of-domains domains=16",
        ];
        foreach (string[] words in operations.Select(static operation => operation.Split(' ')))
        {
            BenchParameters parameters = words.Length == 1 ? BenchParameters.None : new(words[1]);
            Assert.All(GuestFormat.All, format => Assert.All(["common", "per-domain"], strategy => Assert.NotNull(baseline.Find(words[0], parameters, format.Name, strategy))));
        }

        // These were measured there in one format, and those not under every strategy.
        Assert.All([1, 4, 8, 15], partitions => Assert.NotNull(
            baseline.Find("switch-user-user-other-domain", new($"partitions={partitions},pagesPerPartition=4"), "pae", "common")));
        Assert.NotNull(baseline.Find("domain-create-one-partition", BenchParameters.None, "x86-64", "per-domain-kpti"));
        Assert.Null(baseline.Find("domain-create-one-partition", BenchParameters.None, "ia32", "per-domain-kpti"));

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        Assert.StartsWith("https://", document.RootElement.GetProperty("source").GetProperty("repository").GetString(), StringComparison.Ordinal);
        Assert.Contains("-icount shift=0", document.RootElement.GetProperty("source").GetProperty("emulator").GetString(), StringComparison.Ordinal);
    }
}
