// What became of one test, and the count over all of them.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Ringfence.Tool.Testing;

/// <summary>The ways a test can end.</summary>
public enum TestVerdict
{
    /// <summary>It held.</summary>
    Passed,

    /// <summary>It did not, or its program died.</summary>
    Failed,

    /// <summary>It did not apply here.</summary>
    Skipped,
}

/// <summary>One test's ending.</summary>
/// <param name="Name">Its display name.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Message">Failure message or reason for skipping; empty for a passed test.</param>
/// <param name="Trace">Where it failed; empty if that is not known.</param>
public sealed record TestOutcome(string Name, TestVerdict Verdict, string Message, string Trace);

/// <summary>Everything that one test program reported.</summary>
/// <param name="Project">The test project.</param>
/// <param name="Outcomes">The outcomes, ordered by name.</param>
/// <param name="Duration">How long the program ran.</param>
public sealed record TestReport(string Project, IReadOnlyList<TestOutcome> Outcomes, TimeSpan Duration)
{
    /// <summary>Number of outcomes with a verdict.</summary>
    public int Count(TestVerdict verdict) => Outcomes.Count(outcome => outcome.Verdict == verdict);
}

/// <summary>The count over all test programs.</summary>
/// <param name="Passed">Tests that held.</param>
/// <param name="Failed">Tests that did not.</param>
/// <param name="Skipped">Tests that did not apply.</param>
public readonly record struct TestSummary(int Passed, int Failed, int Skipped)
{
    /// <summary>All tests counted.</summary>
    public int Total => Passed + Failed + Skipped;

    /// <summary>Adds reports up.</summary>
    public static TestSummary Of(IReadOnlyCollection<TestReport> reports) => new(
        reports.Sum(static report => report.Count(TestVerdict.Passed)),
        reports.Sum(static report => report.Count(TestVerdict.Failed)),
        reports.Sum(static report => report.Count(TestVerdict.Skipped)));

    /// <summary>The line that ends every test run.</summary>
    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
