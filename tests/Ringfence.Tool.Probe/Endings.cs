// Every ending a test can have. The tests of `ringfence test` choose among them by name.

using System;
using System.Threading;
using Xunit;

namespace Ringfence.Tool.Probe;

public sealed class Endings
{
    [Fact(DisplayName = "verdict: passes")]
    public void Passes() => Assert.NotEqual(1, Environment.ProcessorCount + 1);

    [Fact(DisplayName = "verdict: fails")]
    public void Fails() => Assert.Fail("the reason\non two lines");

    [Fact(DisplayName = "verdict: is skipped", Skip = "no such device")]
    public void IsSkipped() => Assert.Fail("never runs");

    [Theory(DisplayName = "row")]
    [InlineData("one")]
    [InlineData("Two")]
    public void Rows(string name) => Assert.NotEqual("three", name);

    [Fact(DisplayName = "dies")]
    public void Dies()
    {
        Console.Error.WriteLine("last words");
        Environment.Exit(134);
    }

    [Fact(DisplayName = "leaves early with code 0")]
    public void LeavesEarly() => Environment.Exit(0);

    [Fact(DisplayName = "hangs")]
    public void Hangs() => Thread.Sleep(Timeout.Infinite);

    public sealed class WithFailingCleanup : IDisposable
    {
        [Fact(DisplayName = "passes but cannot clean up")]
        public void Passes() => Assert.NotNull(this);

        public void Dispose() => throw new InvalidOperationException("the cleanup failed");
    }
}
