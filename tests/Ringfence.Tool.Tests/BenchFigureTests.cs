// From the bench images' consoles to figures: what counts, and what is no measurement.

using System;
using System.Globalization;
using System.Linq;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BenchFigureTests
{
    private static readonly GuestExit s_success = new(GuestExitKind.Status, 0, "");

    [Theory]
    [InlineData("@bench null-system-call - 200 15813", "null-system-call", "", "79.07")]
    [InlineData("@bench switch partitions=4,pagesPerPartition=1 400 529974", "switch", "partitions=4,pagesPerPartition=1", "1324.94")]
    [InlineData("@bench largest - 1 18446744073709551615", "largest", "", "18446744073709551615")]
    [InlineData("@bench none - 1 0", "none", "", "0")]
    public void A_line_holds_a_name_parameters_a_number_of_operations_and_their_instructions(string line, string name, string parameters, string instructions)
    {
        Assert.True(BenchFigure.IsFigure(line));
        BenchFigure figure = BenchFigure.Parse(line);
        Assert.Equal((name, parameters, null), (figure.Name, figure.Parameters.Text, figure.Events));
        Assert.Equal(decimal.Parse(instructions, CultureInfo.InvariantCulture), figure.Each(figure.Instructions));
    }

    [Fact]
    public void An_image_that_counts_says_four_things_more()
    {
        BenchFigure figure = BenchFigure.Parse("@bench switch - 400 529974 3200 1600 0 1738");
        Assert.Equal(new(3200, 1600, 0, 1738), figure.Events);
        Assert.Equal(8, figure.Each(figure.Events!.EntryWrites));
    }

    [Theory]
    [InlineData("@bench")]
    [InlineData("@bench name - 1")]
    [InlineData("@bench name - 1 2 3")]
    [InlineData("@bench name - 1 2 3 4 5")]
    [InlineData("@bench name - 1 2 3 4 5 6 7")]
    [InlineData("@bench name - 0 2")]
    [InlineData("@bench name 1 1 2")]
    [InlineData("@bench name a= 1 2")]
    [InlineData("@bench name =1 1 2")]
    [InlineData("@bench name a=1, 1 2")]
    [InlineData("@bench name - 1 0x20")]
    [InlineData("@bench name  - 1 2")]
    [InlineData("@bench name - 99999999999 2")]
    [InlineData("@bench name - 1 18446744073709551616")]
    [InlineData("@bench name - 1 2 3 4 -5 6")]
    public void A_line_that_begins_like_a_figure_and_is_none_is_a_failure_that_shows_it(string line)
    {
        Assert.True(BenchFigure.IsFigure(line));
        ToolException failure = Assert.Throws<ToolException>(() => BenchFigure.Parse(line));
        Assert.Contains($"'{line}'", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitStatuses.Failure, failure.ExitStatus);
    }

    [Theory]
    [InlineData("@bytes")]
    [InlineData("@bytes name -")]
    [InlineData("@bytes name - -1")]
    [InlineData("@bytes name - 1 2")]
    public void A_line_that_begins_like_a_size_and_is_none_is_a_failure_that_shows_it(string line)
    {
        Assert.True(BenchBytes.IsSize(line));
        Assert.Contains($"'{line}'", Assert.Throws<ToolException>(() => BenchBytes.Parse(line)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_and_sizes_keep_their_order_and_other_lines_do_not_count()
    {
        BenchReport report = Console(
            "ringfence: format pae", "@bench b - 1 1", "@benchmark a - 1 1", "@bytes m n=1 7", "@bench a n=1 1 2", "@bytesize", "@bench a n=2 1 3", "@end", "the machine ends")
            .Complete(s_success);
        Assert.Equal(["b  1", "a n=1 2", "a n=2 3"], report.Figures.Select(static figure => $"{figure.Name} {figure.Parameters} {figure.Instructions}"));
        Assert.Equal(new("m", BenchParameters.Of("n", 1), 7), Assert.Single(report.Sizes));
    }

    [Fact]
    public void A_machine_that_does_not_say_that_it_is_done_has_measured_nothing()
    {
        BenchConsole console = Console("@bench a - 1 100", "@ending");
        Assert.Contains("without the line @end", Failure(console, s_success).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GuestExitKind.Status, ExitStatuses.Failure, "exit status 3")]
    [InlineData(GuestExitKind.NoStatus, ExitStatuses.Failure, "triple fault")]
    [InlineData(GuestExitKind.ConsoleLimit, ExitStatuses.Failure, "too much")]
    [InlineData(GuestExitKind.TimedOut, ExitStatuses.TimedOut, "in time")]
    public void A_machine_that_ends_badly_has_measured_nothing_whatever_it_said(GuestExitKind kind, int status, string words)
    {
        ToolException failure = Failure(Console("@bench a - 1 100", "@end"), new(kind, 3, ""));
        Assert.Equal(status, failure.ExitStatus);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_figure_and_a_figure_twice_are_failures()
    {
        Assert.Contains("no figure", Failure(Console("@end"), s_success).Message, StringComparison.Ordinal);
        Assert.Contains("a n=1 more than once", Failure(Console("@bench a n=1 1 100", "@bench a n=1 1 100", "@end"), s_success).Message, StringComparison.Ordinal);
        Assert.Contains("a more than once", Failure(Console("@bench a - 1 100", "@bytes a - 100", "@end"), s_success).Message, StringComparison.Ordinal);
    }

    private static ToolException Failure(BenchConsole console, GuestExit exit) => Assert.Throws<ToolException>(() => console.Complete(exit));

    private static BenchConsole Console(params string[] lines)
    {
        BenchConsole console = new();
        foreach (string line in lines)
        {
            console.Add(line);
        }

        return console;
    }
}
