// Every sequence of operations on a geometry small enough for that: up to length four here, to length six by `ringfence verify exhaustive`.
// And searches with a mistake in them, which must find it.

using System;
using Ringfence.Verification.Exhaustive;
using Xunit;

namespace Ringfence.Paging.Tests;

public class ExhaustiveTests
{
    private const int Length = 4;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void No_sequence_of_paging_operations_breaks_the_law_in_any_schedule(bool holdsOnlyAccessed, bool isFilled)
    {
        SearchResult result = StateSearch.Run(new PagingWorld(holdsOnlyAccessed, isFilled), Length, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(result.Violation);
        Assert.True(result.TransitionCount > 20_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_sequence_of_domain_operations_breaks_the_law_in_any_schedule(bool holdsOnlyAccessed)
    {
        SearchResult result = StateSearch.Run(new DomainWorld(holdsOnlyAccessed), Length, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(result.Violation);
        Assert.True(result.TransitionCount > 100_000);
    }

    [Theory]
    [InlineData(nameof(ToyMistake.FlushLeftOut), false, "ForbiddenAccessSucceeds")]
    [InlineData(nameof(ToyMistake.FlushTooSmall), false, "ForbiddenAccessSucceeds")]
    [InlineData(nameof(ToyMistake.FreedBeforeFlush), false, "LawBreach")]
    [InlineData(nameof(ToyMistake.OnePageTooMany), false, "AllowedAccessFails")]
    [InlineData(nameof(ToyMistake.PromiseNotKept), true, "ForbiddenAccessSucceeds")]
    [InlineData(nameof(ToyMistake.PlainStore), true, "ForbiddenAccessSucceeds")]
    [InlineData(nameof(ToyMistake.ExceptionMemoryNotNamed), false, "the kernel may fault")]
    public void A_mistake_in_paging_is_found(string mistake, bool holdsOnlyAccessed, string complaint)
    {
        SearchResult result = StateSearch.Run(
            new PagingWorld(holdsOnlyAccessed, isFilled: true, Enum.Parse<ToyMistake>(mistake)), Length, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(complaint, result.Violation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(ToyMistake.FlushLeftOut))]
    [InlineData(nameof(ToyMistake.FlushTooSmall))]
    [InlineData(nameof(ToyMistake.RemovalNotTold))]
    [InlineData(nameof(ToyMistake.MoveNotTold))]
    public void A_mistake_with_domains_is_found(string mistake)
    {
        SearchResult result = StateSearch.Run(
            new DomainWorld(holdsOnlyAccessed: false, Enum.Parse<ToyMistake>(mistake)), Length, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("LawBreach", result.Violation, StringComparison.Ordinal);
    }
}
