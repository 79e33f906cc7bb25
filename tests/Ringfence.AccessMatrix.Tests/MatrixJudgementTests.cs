// What is made of a guest's counts: what isn't listed fails the run, and so does what is listed and doesn't occur.

using System;
using System.Collections.Generic;
using Ringfence.Emulation;
using Ringfence.Verification.Guests;
using Xunit;

namespace Ringfence.AccessMatrix.Tests;

public sealed class MatrixJudgementTests
{
    private static readonly string[] s_predictions =
    [
        "@predicted done 1 9 9 9 9 9 9 9 0", "@predicted absent 2 1 1 1 1 1 1 1 0", "@predicted denied 1 5 5 5 5 5 5 5 0", "@predicted reserved 1 4 0 0 0 0 0 0 0",
        "@predicted reserved 2 6 0 0 0 0 0 0 0",
    ];

    [Fact]
    public void A_run_without_differences_is_right() => Assert.Empty(Judge(known: []));

    [Fact]
    public void A_difference_that_is_not_listed_is_reported_with_its_example()
    {
        string example = "@example user-read done 1 frame 0x1 predicted 0x0 found 0x0 0x0 0x0 0x0 entries";
        Assert.Equal([$"not known: user-read done 1: frame, 2 of 9; {example}"], Judge([], example, "@difference user-read done 1 frame 2"));
    }

    [Fact]
    public void A_listed_difference_that_does_not_occur_is_reported()
    {
        string finding = Assert.Single(Judge([Lacking(DifferenceExtent.Part)]));
        Assert.StartsWith("known, and no longer so: reserved: code-lacks-P", finding, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listed_difference_is_accepted() => Assert.Empty(
        Judge([Lacking(DifferenceExtent.Whole)], "@difference user-read reserved 1 code-lacks-P 4", "@difference user-read reserved 2 code-lacks-P 6"));

    [Fact]
    public void A_difference_that_is_listed_as_whole_must_be_in_every_access()
    {
        string[] differences = ["@difference user-read reserved 1 code-lacks-P 4", "@difference user-read reserved 2 code-lacks-P 5"];
        Assert.Equal(
            ["known to be so always, and isn't: user-read reserved 2: code-lacks-P, 5 of 6"], Judge([Lacking(DifferenceExtent.Whole)], differences));
        Assert.Empty(Judge([Lacking(DifferenceExtent.Part)], differences));
    }

    [Fact]
    public void A_listed_difference_of_other_levels_accesses_or_formats_allows_nothing()
    {
        KnownDifference lacking = Lacking(DifferenceExtent.Part);
        const string Difference = "@difference user-read reserved 1 code-lacks-P 4";
        Assert.Contains(Judge([lacking with { Levels = [2] }], Difference), static finding => finding.StartsWith("not known: ", StringComparison.Ordinal));
        Assert.Contains(Judge([lacking with { Accesses = ["user-write"] }], Difference), static finding => finding.StartsWith("not known: ", StringComparison.Ordinal));
        Assert.Contains(Judge([lacking with { Formats = [GuestFormat.Pae] }], Difference), static finding => finding.StartsWith("not known: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_level_in_the_name_of_a_listed_difference_is_that_of_the_class()
    {
        KnownDifference accessed = Lacking(DifferenceExtent.Part) with { Difference = "accessed-set-{level}" };
        Assert.Empty(Judge([accessed], "@difference user-read reserved 2 accessed-set-2 1"));
        Assert.NotEmpty(Judge([accessed], "@difference user-read reserved 2 accessed-set-1 1"));
    }

    [Fact]
    public void Counts_of_a_block_that_was_not_completed_count_for_nothing()
    {
        var log = new MatrixLog();
        log.Read("@difference user-read done 1 frame 2");
        Assert.Empty(log.Differences);
        Assert.True(log.Read("@block 1 1 100"));
        Assert.Equal(100, log.StateCount);
        Assert.Single(log.Differences);
    }

    [Fact]
    public void A_run_that_predicted_no_fault_of_some_kind_is_reported()
    {
        var log = new MatrixLog();
        log.Read(s_predictions[0]);
        log.Read("@block 1 1 64");
        Assert.Equal(3, MatrixJudgement.Judge(log, GuestFormat.X8664, []).Count);
    }

    private static KnownDifference Lacking(DifferenceExtent extent) => new()
    {
        Difference = "code-lacks-P",
        Formats = GuestFormat.All,
        Endings = ["reserved"],
        Extent = extent,
        Reason = "an example",
    };

    private static IReadOnlyList<string> Judge(IReadOnlyList<KnownDifference> known, params ReadOnlySpan<string> lines)
    {
        var log = new MatrixLog();
        foreach (string line in (ReadOnlySpan<string>)[.. s_predictions, .. lines, "@block 1 1 100"])
        {
            log.Read(line);
        }

        return MatrixJudgement.Judge(log, GuestFormat.X8664, known);
    }
}
