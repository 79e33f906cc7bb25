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
    private const string Figure = """{ "name": "switch", "parameter": 4, "x86-64": 100.5, "pae": 200, "ia32": 300, "note": "otherwise" }""";

    [Fact]
    public void A_figure_is_found_by_name_parameter_and_format()
    {
        Baseline baseline = Baseline.Parse($$"""{ "system": "Other 1.0", "figures": [ {{Figure}} ] }""");
        Assert.Equal("Other 1.0", baseline.System);
        Assert.Equal([100.5m, 200m, 300m], GuestFormat.All.Select(format => baseline.Find(new("switch", 4, 1), format)!.Instructions));
        Assert.Equal("otherwise", baseline.Find(new("switch", 4, 1), GuestFormat.Pae)!.Note);
        Assert.Null(baseline.Find(new("switch", 5, 1), GuestFormat.Pae));
        Assert.Null(baseline.Find(new("Switch", 4, 1), GuestFormat.Pae));
    }

    [Theory]
    [InlineData("""{ "system": "S" }""")]
    [InlineData("""{ "figures": [] }""")]
    [InlineData("""[]""")]
    [InlineData("""{ "system": "S", "figures": [ { "name": "a", "parameter": 0, "x86-64": 1, "pae": 1 } ] }""")]
    [InlineData("""{ "system": "S", "figures": [ { "name": "a", "parameter": 0, "x86-64": 1, "pae": "1", "ia32": 1 } ] }""")]
    [InlineData("""{ "system": "S", "figures": [ { "name": "a", "parameter": 0, "x86-64": 1, "pae": 0, "ia32": 1 } ] }""")]
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
            "switch-kernel-kernel 0", "switch-user-kernel 0", "switch-user-user-same-domain 0", "switch-user-user-other-domain 1",
            "switch-user-user-other-domain 4", "switch-user-user-other-domain 8", "switch-user-user-other-domain 15", "null-system-call 0", "yield-alone 0",
            "user-thread-create-run-exit-join 0", "kernel-thread-create-run-exit-join 0", "domain-create-one-partition 0", "partition-add-not-live 4",
        ];
        foreach (string[] words in operations.Select(static operation => operation.Split(' ')))
        {
            Assert.All(GuestFormat.All, format => Assert.NotNull(baseline.Find(new(words[0], int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), 1), format)));
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        Assert.StartsWith("https://", document.RootElement.GetProperty("source").GetProperty("repository").GetString(), StringComparison.Ordinal);
        Assert.Contains("-icount shift=0", document.RootElement.GetProperty("source").GetProperty("emulator").GetString(), StringComparison.Ordinal);
    }
}
