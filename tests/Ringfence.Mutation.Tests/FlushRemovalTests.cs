// The part of `ringfence verify mutants` that matters most, in every test run: no flush can be left out unnoticed.

using System;
using System.IO;
using Xunit;

namespace Ringfence.Mutation.Tests;

public class FlushRemovalTests
{
    [Fact]
    public void Every_removal_of_one_flush_is_noticed_by_a_test()
    {
        using StringWriter output = new();
        MutationOutcome outcome = LibraryMutation.Run(output, LibraryMutation.FlushRemoval, withSearches: true, TestContext.Current.CancellationToken);
        Assert.True(outcome.Complaints.Count == 0, string.Join(Environment.NewLine, outcome.Complaints));
        Assert.True(outcome.Killed > 50, output.ToString());
    }
}
