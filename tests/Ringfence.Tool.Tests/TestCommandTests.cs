// `test` over a program that has every ending a test can have, and TestProgram over the endings of programs.

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Tool.Testing;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class TestCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public TestCommandTests()
    {
        _folder.Write("tests/Probe.Tests/Probe.Tests.csproj", "<Project />");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "artifacts/bin/Probe.Tests"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "artifacts/bin/Probe.Tests/release"), ProbeFolder);
    }

    private static string ProbeFolder => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../Ringfence.Tool.Probe/release"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Failures_are_shown_with_their_message_skips_with_their_reason_and_the_last_line_counts()
    {
        CommandResult result = await RunAsync("--filter", "VERDICT");
        Assert.Equal(1, result.ExitStatus);
        Assert.Equal("1 passed, 1 failed, 1 skipped", result.OutputLines[^1]);
        Assert.Single(result.OutputLines, static line => line.Contains(" passed, ", StringComparison.Ordinal));
        int failure = Array.IndexOf(result.OutputLines, "FAILED verdict: fails");
        Assert.Equal(["    the reason", "    on two lines"], result.OutputLines[(failure + 1)..(failure + 3)]);
        Assert.Contains("SKIPPED verdict: is skipped: no such device", result.OutputLines);
    }

    [Fact]
    public async Task Rows_of_a_theory_are_met_one_by_one_and_success_is_status_0()
    {
        CommandResult result = await RunAsync("--filter", "\"two\"");
        Assert.Equal("1 passed, 0 failed, 0 skipped", result.OutputLines[^1]);
        Assert.Equal(0, result.ExitStatus);
        Assert.Empty(result.ErrorLines);
    }

    [Fact]
    public async Task A_filter_that_meets_nothing_is_a_bad_value()
    {
        foreach (string[] arguments in new string[][] { ["--filter", "no such test"], ["--list", "--filter", "no such test"] })
        {
            CommandResult result = await RunAsync(arguments);
            Assert.Contains("'no such test'", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
            Assert.Equal(2, result.ExitStatus);
            Assert.Empty(result.Output);
        }
    }

    [Fact]
    public async Task The_list_names_tests_in_order_and_runs_none()
    {
        CommandResult result = await RunAsync("--list");
        Assert.Equal(0, result.ExitStatus);
        Assert.Equal(result.OutputLines.Order(StringComparer.Ordinal), result.OutputLines);
        Assert.Contains("verdict: is skipped", result.OutputLines);
        Assert.Contains("row(name: \"Two\")", result.OutputLines);
        Assert.Contains("hangs", result.OutputLines);
    }

    [Theory]
    [InlineData("dies", "FAILED Probe.Tests", "exit code 134; running: dies")]
    [InlineData("leaves early", "FAILED Probe.Tests", "before its tests were finished; running: leaves early with code 0")]
    public async Task A_test_program_that_dies_is_a_failure(string filter, string headline, string message)
    {
        CommandResult result = await RunAsync("--filter", filter);
        Assert.Equal(1, result.ExitStatus);
        Assert.Contains(headline, result.OutputLines);
        Assert.Contains(message, result.Output, StringComparison.Ordinal);
        Assert.Equal("0 passed, 1 failed, 0 skipped", result.OutputLines[^1]);
    }

    [Fact]
    public async Task A_failed_cleanup_counts_although_its_test_passed()
    {
        CommandResult result = await RunAsync("--filter", "cannot clean up");
        Assert.Equal(1, result.ExitStatus);
        Assert.Contains("the cleanup failed", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_program_that_hangs_is_ended_and_is_a_failure()
    {
        var program = new TestProgram("Probe.Tests", Command.Dotnet, [Path.Combine(ProbeFolder, "Probe.Tests.dll")], TimeSpan.FromSeconds(3));
        TestReport report = await program.RunAsync("hangs", TestContext.Current.CancellationToken);
        TestOutcome outcome = Assert.Single(report.Outcomes);
        Assert.Equal((TestVerdict.Failed, "the test program was ended after 3 s; running: hangs"), (outcome.Verdict, outcome.Message));
    }

    [Fact]
    public async Task A_project_that_is_not_built_is_named()
    {
        _folder.Write("tests/Other.Tests/Other.Tests.csproj", "<Project />");
        CommandResult result = await RunAsync();
        Assert.StartsWith("ringfence: Other.Tests is not built", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(1, result.ExitStatus);
    }

    [Fact]
    public async Task A_test_project_that_the_solution_leaves_out_is_refused_before_anything_is_built()
    {
        _folder.Write("Ringfence.slnx", "<Solution />");
        CommandResult result = await Command.RunToolAsync(_folder.Path, "test");
        Assert.StartsWith("ringfence: Ringfence.slnx does not list Probe.Tests", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(1, result.ExitStatus);
    }

    [Fact]
    public async Task Two_projects_of_one_name_are_refused_before_they_overwrite_each_others_outputs()
    {
        _folder.Write("Ringfence.slnx", """<Solution><Project Path="tests/Probe.Tests/Probe.Tests.csproj" /></Solution>""");
        _folder.Write("samples/One/Contracts/Contracts.csproj", "<Project />");
        _folder.Write("tests/Two/Contracts.csproj", "<Project />");
        CommandResult result = await Command.RunToolAsync(_folder.Path, "test");
        Assert.StartsWith(
            "ringfence: samples/One/Contracts/Contracts.csproj and tests/Two/Contracts.csproj have one name", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(1, result.ExitStatus);
    }

    [Fact]
    public async Task A_checkout_without_tests_is_a_failure()
    {
        Directory.Delete(Path.Combine(_folder.Path, "tests"), recursive: true);
        CommandResult result = await Command.RunToolAsync(_folder.Path, "test");
        Assert.Equal("ringfence: there are no test projects under tests/", Assert.Single(result.ErrorLines));
        Assert.Equal(1, result.ExitStatus);
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => Command.RunToolAsync(_folder.Path, ["test", "--no-build", .. arguments]);
}
