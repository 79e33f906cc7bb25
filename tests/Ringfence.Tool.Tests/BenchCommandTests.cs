// `bench` from a project file to table and JSON, on a checkout in small; and on the real image, if it has been built, twice.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Ringfence.Tool.Tests.Guests;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BenchCommandTests : IDisposable
{
    private const string Baseline = """
        { "system": "Other 1.0", "figures": [ { "name": "yield", "parameter": 0, "x86-64": 10, "pae": 20, "ia32": 40 } ] }
        """;

    private readonly SampleRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task Every_format_is_built_measured_and_compared_with_its_own_baseline()
    {
        _repository.AddBench("hello\n@bench yield 0 1050\n@bench switch 3 200\n@end\n", GuestEnding.Status, Baseline);
        string json = Path.Combine(_repository.Root, "figures.json");
        CommandResult result = await Command.RunToolAsync(_repository.Root, "bench", "--json", json);
        Assert.Equal((0, 3), (result.ExitStatus, _repository.CountBuilds("Bench")));
        Assert.Equal(
            """
            x86-64, strategy common; baseline: Other 1.0
            operation  parameter  instructions  baseline  ratio
            yield              -         10.50     10.00   1.05
            switch             3          2.00         -      -

            pae, strategy common; baseline: Other 1.0
            operation  parameter  instructions  baseline  ratio
            yield              -         10.50     20.00   0.53
            switch             3          2.00         -      -

            ia32, strategy common; baseline: Other 1.0
            operation  parameter  instructions  baseline  ratio
            yield              -         10.50     40.00   0.26
            switch             3          2.00         -      -

            """,
            result.Output);

        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
        Assert.Equal(6, document.RootElement.GetArrayLength());
        Assert.Equal(
            """{"name":"yield","format":"pae","strategy":"common","parameter":0,"instructions":10.5,"baseline":20,"ratio":0.53}""",
            JsonSerializer.Serialize(document.RootElement[2]));
        Assert.Equal(
            """{"name":"switch","format":"ia32","strategy":"common","parameter":3,"instructions":2,"baseline":null,"ratio":null}""",
            JsonSerializer.Serialize(document.RootElement[5]));
    }

    [Fact]
    public async Task A_machine_that_ends_without_its_last_line_is_a_failure_that_shows_its_console_and_leaves_no_file()
    {
        _repository.AddBench("@bench yield 0 1050\nkernel  panic\n", GuestEnding.Status, Baseline);
        string json = Path.Combine(_repository.Root, "figures.json");
        CommandResult result = await Command.RunToolAsync(_repository.Root, "bench", "--format", "pae", "--json", json);
        Assert.Equal(1, result.ExitStatus);
        Assert.Empty(result.Output);
        Assert.Contains("kernel  panic", result.ErrorLines);
        Assert.Equal("ringfence: the bench failed: the machine ended without the line @end", result.ErrorLines[^1]);
        Assert.False(File.Exists(json));
    }

    [Fact]
    public async Task A_checkout_without_a_baseline_is_a_failure_before_anything_is_built()
    {
        CommandResult result = await Command.RunToolAsync(_repository.Root, "bench");
        Assert.StartsWith("ringfence: cannot read the baseline ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(1, result.ExitStatus);
    }

    [Theory]
    [InlineData("x86-64")]
    [InlineData("pae")]
    [InlineData("ia32")]
    public async Task The_real_image_gives_the_same_figures_to_the_last_digit_whenever_it_is_booted(string name)
    {
        Assert.True(GuestFormat.TryParse(name, out GuestFormat? format));
        string image = ImageFiles.Locate(Command.RepositoryRoot, "Bench", format, audit: false).Image;
        Assert.SkipUnless(File.Exists(image), "the image is not built; ./ringfence bench builds it");
        IReadOnlyList<BenchFigure> first = await MeasureAsync(image, format);
        Assert.NotEmpty(first);
        Assert.Equal(first, await MeasureAsync(image, format));
    }

    private static async Task<IReadOnlyList<BenchFigure>> MeasureAsync(string image, GuestFormat format)
    {
        var options = new QemuOptions
        {
            ImagePath = image,
            Format = format,
            TimeLimit = TimeSpan.FromSeconds(60),
            ExtraArguments = BenchCommand.CountingArguments,
        };
        BenchConsole console = new();
        return console.Complete(await QemuMachine.RunAsync(options, console.Add, TestContext.Current.CancellationToken));
    }
}
