// `ringfence test`: builds all test projects, runs their programs and counts.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;
using System.Xml.Linq;
using Ringfence.Tool.Testing;

namespace Ringfence.Tool;

/// <summary>Which tests, and what to do with them.</summary>
public sealed record TestSettings
{
    /// <summary>Part of the names of the tests wanted; null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>Whether to name the tests instead of running them.</summary>
    public bool ListOnly { get; init; }

    /// <summary>Whether to build what is stale first.</summary>
    public bool Build { get; init; } = true;
}

/// <summary>The command <c>test</c>.</summary>
public sealed class TestCommand(Repository repository, TextWriter output, TextWriter messages)
{
    /// <summary>How many test programs run at once: two keep two cores busy, and more would only make time limits in tests less certain.</summary>
    private const int Parallelism = 2;

    /// <summary>A test program that takes this long has hung; the whole run is meant to take less than ten minutes.</summary>
    private static readonly TimeSpan s_programTimeLimit = TimeSpan.FromMinutes(30);

    /// <summary>Builds, then runs or lists.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">Nothing could be built or run, or no test has a name that the filter meets.</exception>
    public async Task<int> ExecuteAsync(TestSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        IReadOnlyList<string> projects = repository.ListTestProjects();
        if (projects.Count == 0)
        {
            throw ToolException.Failure("there are no test projects under tests/");
        }

        if (settings.Build)
        {
            await DebianPackages.EnsureAsync(DebianPackage.RequiredByTests, messages, cancellationToken).ConfigureAwait(false);
            await BuildAsync(projects, cancellationToken).ConfigureAwait(false);
        }

        TestProgram[] programs = [.. projects.Select(CreateProgram)];
        return settings.ListOnly
            ? await ListAsync(programs, settings, cancellationToken).ConfigureAwait(false)
            : await RunAsync(programs, settings, cancellationToken).ConfigureAwait(false);
    }

    private async Task BuildAsync(IReadOnlyList<string> projects, CancellationToken cancellationToken)
    {
        // The solution is what is built; a test project left out of it would silently run in its last state, or never.
        string solution = ReadSolution();
        string[] unlisted = [.. projects.Where(project => !solution.Contains($"{project}.csproj", StringComparison.Ordinal))];
        if (unlisted.Length != 0)
        {
            throw ToolException.Failure(
                $"Ringfence.slnx does not list {string.Join(", ", unlisted)}; add with: dotnet sln Ringfence.slnx add tests/{unlisted[0]}");
        }

        if (repository.FindNameClashes() is [var clash, ..])
        {
            throw ToolException.Failure($"{clash.First} and {clash.Second} have one name, and so one folder for their outputs; rename one");
        }

        var stamp = new BuildStamp(Path.Combine(repository.StateFolder, "tests.stamp"), "tests", output: null);
        await DotnetBuild.EnsureAsync("the tests", repository.Solution, [], stamp, repository.TestSources(), messages, cancellationToken)
            .ConfigureAwait(false);
    }

    private string ReadSolution()
    {
        try
        {
            return XDocument.Load(repository.Solution).ToString();
        }
        catch (Exception failure) when (failure is IOException or XmlException)
        {
            throw ToolException.Failure($"cannot read Ringfence.slnx: {failure.Message}");
        }
    }

    private TestProgram CreateProgram(string project)
    {
        string assembly = repository.TestAssembly(project);
        return File.Exists(assembly)
            ? new(project, ChildProcess.DotnetHost, [assembly], s_programTimeLimit)
            : throw ToolException.Failure($"{project} is not built: there is no {assembly}");
    }

    private async Task<int> ListAsync(TestProgram[] programs, TestSettings settings, CancellationToken cancellationToken)
    {
        IReadOnlyList<string>[] names = await ForAllAsync(
            programs, (program, token) => program.ListAsync(settings.Filter, token), static (_, _) => { }, cancellationToken).ConfigureAwait(false);
        int count = 0;
        foreach (string name in names.SelectMany(static list => list.Order(StringComparer.Ordinal)))
        {
            await output.WriteLineAsync(name).ConfigureAwait(false);
            count++;
        }

        return count == 0 ? throw NoneMatches(settings) : ExitStatuses.Success;
    }

    private async Task<int> RunAsync(TestProgram[] programs, TestSettings settings, CancellationToken cancellationToken)
    {
        TestReport[] reports = await ForAllAsync(
            programs, (program, token) => program.RunAsync(settings.Filter, token), (_, report) => Show(report), cancellationToken)
            .ConfigureAwait(false);
        TestSummary summary = TestSummary.Of(reports);
        if (summary.Total == 0)
        {
            throw NoneMatches(settings);
        }

        await output.WriteLineAsync(summary.ToString()).ConfigureAwait(false);
        return summary.Failed == 0 ? ExitStatuses.Success : ExitStatuses.Failure;
    }

    private static ToolException NoneMatches(TestSettings settings) => settings.Filter is null
        ? ToolException.Failure("the test projects hold no test")
        : ToolException.Usage($"no test has '{settings.Filter}' in its name (./ringfence test --list names all)");

    private void Show(TestReport report)
    {
        if (report.Outcomes.Count == 0)
        {
            return;
        }

        foreach (TestOutcome outcome in report.Outcomes)
        {
            switch (outcome.Verdict)
            {
                case TestVerdict.Failed:
                    output.WriteLine($"FAILED {outcome.Name}");
                    WriteIndented(outcome.Message);
                    WriteIndented(outcome.Trace);
                    break;
                case TestVerdict.Skipped:
                    output.WriteLine($"SKIPPED {outcome.Name}: {outcome.Message.ReplaceLineEndings(" ")}");
                    break;
            }
        }

        // Worded unlike the closing line, which must be the only one of its kind.
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Project}: {report.Count(TestVerdict.Passed)} of {report.Outcomes.Count} tests passed in {report.Duration.TotalSeconds:0.0} s"));
        output.Flush();
    }

    private void WriteIndented(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            output.WriteLine("    " + line);
        }
    }

    // Reports come one at a time, in the order of completion; results are in the order of the programs.
    private static async Task<T[]> ForAllAsync<T>(
        TestProgram[] programs, Func<TestProgram, CancellationToken, Task<T>> work, Action<TestProgram, T> onResult, CancellationToken cancellationToken)
    {
        var results = new T[programs.Length];
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, programs.Length, options, async (index, token) =>
        {
            T result = await work(programs[index], token).ConfigureAwait(false);
            results[index] = result;
            lock (gate)
            {
                onResult(programs[index], result);
            }
        }).ConfigureAwait(false);
        return results;
    }
}
