// What the host makes of a guest's console: above all, that silence is never taken for success.

using Xunit;

namespace Ringfence.Guest.Tests;

public sealed class GuestTestLogTests
{
    [Fact]
    public void Verdicts_carry_their_details_and_reasons()
    {
        GuestTestLog log = Read("@begin A.X", "@pass A.X", "noise", "@begin A.Y", "@detail one", "@detail two", "@fail A.Y", "@begin B.Z", "@skip B.Z: no: reason", "@end 3");
        Assert.Equal(new(GuestVerdict.Passed, ""), log["A.X"]);
        Assert.Equal(new(GuestVerdict.Failed, "one\ntwo"), log["A.Y"]);
        Assert.Equal(new(GuestVerdict.Skipped, "no: reason"), log["B.Z"]);
        Assert.Equal(3, log.Count);
        Assert.Equal(3, log.EndCount);
    }

    [Fact]
    public void A_test_during_which_the_machine_dies_has_no_verdict()
    {
        GuestTestLog log = Read("@begin A.X", "@pass A.X", "@begin A.Y", "panic: something");
        Assert.Null(log["A.Y"]);
        Assert.Equal("A.Y", log.Current);
        Assert.Null(log.EndCount);
        Assert.EndsWith("panic: something", log.Tail);
    }

    [Fact]
    public void Details_of_one_test_are_not_those_of_the_next()
    {
        GuestTestLog log = Read("@begin A.X", "@detail one", "@fail A.X", "@begin A.Y", "@fail A.Y");
        Assert.Equal("the guest gave no details", log["A.Y"]!.Text);
    }

    [Fact]
    public void A_verdict_about_a_test_that_did_not_begin_counts_for_nothing()
    {
        GuestTestLog log = Read("@begin A.X", "@pass A.Y", "@pass A.X");
        Assert.Null(log["A.X"]);
        Assert.Null(log["A.Y"]);
    }

    private static GuestTestLog Read(params System.ReadOnlySpan<string> lines)
    {
        var log = new GuestTestLog();
        foreach (string line in lines)
        {
            log.Read(line);
        }

        return log;
    }
}
