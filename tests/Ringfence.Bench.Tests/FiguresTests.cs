// No figure of the repository gets worse without a word, and the documents show the figures that are kept.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Bench.Tests;

public sealed class FiguresTests
{
    public static IEnumerable<TheoryDataRow<string, string>> All => MeasuredImages.AllMeasured;

    [Theory]
    [MemberData(nameof(All))]
    public async Task No_operation_takes_over_two_percent_more_instructions_and_no_image_more_memory_than_is_kept(string format, string strategy)
    {
        IReadOnlyList<string> findings = StoredFigures.FindRegressions(MeasuredImages.Kept, await MeasuredImages.MeasureAsync(format, strategy));
        Assert.True(
            findings.Count == 0,
            string.Join('\n', findings) + "\nIf this has a reason, store the new figures in the same commit: ./ringfence bench --store \"REASON\"");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_real_image_gives_the_same_figures_to_the_last_digit_whenever_it_is_booted(string format, string strategy)
    {
        BenchRun run = MeasuredImages.Run(format, strategy);
        foreach (bool count in new[] { false, true })
        {
            BenchReport first = await run.BootAsync(BenchRun.OperationsImage, count, [], TextWriter.Null, TestContext.Current.CancellationToken);
            BenchReport second = await run.BootAsync(BenchRun.OperationsImage, count, [], TextWriter.Null, TestContext.Current.CancellationToken);
            Assert.NotEmpty(first.Figures);
            Assert.Equal(first.Figures, second.Figures);
        }
    }

    [Fact]
    public void The_specification_shows_the_figures_that_are_kept() => Assert.Equal(
        FiguresDocument.Section(MeasuredImages.Kept, MeasuredImages.Baseline), FiguresDocument.Find(MeasuredImages.Repository.FiguresDocument));

    [Fact]
    public void Every_sample_in_every_format_and_under_every_strategy_is_among_the_figures_that_are_kept()
    {
        string[] kept = [.. MeasuredImages.Kept.Where(static one => one.Record.Name == "ram-sample").Select(static one => $"{one.Record.Format} {one.Record.Strategy} {one.Record.Parameters}")];
        string[] samples = [.. MeasuredImages.All.SelectMany(static row => MeasuredImages.Repository.ListSamples().Select(sample => $"{row.Data.Item1} {row.Data.Item2} sample={sample}"))];
        Assert.Equal(samples.Order(), kept.Order());
    }
}
