// From the bench image's console to figures: what counts, and what is no measurement.

using System.Linq;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BenchFigureTests
{
    private static readonly GuestExit s_success = new(GuestExitKind.Status, 0, "");

    [Theory]
    [InlineData("@bench null-system-call 0 7906", "null-system-call", 0, "79.06")]
    [InlineData("@bench switch 15 18446744073709551615", "switch", 15, "184467440737095516.15")]
    [InlineData("@bench none 0 0", "none", 0, "0")]
    public void A_line_holds_a_name_a_parameter_and_hundredths_of_instructions(string line, string name, int parameter, string instructions)
    {
        Assert.True(BenchFigure.IsFigure(line));
        Assert.Equal(new(name, parameter, decimal.Parse(instructions, System.Globalization.CultureInfo.InvariantCulture)), BenchFigure.Parse(line));
    }

    [Theory]
    [InlineData("@bench")]
    [InlineData("@bench name 1")]
    [InlineData("@bench name 1 2 3")]
    [InlineData("@bench name -1 2")]
    [InlineData("@bench name 1 0x20")]
    [InlineData("@bench name  1 2")]
    [InlineData("@bench name 99999999999 2")]
    [InlineData("@bench name 1 18446744073709551616")]
    public void A_line_that_begins_like_a_figure_and_is_none_is_a_failure_that_shows_it(string line)
    {
        Assert.True(BenchFigure.IsFigure(line));
        ToolException failure = Assert.Throws<ToolException>(() => BenchFigure.Parse(line));
        Assert.Contains($"'{line}'", failure.Message, System.StringComparison.Ordinal);
        Assert.Equal(ExitStatuses.Failure, failure.ExitStatus);
    }

    [Fact]
    public void Figures_keep_their_order_and_other_lines_do_not_count()
    {
        BenchConsole console = Console("ringfence: format pae", "@bench b 0 100", "@benchmark a 0 100", "@bench a 1 200", "@bench a 2 300", "@end", "the machine ends");
        Assert.Equal(["b 0 1", "a 1 2", "a 2 3"], console.Complete(s_success).Select(static figure => $"{figure.Name} {figure.Parameter} {figure.Instructions:0}"));
    }

    [Fact]
    public void A_machine_that_does_not_say_that_it_is_done_has_measured_nothing()
    {
        BenchConsole console = Console("@bench a 0 100", "@ending");
        Assert.Contains("without the line @end", Failure(console, s_success).Message, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GuestExitKind.Status, ExitStatuses.Failure, "exit status 3")]
    [InlineData(GuestExitKind.NoStatus, ExitStatuses.Failure, "triple fault")]
    [InlineData(GuestExitKind.ConsoleLimit, ExitStatuses.Failure, "too much")]
    [InlineData(GuestExitKind.TimedOut, ExitStatuses.TimedOut, "in time")]
    public void A_machine_that_ends_badly_has_measured_nothing_whatever_it_said(GuestExitKind kind, int status, string words)
    {
        ToolException failure = Failure(Console("@bench a 0 100", "@end"), new(kind, 3, ""));
        Assert.Equal(status, failure.ExitStatus);
        Assert.Contains(words, failure.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public void No_figure_and_a_figure_twice_are_failures()
    {
        Assert.Contains("no figure", Failure(Console("@end"), s_success).Message, System.StringComparison.Ordinal);
        Assert.Contains("a 1 more than once", Failure(Console("@bench a 1 100", "@bench a 1 100", "@end"), s_success).Message, System.StringComparison.Ordinal);
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
