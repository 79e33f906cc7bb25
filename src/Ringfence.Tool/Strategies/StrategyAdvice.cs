// Which strategy to take, by a rule that is said together with the numbers that decided.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Ringfence.Tool.Strategies;

/// <summary>A recommendation.</summary>
/// <param name="Chosen">What is recommended; null if nothing fits.</param>
/// <param name="Reason">Why, in a sentence or two.</param>
public sealed record StrategyAdvice(StrategyResult? Chosen, string Reason)
{
    /// <summary>Without a limit of memory, how many times as much as under the fastest strategy the worst switch may weigh.</summary>
    public const int Patience = 2;

    /// <summary>The rule for an image whose memory is not limited.</summary>
    public static string Rule { get; } = string.Create(
        CultureInfo.InvariantCulture, $"the least RAM among the strategies whose worst switch weighs at most {Patience} times as much as the fastest one's");

    /// <summary>Recommends one of some strategies of one format.</summary>
    /// <param name="results">The strategies, the simpler first. What failed is passed over.</param>
    /// <param name="ramLimit">Bytes that the image may take; null for no limit.</param>
    /// <returns>The recommendation; null if there is nothing to choose from.</returns>
    public static StrategyAdvice? Of(IReadOnlyList<StrategyResult> results, ulong? ramLimit)
    {
        // Sorting keeps the order of equals: the simpler stays first.
        List<StrategyResult> possible = [.. results.Where(static result => result is { Failure: null, Memory: not null })];
        return possible.Count == 0 ? null : ramLimit is { } limit ? WithinLimit(possible, limit) : WithinPatience(possible);
    }

    private static StrategyAdvice WithinLimit(List<StrategyResult> possible, ulong limit)
    {
        StrategyResult smallest = Smallest(possible);
        List<StrategyResult> fitting = [.. possible.Where(result => Ram(result) <= limit)];
        if (fitting.Count == 0)
        {
            return new(null, Text($"nothing fits in {limit} B: the smallest is {smallest.Name} with {Ram(smallest)} B, {Ram(smallest) - limit} B too many"));
        }

        StrategyResult chosen = Fastest(fitting);
        StrategyResult fastest = Fastest(possible);
        string reason = Text($"{Ram(chosen)} B of {limit} B, and the fastest that fits: {WorstOf(chosen)}");
        return new(chosen, fastest.WorstWeight == chosen.WorstWeight
            ? reason
            : reason + Text($"; {fastest.Name} would weigh {fastest.WorstWeight}, but takes {Ram(fastest) - limit} B more than there are"));
    }

    private static StrategyAdvice WithinPatience(List<StrategyResult> possible)
    {
        StrategyResult smallest = Smallest(possible);
        StrategyResult fastest = Fastest(possible);
        long most = (long)Patience * fastest.WorstWeight;
        StrategyResult chosen = Smallest(possible.Where(result => result.WorstWeight <= most));
        string reason = chosen == smallest ? Text($"the least RAM, {Ram(chosen)} B, and {WorstOf(chosen)}") : Text($"{Ram(chosen)} B, and {WorstOf(chosen)}");
        if (chosen.WorstWeight > fastest.WorstWeight)
        {
            reason += Text($", no more than {Patience} times the {fastest.WorstWeight} of {fastest.Name}, the fastest, which takes {Ram(fastest) - Ram(chosen)} B more");
        }

        if (chosen != smallest)
        {
            reason += Text($"; {smallest.Name} would save {Ram(chosen) - Ram(smallest)} B, but costs {smallest.WorstWeight} at {smallest.Worst!.Pair}");
        }

        return new(chosen, reason);
    }

    private static StrategyResult Smallest(IEnumerable<StrategyResult> results) => results.OrderBy(Ram).ThenBy(static result => result.WorstWeight).First();

    private static StrategyResult Fastest(IEnumerable<StrategyResult> results) => results.OrderBy(static result => result.WorstWeight).ThenBy(Ram).First();

    private static ulong Ram(StrategyResult result) => result.Memory!.TotalBytes;

    private static string WorstOf(StrategyResult result) =>
        result.IsUniform ? Text($"every switch weighs {result.WorstWeight}")
        : result.Worst is { } worst ? Text($"its worst switch, {worst.Pair}, weighs {worst.Weight}")
        : "it has one domain, so that there is no switch to weigh";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
