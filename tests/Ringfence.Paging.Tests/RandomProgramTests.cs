// Random programs of all operations of the library, on every format: a few thousand of those that `ringfence verify random` runs by the million.
// And programs with a mistake in them, which must be noticed.

using System;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;
using Ringfence.Verification.Randomised;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class RandomProgramTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const long MostPrograms = 4000;

    [Fact]
    public void Whatever_is_done_tables_say_what_the_model_says_and_no_schedule_breaks_the_law() =>
        Assert.True(EditPrograms<TFormat>.Sample(800) > 1000);

    [Theory]
    [InlineData(nameof(EditMistake.FlushLeftOut), "operation ")]
    [InlineData(nameof(EditMistake.PageLeftOutOfFlush), "operation ")]
    [InlineData(nameof(EditMistake.FreedBeforeFlush), "operation ")]
    [InlineData(nameof(EditMistake.PageTooMany), "operation ")]
    [InlineData(nameof(EditMistake.NeedlessWrite), "operation ")]
    [InlineData(nameof(EditMistake.BaseRightsLost), "found")]
    [InlineData(nameof(EditMistake.DirtyLost), "found")]
    [InlineData(nameof(EditMistake.PlainStore), "operation ")]
    [InlineData(nameof(EditMistake.PromiseNotKept), "operation ")]
    [InlineData(nameof(EditMistake.CreditForgotten), "its account says")]
    public void A_mistake_is_noticed(string mistake, string complaint)
    {
        CsCheckException noticed = Assert.Throws<CsCheckException>(() => EditPrograms<TFormat>.Sample(MostPrograms, Enum.Parse<EditMistake>(mistake), threads: 1));
        Assert.Contains(complaint, noticed.InnerException!.Message, StringComparison.Ordinal);
    }
}

public sealed class Ia32RandomProgramTests : RandomProgramTests<Ia32Format>;

public sealed class PaeRandomProgramTests : RandomProgramTests<PaeFormat>;

public sealed class FourLevelRandomProgramTests : RandomProgramTests<FourLevelFormat>;

public sealed class FiveLevelRandomProgramTests : RandomProgramTests<FiveLevelFormat>;
