// The recommendation follows its rule, on cases made by hand and on many made at random, and says what decided.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Emulation;
using Ringfence.Tool.Strategies;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class StrategyAdviceTests
{
    private const int CaseCount = 2000;

    [Fact]
    public void Without_a_limit_it_is_the_least_memory_among_those_at_most_twice_as_slow_as_the_fastest()
    {
        StrategyAdvice advice = StrategyAdvice.Of(
            [Result(GuestStrategy.Common, 1000, 2500), Result(GuestStrategy.PerDomain, 5000, 500), Result(GuestStrategy.SharedSubtree, 4000, 600), Result(GuestStrategy.LeafLink, 2000, 1000)],
            ramLimit: null)!;
        Assert.Equal("leaf-link", advice.Chosen!.Name);
        Assert.Equal(
            "2000 B, and its worst switch, One → Two, weighs 1000, no more than 2 times the 500 of per-domain, the fastest, which takes 3000 B more; common would save 1000 B, but costs 2500 at One → Two",
            advice.Reason);
    }

    [Theory]
    [InlineData(999, "common", "the least RAM, 1000 B, and its worst switch, One → Two, weighs 999, no more than 2 times the 500 of per-domain, the fastest, which takes 4000 B more")]
    [InlineData(1001, "per-domain", "5000 B, and its worst switch, One → Two, weighs 500; common would save 4000 B, but costs 1001 at One → Two")]
    [InlineData(400, "common", "the least RAM, 1000 B, and its worst switch, One → Two, weighs 400")]
    public void Where_the_smallest_is_too_slow_more_memory_is_worth_it(int weight, string chosen, string reason)
    {
        StrategyAdvice advice = StrategyAdvice.Of([Result(GuestStrategy.Common, 1000, weight), Result(GuestStrategy.PerDomain, 5000, 500)], ramLimit: null)!;
        Assert.Equal((chosen, reason), (advice.Chosen!.Name, advice.Reason));
    }

    [Fact]
    public void Of_equals_it_is_the_faster_and_then_the_simpler()
    {
        StrategyResult[] equal = [Result(GuestStrategy.PerDomain, 5000, 500), Result(GuestStrategy.SharedSubtree, 5000, 500)];
        Assert.Equal("per-domain", StrategyAdvice.Of(equal, ramLimit: null)!.Chosen!.Name);
        Assert.Equal("per-domain", StrategyAdvice.Of(equal, ramLimit: 5000)!.Chosen!.Name);
        StrategyResult[] faster = [equal[0], Result(GuestStrategy.SharedSubtree, 5000, 499)];
        Assert.Equal("shared-subtree", StrategyAdvice.Of(faster, ramLimit: null)!.Chosen!.Name);
    }

    [Theory]
    [InlineData(5000, "per-domain", "5000 B of 5000 B, and the fastest that fits: its worst switch, One → Two, weighs 500")]
    [InlineData(4999, "common", "1000 B of 4999 B, and the fastest that fits: its worst switch, One → Two, weighs 2500; per-domain would weigh 500, but takes 1 B more than there are")]
    [InlineData(1000, "common", "1000 B of 1000 B, and the fastest that fits: its worst switch, One → Two, weighs 2500; per-domain would weigh 500, but takes 4000 B more than there are")]
    [InlineData(999, null, "nothing fits in 999 B: the smallest is common with 1000 B, 1 B too many")]
    public void Within_a_limit_it_is_the_fastest_that_fits_and_where_nothing_does_the_smallest_is_named(int limit, string? chosen, string reason)
    {
        StrategyAdvice advice = StrategyAdvice.Of([Result(GuestStrategy.Common, 1000, 2500), Result(GuestStrategy.PerDomain, 5000, 500)], (ulong)limit)!;
        Assert.Equal((chosen, reason), (advice.Chosen?.Name, advice.Reason));
    }

    [Fact]
    public void What_failed_is_not_recommended_and_nothing_is_if_all_failed()
    {
        StrategyResult failed = Result(GuestStrategy.Common, 1000, 100) with { Failure = "RF9999" };
        StrategyResult unbuilt = new StrategyResult(new ImageVariant(GuestFormat.Pae)) { Failure = "RF9999" };
        Assert.Equal("leaf-link", StrategyAdvice.Of([failed, unbuilt, Result(GuestStrategy.LeafLink, 9000, 9000)], ramLimit: null)!.Chosen!.Name);
        Assert.Null(StrategyAdvice.Of([failed, unbuilt], ramLimit: null));
    }

    [Fact]
    public void An_application_of_one_domain_is_given_the_least_memory()
    {
        StrategyAdvice advice = StrategyAdvice.Of([.. new[] { GuestStrategy.PerDomain, GuestStrategy.Common }.Select(static strategy =>
            Result(strategy, strategy == GuestStrategy.Common ? 1000 : 2000, 0) with { Switches = [] })], ramLimit: null)!;
        Assert.Equal(("common", "the least RAM, 1000 B, and it has one domain, so that there is no switch to weigh"), (advice.Chosen!.Name, advice.Reason));
    }

    [Fact]
    public void The_worst_switch_of_several_counts()
    {
        StrategyResult result = Result(GuestStrategy.Common, 1000, 500);
        result = result with { Switches = [.. result.Switches, new("Two", "One", 0, 1, 1, 101, 1)] };
        Assert.Equal(("Two → One", 101 + (2 * DomainSwitch.FlushWeight)), (result.Worst!.Pair, result.WorstWeight));
    }

    // Few values, so that there are many equals.
    [Fact]
    public void No_choice_breaks_the_rule_and_none_that_obeys_it_is_better()
    {
        Random random = new(6);
        for (int number = 0; number < CaseCount; number++)
        {
            StrategyResult[] results = [.. GuestStrategy.All.Take(random.Next(1, 5)).Select(strategy => Result(strategy, 1000 * random.Next(1, 5), 100 * random.Next(1, 7)))];
            ulong? limit = random.Next(2) == 0 ? null : (ulong)random.Next(500, 5000);
            StrategyAdvice advice = StrategyAdvice.Of(results, limit)!;
            List<StrategyResult> allowed = [.. results.Where(result => limit is { } most
                ? result.Memory!.TotalBytes <= most
                : results.All(other => result.WorstWeight <= StrategyAdvice.Patience * other.WorstWeight))];
            Assert.Equal(allowed.Count == 0, advice.Chosen is null);
            if (advice.Chosen is { } chosen)
            {
                Assert.Contains(chosen, allowed);
                Assert.DoesNotContain(allowed, other => limit is null
                    ? (other.Memory!.TotalBytes, other.WorstWeight).CompareTo((chosen.Memory!.TotalBytes, chosen.WorstWeight)) < 0
                    : (other.WorstWeight, other.Memory!.TotalBytes).CompareTo((chosen.WorstWeight, chosen.Memory!.TotalBytes)) < 0);
                Assert.DoesNotContain("-", advice.Reason.Replace("per-domain", "", StringComparison.Ordinal).Replace("shared-subtree", "", StringComparison.Ordinal).Replace("leaf-link", "", StringComparison.Ordinal), StringComparison.Ordinal);
            }
        }
    }

    private static StrategyResult Result(GuestStrategy strategy, int bytes, int weight) => new(new ImageVariant(GuestFormat.Pae) { Strategy = strategy })
    {
        Memory = new((ulong)bytes, 100, 10),
        Switches = [new("One", "Two", 0, 0, 0, weight, 1)],
    };
}
