// `bench` from a project file to tables, JSON and figures that are kept, on a checkout in small.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using Ringfence.Tool.Benchmarks;
using Ringfence.Tool.Tests.Guests;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BenchCommandTests : IDisposable
{
    private const string Baseline = """
        { "system": "Other 1.0", "figures": [
          { "name": "yield", "parameters": {}, "values": { "x86-64": { "common": 10 }, "pae": { "common": 20, "per-domain": 1 } } },
          { "name": "ram-footprint", "parameters": { "domains": 4 }, "values": { "pae": { "common": 8192 } } } ] }
        """;

    private const string PlainText = "hello\n@bench yield - 2 21\n@bench switch n=3 1 200\n@end\n";
    private const string CountingText = "@bench yield - 2 99 0 0 0 7\n@bench switch n=3 1 999 8 4 1 150\n@end\n";

    private readonly SampleRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task Every_format_and_strategy_is_built_measured_and_compared_with_its_own_baseline()
    {
        _repository.AddBench(PlainText, CountingText, GuestEnding.Status, Baseline);
        string json = Path.Combine(_repository.Root, "figures.json");
        CommandResult result = await Command.RunToolAsync(_repository.Root, "bench", "--json", json);
        Assert.Equal((0, 21), (result.ExitStatus, _repository.CountBuilds("Bench")));
        Assert.StartsWith("x86-64, strategy common; baseline: Other 1.0\n", result.Output, StringComparison.Ordinal);
        Assert.Contains(
            """

            pae, strategy common; baseline: Other 1.0
            operation  parameters  instructions  baseline  ratio  entries  INVLPG  CR3  IF off
            yield      -                  10.50     20.00   0.53        0       0    0       7
            switch     n=3               200.00         -      -        8       4    1     150
            boot       -                5000.00         -      -        -       -    -       -
            many       domains=2         250.00         -      -        -       -    -       -
            memory         parameters  bytes  baseline  ratio
            tables         domains=2     200         -      -
            ram-footprint  domains=1    4096         -      -
            tables         domains=1     100         -      -
            ram-footprint  domains=4   16384      8192   2.00
            tables         domains=4     400         -      -
            ram-footprint  domains=16  65536         -      -
            tables         domains=16   1600         -      -

            pae, strategy per-domain; baseline: Other 1.0
            operation  parameters  instructions  baseline  ratio  entries  INVLPG  CR3  IF off
            yield      -                  10.50      1.00  10.50        0       0    0       7

            """,
            result.Output,
            StringComparison.Ordinal);

        // Operations only, compared with what the strategy is compared with.
        Assert.Contains(
            """

            pae, strategy per-domain-domain-stacks; baseline: Other 1.0
            operation  parameters  instructions  baseline  ratio  entries  INVLPG  CR3  IF off
            yield      -                  10.50      1.00  10.50        0       0    0       7
            switch     n=3               200.00         -      -        8       4    1     150

            """,
            result.Output,
            StringComparison.Ordinal);

        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
        Assert.Equal(204, document.RootElement.GetArrayLength());
        Assert.Equal(
            """{"name":"switch","format":"pae","strategy":"common","parameters":{"n":3},"instructions":200,"entryWrites":8,"invlpg":4,"cr3Writes":1,"interruptsOffInstructions":150,"bytes":null,"baseline":null,"commit":null}""",
            JsonSerializer.Serialize(document.RootElement[67]));
    }

    [Fact]
    public async Task What_was_stored_is_kept_and_shown_and_a_later_run_says_what_changed_since()
    {
        _repository.AddBench(PlainText, CountingText, GuestEnding.Status, Baseline);
        CommandResult result = await Command.RunToolAsync(_repository.Root, "bench", "--store", "it is there now");
        Assert.Equal(0, result.ExitStatus);
        Repository repository = new(_repository.Root);
        IReadOnlyList<KeptRecord> kept = BenchFile.Load(repository.FiguresFile);
        Assert.Equal(204, kept.Count);
        Assert.All(kept, static one => Assert.Equal("it is there now", one.Reason));
        Assert.Equal(FiguresDocument.Section(kept, Benchmarks.Baseline.Load(repository.BaselineFile)), FiguresDocument.Find(repository.FiguresDocument));
        string document = await File.ReadAllTextAsync(repository.FiguresDocument, TestContext.Current.CancellationToken);
        Assert.Matches("(?s)^before\n.*yield  +- +10.50 .*\nafter\n$", document);
        Assert.DoesNotContain("old", document, StringComparison.Ordinal);

        _repository.AddBench(PlainText, CountingText.Replace(" 150", " 175", StringComparison.Ordinal), GuestEnding.Status, Baseline);
        result = await Command.RunToolAsync(_repository.Root, "bench", "--format", "ia32", "--strategy", "common", "--compare", repository.FiguresFile);
        Assert.Equal(0, result.ExitStatus);
        Assert.Equal("ia32 common switch n=3: instructions with interrupts off 150 to 175 (+16.67 %)", result.OutputLines[^1]);
        Assert.Equal($"since {repository.FiguresFile}:", result.OutputLines[^2]);
    }

    [Fact]
    public async Task A_machine_that_ends_without_its_last_line_is_a_failure_that_shows_its_console_and_leaves_no_file()
    {
        _repository.AddBench("@bench yield - 1 1050\nkernel  panic\n", CountingText, GuestEnding.Status, Baseline);
        string json = Path.Combine(_repository.Root, "figures.json");
        CommandResult result = await Command.RunToolAsync(_repository.Root, "bench", "--format", "pae", "--strategy", "per-domain", "--json", json);
        Assert.Equal(1, result.ExitStatus);
        Assert.Empty(result.Output);
        Assert.Contains("kernel  panic", result.ErrorLines);
        Assert.Equal("ringfence: the bench failed: the machine ended without the line @end", result.ErrorLines[^1]);
        Assert.False(File.Exists(json));
    }

    [Theory]
    [InlineData("@bench yield - 2 99 0 0 0 7\n@end\n", "2 operations were measured, and 1 in the image that counts")]
    [InlineData("@bench yield - 2 99 0 0 0 7\n@bench switch n=4 1 999 8 4 1 150\n@end\n", "nothing was counted for switch n=3")]
    [InlineData("@bench yield - 2 99\n@bench switch n=3 1 999 8 4 1 150\n@end\n", "nothing was counted for yield")]
    public async Task Images_that_measured_different_operations_are_a_failure(string countingText, string message)
    {
        _repository.AddBench(PlainText, countingText, GuestEnding.Status, Baseline);
        CommandResult result = await Command.RunToolAsync(_repository.Root, "bench", "--format", "pae");
        Assert.Equal((1, $"ringfence: the bench failed: {message}"), (result.ExitStatus, result.ErrorLines[^1]));
    }

    [Fact]
    public async Task A_checkout_without_a_baseline_or_figures_to_compare_with_is_a_failure_before_anything_is_built()
    {
        CommandResult result = await Command.RunToolAsync(_repository.Root, "bench");
        Assert.StartsWith("ringfence: cannot read the baseline ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(1, result.ExitStatus);
        _repository.AddBench(PlainText, CountingText, GuestEnding.Status, Baseline);
        result = await Command.RunToolAsync(_repository.Root, "bench", "--compare", "/absent/figures.json");
        Assert.StartsWith("ringfence: cannot read figures from /absent/figures.json: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal((1, 0), (result.ExitStatus, _repository.CountBuilds("Bench")));
    }
}
