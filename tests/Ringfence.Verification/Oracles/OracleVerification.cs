// `ringfence verify oracles`: the full comparison of both oracles.

using System;
using System.IO;
using System.Linq;
using System.Threading;

namespace Ringfence.Verification.Oracles;

/// <summary>Page walk and prediction agree on every state of the full run.</summary>
public sealed class OracleVerification : IVerification
{
    /// <inheritdoc/>
    public string Name => "oracles";

    /// <inheritdoc/>
    public bool Run(TextWriter output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        OracleResult result = OracleRun.Compare(OracleBlocks.Full(), Tell, cancellationToken);
        if (result.Disagreement is null)
        {
            OracleResult further = OracleRun.Compare(OracleBlocks.Fast(), static (_, _) => { }, cancellationToken);
            output.WriteLine($"other processors and addresses: {further.StateCount:N0} states more");
            result = result with { Disagreement = further.Disagreement };
        }

        if (result.Disagreement is { } disagreement)
        {
            output.WriteLine($"the oracles disagree:\n{disagreement}");
            return false;
        }

        if (!ComparisonCanFail(output, cancellationToken))
        {
            return false;
        }

        output.WriteLine($"oracles agree on {result.NewCount:N0} distinct states, {result.Rate / 1e6:N1} million a second");
        return true;

        void Tell(StateBlock block, OracleResult of) => output.WriteLine(
            $"{block.Processor.Format,-10} {block.Name,-21} {of.StateCount,13:N0} states, {of.NewCount,13:N0} new, {of.Duration.TotalSeconds,6:N1} s");
    }

    private static bool ComparisonCanFail(TextWriter output, CancellationToken cancellationToken)
    {
        MutationScore score = WalkMutation.Run(cancellationToken);
        foreach (IGrouping<string, ExplainedSurvivor> group in score.Explained.GroupBy(static survivor => survivor.Reason))
        {
            output.WriteLine($"{group.Key}: {string.Join(", ", group.Select(static survivor => survivor.Name))}");
        }

        foreach (string name in score.Unexplained)
        {
            output.WriteLine($"not noticed: {name}");
        }

        foreach (string name in score.Refuted)
        {
            output.WriteLine($"noticed, although listed as one that can't be: {name}");
        }

        output.WriteLine($"wrong bits in the page walk: {score.Killed:N0} of {score.Total:N0} noticed, {score.Explained.Count:N0} explained");
        return score.Holds;
    }
}
