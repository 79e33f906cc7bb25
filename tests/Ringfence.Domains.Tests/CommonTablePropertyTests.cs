// The law, under random programs, on every format; and the same check on programs with a mistake in them, which it must notice.

using CsCheck;
using Ringfence.Paging;
using Xunit;

namespace Ringfence.Domains.Tests;

public abstract class CommonTablePropertyTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int ProgramsAtMost = 100;

    [Fact]
    public void Whatever_happens_user_code_can_do_what_the_law_says_and_switches_write_only_entries_that_differ() =>
        Program.Any.Sample(
            operations =>
            {
                string? violation = Program.Violation<TFormat>(operations);
                Assert.True(violation is null, violation);
            },
            iter: 600,
            threads: 1);

    [Fact]
    public void The_programs_used_against_mistakes_find_nothing_without_one()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            Assert.Null(Program.Violation<TFormat>(Program.FromSeed(seed)));
        }
    }

    [Theory]
    [InlineData(nameof(Mistake.OnePageTooManyGranted), "user")]
    [InlineData(nameof(Mistake.RevocationLeftOut), "user")]
    [InlineData(nameof(Mistake.FlushLeftOut), "user")]
    [InlineData(nameof(Mistake.BaseRightsLost), "audit")]
    [InlineData(nameof(Mistake.NeedlessWrite), "entries written")]
    [InlineData(nameof(Mistake.RemovalNotTold), "user")]
    [InlineData(nameof(Mistake.ExitNotTold), "user")]
    [InlineData(nameof(Mistake.MoveNotTold), "user")]
    public void A_mistake_is_noticed(string mistake, string complaint)
    {
        Mistake kind = System.Enum.Parse<Mistake>(mistake);
        for (int seed = 1; seed <= ProgramsAtMost; seed++)
        {
            string? violation = Program.Violation<TFormat>(Program.FromSeed(seed), kind);
            if (violation is not null && violation.Contains(complaint, System.StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"{mistake} went unnoticed, or not by the check that should notice it, in {ProgramsAtMost} programs");
    }
}

public sealed class Ia32CommonTablePropertyTests : CommonTablePropertyTests<Ia32Format>;

public sealed class PaeCommonTablePropertyTests : CommonTablePropertyTests<PaeFormat>;

public sealed class FourLevelCommonTablePropertyTests : CommonTablePropertyTests<FourLevelFormat>;
