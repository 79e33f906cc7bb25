// `chart`: what it draws is what the figures say, all of it, the same each time; and a figure that isn't there is named.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using System.Xml.Linq;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Series;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Ringfence.Tool.Charts;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class ChartCommandTests : IDisposable
{
    private const string BaselineText = """
        { "system": "Other 1.0", "figures": [
          { "name": "page-tables", "parameters": { "domains": 16 }, "values": { "pae": { "common": 20512, "per-domain": 327712 } } },
          { "name": "switch-user-user-other-domain", "parameters": { "partitions": 1, "pagesPerPartition": 1 }, "values": { "pae": { "common": 922.5, "per-domain": 139.5 } } } ] }
        """;

    private static readonly string[] s_strategies = [.. BenchCommand.AllVariants.Where(static variant => variant.Format == GuestFormat.Pae).Select(static variant => variant.StrategyTitle)];

    private readonly ScratchFolder _folder = new();

    private string Figures => Path.Combine(_folder.Path, "figures.json");

    private string Picture => Path.Combine(_folder.Path, "picture.svg");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_picture_in_the_readme_is_what_the_command_draws_from_the_figures_that_are_kept()
    {
        Repository repository = new(Command.RepositoryRoot);
        Assert.True(
            File.ReadAllText(repository.ChartFile) == ChartCommand.Draw(repository.FiguresFile, repository.BaselineFile, GuestFormat.Pae),
            "The figures have changed, the picture has not: ./ringfence chart");
    }

    [Fact]
    public void Every_strategy_has_its_bytes_and_instructions_at_each_number_of_domains_and_the_baseline_its_two_points()
    {
        StrategyCosts costs = StrategyCosts.Find(Records(), Baseline.Parse(BaselineText), GuestFormat.Pae);
        Assert.Equal(s_strategies, costs.Strategies.Select(static series => series.Strategy));
        Assert.Equal([2, 4, 8, 16, 32], BenchRun.ChartedDomainCounts);
        for (int index = 0; index < s_strategies.Length; index++)
        {
            int place = index;
            Assert.Equal(
                BenchRun.ChartedDomainCounts.Select(count => new StrategyCost(count, Tables(place, count), Instructions(place, count))), costs.Strategies[index].Costs);
        }

        Assert.Equal([("common", new StrategyCost(16, 20512, 922.5m)), ("per-domain", new StrategyCost(16, 327712, 139.5m))], costs.Baseline.Select(static series => (series.Strategy, series.Costs.Single())));
    }

    [Fact]
    public void Every_cost_is_a_point_of_its_strategys_line_and_numbers_of_domains_at_one_place_share_a_label()
    {
        StrategyCosts costs = StrategyCosts.Find(Records(), Baseline.Parse(BaselineText), GuestFormat.Pae);
        PlotModel plot = StrategyChart.Plot(costs);
        Assert.Equal(
            costs.Strategies.Concat(costs.Baseline).Select(static series => series.Costs.Select(static cost => new DataPoint((double)cost.TableBytes / 1024, (double)cost.SwitchInstructions))),
            plot.Series.Select(static series => Assert.IsType<LineSeries>(series).Points.AsEnumerable()));
        StrategyCosts constant = costs with { Strategies = [new("common", [new(2, 8192, 500), new(4, 8192, 500.25m), new(8, 8192, 500.5m), new(16, 16384, 500)])] };
        Assert.Equal(["2 to 8", "16", "16", "16"], Labels(constant));
    }

    [Fact]
    public void Labels_that_would_cover_each_other_are_left_out_and_lines_at_one_height_have_theirs_on_two_sides()
    {
        StrategyCosts costs = StrategyCosts.Find(Records(), Baseline.Parse(BaselineText), GuestFormat.Pae);
        StrategySeries[] lines = [.. s_strategies[..4].Select(static (strategy, index) => new StrategySeries(strategy, [new(index, 8192 + (index * 100), 500)]))];
        Assert.Equal(["0", "16", "3", "16"], Labels(costs with { Strategies = lines }));
    }

    [Fact]
    public async Task The_picture_has_every_strategy_by_name_and_another_figure_makes_another_picture()
    {
        string first = await DrawAsync(Records());
        Assert.Equal(first, await DrawAsync(Records()));
        string[] texts = [.. XDocument.Parse(first).Descendants().Where(static element => element.Name.LocalName == "text").Select(static element => element.Value)];
        Assert.Empty(s_strategies.Except(texts));
        Assert.Contains("Other 1.0 common", texts);
        Assert.Contains("Other 1.0 per-domain", texts);
        foreach (BenchRecord record in Records())
        {
            BenchRecord other = record with { Instructions = record.Instructions * 1.5m, Bytes = record.Bytes * 1.5m };
            string second = await DrawAsync([.. Records().Select(one => one.Key == record.Key ? other : one)]);
            Assert.True(first != second, $"{record.Title} is not in the picture");
        }
    }

    [Fact]
    public async Task A_figure_that_is_missing_is_named_and_no_picture_written()
    {
        foreach (BenchRecord missing in Records())
        {
            CommandResult result = await RunAsync([.. Records().Where(record => record.Key != missing.Key)], BaselineText);
            Assert.Contains($"the figure {missing.Title}, which is not there", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
            Assert.Equal((1, false), (result.ExitStatus, File.Exists(Picture)));
        }

        CommandResult other = await RunAsync(Records(), BaselineText.Replace("\"common\": 922.5, ", string.Empty, StringComparison.Ordinal));
        Assert.Contains("the baseline's figure pae common switch-user-user-other-domain partitions=1,pagesPerPartition=1", Assert.Single(other.ErrorLines), StringComparison.Ordinal);
        Assert.Equal((1, false), (other.ExitStatus, File.Exists(Picture)));
    }

    [Fact]
    public async Task The_command_writes_the_picture_where_it_is_told_and_says_where()
    {
        CommandResult result = await RunAsync(Records(), BaselineText, Command.RunToolAsync);
        Assert.Equal((0, Picture + "\n"), (result.ExitStatus, result.Output));
        Assert.Equal(StrategyChart.Draw(StrategyCosts.Find(Records(), Baseline.Parse(BaselineText), GuestFormat.Pae)), await File.ReadAllTextAsync(Picture, TestContext.Current.CancellationToken));
        File.Delete(Figures);
        result = await Command.RunToolAsync(_folder.Path, "chart", "--from", Figures, "--output", Picture);
        Assert.Equal((1, $"ringfence: cannot read figures from {Figures}: "), (result.ExitStatus, Assert.Single(result.ErrorLines)[..$"ringfence: cannot read figures from {Figures}: ".Length]));
    }

    private static IEnumerable<string?> Labels(StrategyCosts costs) => StrategyChart.Plot(costs).Annotations.OfType<TextAnnotation>().Select(static label => label.Text);

    private static decimal Tables(int strategy, int count) => 8000 + (strategy * 1000 * count);

    private static decimal Instructions(int strategy, int count) => 1000 - (strategy * 90) + count;

    private static IReadOnlyList<BenchRecord> Records() =>
    [
        .. s_strategies.SelectMany(static (strategy, index) => BenchRun.ChartedDomainCounts.SelectMany(count => new BenchRecord[]
        {
            new("page-tables", "pae", strategy, new(string.Create(CultureInfo.InvariantCulture, $"domains={count}"))) { Bytes = Tables(index, count) },
            new("switch-among-domains", "pae", strategy, new(string.Create(CultureInfo.InvariantCulture, $"domains={count}"))) { Instructions = Instructions(index, count) },
        })),
    ];

    private async Task<string> DrawAsync(IReadOnlyList<BenchRecord> records)
    {
        CommandResult result = await RunAsync(records, BaselineText);
        Assert.Equal((0, string.Empty), (result.ExitStatus, result.Errors));
        string picture = await File.ReadAllTextAsync(Picture);
        File.Delete(Picture);
        return picture;
    }

    private Task<CommandResult> RunAsync(IReadOnlyList<BenchRecord> records, string baseline) => RunAsync(records, baseline, RunHereAsync);

    private Task<CommandResult> RunAsync(IReadOnlyList<BenchRecord> records, string baseline, Func<string, string[], Task<CommandResult>> run)
    {
        OutputFile.WriteJson(Figures, json => BenchFile.Write(json, records, "abc"));
        _folder.Write("bench/baseline.json", baseline);
        return run(_folder.Path, ["chart", "--from", Figures, "--output", Picture]);
    }

    // In this process: a picture is drawn for each of many figures.
    private static async Task<CommandResult> RunHereAsync(string root, string[] arguments)
    {
        await using StringWriter output = new();
        Repository repository = new(root);
        try
        {
            int status = await new ChartCommand(repository, output).ExecuteAsync(new ChartSettings { Format = GuestFormat.Pae, FiguresPath = arguments[2], OutputPath = arguments[4] });
            return new(status, output.ToString(), string.Empty);
        }
        catch (ToolException failure)
        {
            return new(failure.ExitStatus, output.ToString(), failure.Message);
        }
    }
}
