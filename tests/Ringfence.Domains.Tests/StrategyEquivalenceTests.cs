// The strategies against each other and against the law, under random programs of a kernel: a few hundred of those that `ringfence verify strategies` runs by the
// ten thousand. And programs with a mistake in them, which must be noticed.

using System;
using Ringfence.Paging;
using Ringfence.Verification.Equivalence;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class StrategyEquivalenceTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int ProgramsAtMost = 300;

    [Fact]
    public void Every_strategy_gives_user_mode_what_the_law_gives_at_every_return()
    {
        LockstepOutcome total = default;
        for (long seed = 1; seed <= 40; seed++)
        {
            LockstepOutcome outcome = LockstepPrograms<TFormat>.Run(seed);
            Assert.True(outcome.Violation is null, outcome.Violation);
            total = new LockstepOutcome(
                total.OperationCount + outcome.OperationCount, total.ReturnCount + outcome.ReturnCount, total.RefusalCount + outcome.RefusalCount, null);
        }

        // The programs do what they are for: user mode is entered often, and pools run out now and then.
        Assert.True(total.ReturnCount > total.OperationCount / 3, $"{total.ReturnCount} returns");
        Assert.True(total.RefusalCount > 20, $"{total.RefusalCount} refusals");
    }

    // A set that the processor leaves at each entry owes no flush, so that only one of the kernel's own set can be forgotten; one set for all is never destroyed, copied or chosen wrongly.
    [Theory]
    [InlineData(nameof(StrategyMistake.FlushLeftOut), 0)]
    [InlineData(nameof(StrategyMistake.FlushLeftOut), 1)]
    [InlineData(nameof(StrategyMistake.FlushLeftOut), 2)]
    [InlineData(nameof(StrategyMistake.FlushLeftOut), 3)]
    [InlineData(nameof(StrategyMistake.FlushLeftOut), 4)]
    [InlineData(nameof(StrategyMistake.FlushLeftOut), 5)]
    [InlineData(nameof(StrategyMistake.RootLoadLeftOut), 1)]
    [InlineData(nameof(StrategyMistake.RootLoadLeftOut), 2)]
    [InlineData(nameof(StrategyMistake.RootLoadLeftOut), 3)]
    [InlineData(nameof(StrategyMistake.RootLoadLeftOut), 4)]
    [InlineData(nameof(StrategyMistake.GrantInWrongSet), 1)]
    [InlineData(nameof(StrategyMistake.GrantInWrongSet), 2)]
    [InlineData(nameof(StrategyMistake.GrantInWrongSet), 3)]
    [InlineData(nameof(StrategyMistake.GrantInWrongSet), 4)]
    [InlineData(nameof(StrategyMistake.GrantInWrongSet), 5)]
    [InlineData(nameof(StrategyMistake.RevocationLeftOut), 0)]
    [InlineData(nameof(StrategyMistake.RevocationLeftOut), 1)]
    [InlineData(nameof(StrategyMistake.RevocationLeftOut), 2)]
    [InlineData(nameof(StrategyMistake.RevocationLeftOut), 3)]
    [InlineData(nameof(StrategyMistake.RevocationLeftOut), 4)]
    [InlineData(nameof(StrategyMistake.RevocationLeftOut), 5)]
    [InlineData(nameof(StrategyMistake.StaleStackGeneration), 0)]
    [InlineData(nameof(StrategyMistake.StaleStackGeneration), 1)]
    [InlineData(nameof(StrategyMistake.StaleStackGeneration), 2)]
    [InlineData(nameof(StrategyMistake.StaleStackGeneration), 3)]
    [InlineData(nameof(StrategyMistake.StaleStackGeneration), 4)]
    [InlineData(nameof(StrategyMistake.StaleStackGeneration), 5)]
    [InlineData(nameof(StrategyMistake.ExitNotTold), 0)]
    [InlineData(nameof(StrategyMistake.ExitNotTold), 1)]
    [InlineData(nameof(StrategyMistake.ExitNotTold), 2)]
    [InlineData(nameof(StrategyMistake.ExitNotTold), 3)]
    [InlineData(nameof(StrategyMistake.ExitNotTold), 4)]
    [InlineData(nameof(StrategyMistake.ExitNotTold), 5)]
    [InlineData(nameof(StrategyMistake.MoveNotTold), 0)]
    [InlineData(nameof(StrategyMistake.MoveNotTold), 1)]
    [InlineData(nameof(StrategyMistake.MoveNotTold), 2)]
    [InlineData(nameof(StrategyMistake.MoveNotTold), 3)]
    [InlineData(nameof(StrategyMistake.MoveNotTold), 4)]
    [InlineData(nameof(StrategyMistake.MoveNotTold), 5)]
    [InlineData(nameof(StrategyMistake.DestroyedWhileLoaded), 1)]
    [InlineData(nameof(StrategyMistake.DestroyedWhileLoaded), 2)]
    [InlineData(nameof(StrategyMistake.DestroyedWhileLoaded), 3)]
    [InlineData(nameof(StrategyMistake.DestroyedWhileLoaded), 4)]
    [InlineData(nameof(StrategyMistake.DestroyedWhileLoaded), 5)]
    [InlineData(nameof(StrategyMistake.TableFreedTwice), 1)]
    [InlineData(nameof(StrategyMistake.TableFreedTwice), 2)]
    [InlineData(nameof(StrategyMistake.TableFreedTwice), 3)]
    [InlineData(nameof(StrategyMistake.TableFreedTwice), 4)]
    [InlineData(nameof(StrategyMistake.TableFreedTwice), 5)]
    [InlineData(nameof(StrategyMistake.GrantedRightsCopied), 1)]
    [InlineData(nameof(StrategyMistake.GrantedRightsCopied), 2)]
    [InlineData(nameof(StrategyMistake.GrantedRightsCopied), 3)]
    [InlineData(nameof(StrategyMistake.GrantedRightsCopied), 4)]
    [InlineData(nameof(StrategyMistake.GuardLost), 0)]
    [InlineData(nameof(StrategyMistake.GuardLost), 1)]
    [InlineData(nameof(StrategyMistake.GuardLost), 2)]
    [InlineData(nameof(StrategyMistake.GuardLost), 3)]
    [InlineData(nameof(StrategyMistake.GuardLost), 4)]
    [InlineData(nameof(StrategyMistake.GuardLost), 5)]
    [InlineData(nameof(StrategyMistake.UnmappedInBaseSetOnly), 1)]
    [InlineData(nameof(StrategyMistake.UnmappedInBaseSetOnly), 2)]
    [InlineData(nameof(StrategyMistake.UnmappedInBaseSetOnly), 3)]
    [InlineData(nameof(StrategyMistake.UnmappedInBaseSetOnly), 4)]
    [InlineData(nameof(StrategyMistake.UnmappedInBaseSetOnly), 5)]
    [InlineData(nameof(StrategyMistake.MappedInBaseSetOnly), 1)]
    [InlineData(nameof(StrategyMistake.MappedInBaseSetOnly), 2)]
    [InlineData(nameof(StrategyMistake.MappedInBaseSetOnly), 3)]
    [InlineData(nameof(StrategyMistake.MappedInBaseSetOnly), 4)]
    [InlineData(nameof(StrategyMistake.MappedInBaseSetOnly), 5)]
    [InlineData(nameof(StrategyMistake.SharedTableEdited), 3)]
    [InlineData(nameof(StrategyMistake.OwnTableLinked), 3)]
    [InlineData(nameof(StrategyMistake.GrantedEntryEdited), 0)]
    [InlineData(nameof(StrategyMistake.NotedForAnother), 1)]
    [InlineData(nameof(StrategyMistake.NotedForAnother), 2)]
    [InlineData(nameof(StrategyMistake.NotedForAnother), 3)]
    [InlineData(nameof(StrategyMistake.NotedForAnother), 4)]
    [InlineData(nameof(StrategyMistake.NotedForAnother), 5)]
    [InlineData(nameof(StrategyMistake.StackPlaceKept), 0)]
    public void A_mistake_is_noticed(string mistake, int strategy) => AssertNoticed(mistake, strategy);

    protected static void AssertNoticed(string mistake, int strategy, int period = 2)
    {
        for (long seed = 1; seed <= ProgramsAtMost; seed++)
        {
            string[] alone = [LockstepPrograms<TFormat>.StrategyNames[strategy]];
            LockstepProgram program = LockstepProgram.FromSeed(seed, TFormat.LevelCount) with { MistakePeriod = period };
            if (LockstepPrograms<TFormat>.Run(program, alone, Enum.Parse<StrategyMistake>(mistake)).Violation is not null)
            {
                return;
            }
        }

        Assert.Fail($"{mistake} went unnoticed in {ProgramsAtMost} programs");
    }
}

public sealed class Ia32StrategyEquivalenceTests : StrategyEquivalenceTests<Ia32Format>;

public sealed class PaeStrategyEquivalenceTests : StrategyEquivalenceTests<PaeFormat>;

public sealed class FourLevelStrategyEquivalenceTests : StrategyEquivalenceTests<FourLevelFormat>
{
    private const int First = 6;
    private const int FirstWithKpti = 8;
    private const int Last = 9;

    // The last four strategies, which only this format has: translations of several sets are kept.
    [Theory]
    [InlineData(nameof(StrategyMistake.KeptOutOfDate))]
    [InlineData(nameof(StrategyMistake.ContextNumberReused))]
    [InlineData(nameof(StrategyMistake.OtherContextsForgotten))]
    [InlineData(nameof(StrategyMistake.NotedFlushLost))]
    [InlineData(nameof(StrategyMistake.FlushLeftOut))]
    [InlineData(nameof(StrategyMistake.RootLoadLeftOut))]
    [InlineData(nameof(StrategyMistake.GrantInWrongSet))]
    [InlineData(nameof(StrategyMistake.RevocationLeftOut))]
    [InlineData(nameof(StrategyMistake.StaleStackGeneration))]
    [InlineData(nameof(StrategyMistake.ExitNotTold))]
    [InlineData(nameof(StrategyMistake.MoveNotTold))]
    [InlineData(nameof(StrategyMistake.NotedForAnother))]
    [InlineData(nameof(StrategyMistake.DestroyedWhileLoaded))]
    [InlineData(nameof(StrategyMistake.UnmappedInBaseSetOnly))]
    [InlineData(nameof(StrategyMistake.MappedInBaseSetOnly))]
    public void A_mistake_is_noticed_where_translations_are_kept_in_contexts(string mistake)
    {
        // Few programs have two occasions for a mistake about numbers, about all of them, or about a switch that never came to its exit.
        int period = mistake is nameof(StrategyMistake.ContextNumberReused) or nameof(StrategyMistake.OtherContextsForgotten) or nameof(StrategyMistake.NotedFlushLost) ? 1 : 2;
        for (int strategy = mistake == nameof(StrategyMistake.NotedFlushLost) ? FirstWithKpti : First; strategy <= Last; strategy++)
        {
            AssertNoticed(mistake, strategy, period);
        }
    }
}
