using System;
using Ringfence.Tool.Testing;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class TestEventReaderTests
{
    private const string Finished = """{"$type":"test-assembly-finished","TestsTotal":1}""";

    [Fact]
    public void Every_verdict_is_kept_with_its_name_and_reason()
    {
        TestReport report = Read(
            null,
            """{"$type":"test-starting","TestUniqueID":"1","TestDisplayName":"c"}""",
            """{"$type":"test-starting","TestUniqueID":"2","TestDisplayName":"b"}""",
            """{"$type":"test-failed","TestUniqueID":"2","Messages":["outer","inner"],"StackTraces":["there",null]}""",
            """{"$type":"test-passed","TestUniqueID":"1"}""",
            """{"$type":"test-starting","TestUniqueID":"3","TestDisplayName":"a"}""",
            """{"$type":"test-skipped","TestUniqueID":"3","Reason":"not here"}""",
            Finished);
        Assert.Equal(
            [
                new("a", TestVerdict.Skipped, "not here", ""),
                new("b", TestVerdict.Failed, "outer\ninner", "there"),
                new("c", TestVerdict.Passed, "", ""),
            ],
            report.Outcomes);
        Assert.Equal("1 passed, 1 failed, 1 skipped", TestSummary.Of([report]).ToString());
    }

    [Fact]
    public void A_program_that_stops_early_is_a_failure_that_names_what_was_running_and_its_last_words()
    {
        TestReport report = Read(
            "ended with exit code 139",
            """{"$type":"test-starting","TestUniqueID":"1","TestDisplayName":"first"}""",
            """{"$type":"test-passed","TestUniqueID":"1"}""",
            """{"$type":"test-starting","TestUniqueID":"2","TestDisplayName":"second"}""",
            "Segmentation fault");
        Assert.Equal(1, report.Count(TestVerdict.Passed));
        TestOutcome failure = Assert.Single(report.Outcomes, static outcome => outcome.Verdict == TestVerdict.Failed);
        Assert.Equal(new("P.Tests", TestVerdict.Failed, "the test program ended with exit code 139; running: second", "Segmentation fault"), failure);
    }

    [Fact]
    public void A_program_that_leaves_without_finishing_is_a_failure_even_with_code_0() =>
        Assert.Equal("the test program ended before its tests were finished", Assert.Single(Read(null, "").Outcomes).Message);

    [Theory]
    [InlineData("error-message")]
    [InlineData("test-class-cleanup-failure")]
    public void What_goes_wrong_outside_tests_is_a_failure(string type)
    {
        TestReport report = Read(null, $$"""{"$type":"{{type}}","Messages":["why"],"StackTraces":["where"]}""", Finished);
        Assert.Equal(new("P.Tests", TestVerdict.Failed, type + ": why", "where"), Assert.Single(report.Outcomes));
    }

    [Fact]
    public void Lines_that_only_look_like_messages_change_nothing() =>
        Assert.Empty(Read(null, "{ not json", "{}", """{"$type":7}""", Finished).Outcomes);

    [Fact]
    public void Sums_run_over_all_programs()
    {
        TestReport one = new("A", [new("x", TestVerdict.Passed, "", ""), new("y", TestVerdict.Skipped, "r", "")], TimeSpan.Zero);
        TestReport two = new("B", [new("z", TestVerdict.Failed, "m", ""), new("w", TestVerdict.Passed, "", "")], TimeSpan.Zero);
        Assert.Equal(new TestSummary(2, 1, 1), TestSummary.Of([one, two]));
        Assert.Equal(4, TestSummary.Of([one, two]).Total);
    }

    private static TestReport Read(string? ending, params string[] lines)
    {
        var reader = new TestEventReader("P.Tests");
        foreach (string line in lines)
        {
            reader.ReadLine(line);
        }

        return reader.Complete(ending, TimeSpan.FromSeconds(1));
    }
}
