// The page walk and the prediction, written apart and in different styles, must say the same. The full comparison is `ringfence verify oracles`.

using System.Linq;
using Ringfence.Simulator.Prediction;
using Ringfence.Verification.Oracles;
using Xunit;

namespace Ringfence.Simulator.Tests;

public class OracleAgreementTests
{
    [Theory]
    [InlineData(TableFormat.Ia32)]
    [InlineData(TableFormat.Pae)]
    [InlineData(TableFormat.FourLevel)]
    [InlineData(TableFormat.FiveLevel)]
    public void Walk_and_prediction_agree_on_every_level_and_every_bit_of_every_processor(TableFormat format)
    {
        OracleResult result = OracleRun.Compare(OracleBlocks.Fast(format), static (_, _) => { }, TestContext.Current.CancellationToken);
        Assert.Null(result.Disagreement?.ToString());
        Assert.True(result.StateCount > 1_000_000, $"{result.StateCount} states");
    }

    [Fact]
    public void Walk_and_prediction_agree_on_all_of_IA_32()
    {
        StateBlock all = OracleBlocks.Full().Single(static block => block is FamilyBlock { Family: StateFamily.Pairs, Processor.Format: TableFormat.Ia32 });
        OracleResult result = OracleRun.Compare([all], static (_, _) => { }, TestContext.Current.CancellationToken);
        Assert.Null(result.Disagreement?.ToString());

        // Eight flags an entry, two entries, six control bits, eight accesses.
        Assert.Equal(1L << (8 + 8 + 6 + 3), result.NewCount);
    }

    [Fact]
    public void Walk_and_prediction_agree_on_the_rights_of_all_levels_together()
    {
        OracleResult result = OracleRun.Compare(OracleBlocks.FastRights(), static (_, _) => { }, TestContext.Current.CancellationToken);
        Assert.Null(result.Disagreement?.ToString());
        Assert.True(result.StateCount > 1_000_000, $"{result.StateCount} states");
    }

    [Fact]
    public void The_full_comparison_is_of_more_than_100_million_states()
    {
        Assert.All(OracleBlocks.MainProcessors, static processor => Assert.Contains(OracleBlocks.Full(), block => block.Processor.Format == processor.Format));
        Assert.True(OracleBlocks.Full().Sum(static block => block.StateCount) > 100_000_000);
    }

    [Fact]
    public void Every_single_bit_that_the_walk_believes_matters_to_the_comparison()
    {
        MutationScore score = WalkMutation.Run(TestContext.Current.CancellationToken);
        Assert.Empty(score.Unexplained);
        Assert.Empty(score.Refuted);
        Assert.Equal(score.Total, score.Killed + score.Explained.Count);
        Assert.True(score.Killed > 1_000, $"{score.Killed} of {score.Total}");
    }
}
