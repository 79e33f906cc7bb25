// Every guest test on every machine, as a test of its own.

using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

/// <summary>The tests of one machine; one class a machine, so that machines run side by side.</summary>
public abstract class GuestTests
{
    private readonly GuestMachine _machine;

    private protected GuestTests(string machine) => _machine = Find(machine);

    private protected static IEnumerable<TheoryDataRow<string>> CasesOf(string machine) =>
        GuestTestCatalogue.Read(BootableImages.GuestTestAssembly(Find(machine).Format))
            .Select(test => new TheoryDataRow<string>(test) { TestDisplayName = $"{machine} {test}", Label = string.Empty });

    private protected async Task CheckAsync(string test)
    {
        GuestRun run = await GuestRun.OnAsync(_machine);
        GuestTestResult? result = run.Log[test];
        if (result is null)
        {
            Assert.Fail($"{run.Exit}; the test gave no verdict. The console ends:\n{run.Log.Tail}");
        }

        Assert.SkipWhen(result.Verdict == GuestVerdict.Skipped, result.Text);
        Assert.True(result.Verdict == GuestVerdict.Passed, result.Text);
    }

    private protected async Task CheckEndAsync()
    {
        GuestRun run = await GuestRun.OnAsync(_machine);
        int expected = GuestTestCatalogue.Read(BootableImages.GuestTestAssembly(_machine.Format)).Count;
        Assert.True(run.Log.EndCount == expected, $"{expected} tests were expected, the guest counted {run.Log.EndCount}. The console ends:\n{run.Log.Tail}");
        Assert.Equal(expected, run.Log.Count);
        Assert.Equal(new GuestExit(GuestExitKind.Status, 0, string.Empty), run.Exit);
    }

    // By itself the guest can only skip these tests: what they are about comes from here.
    private protected async Task CheckStormAsync()
    {
        GuestRun run = await GuestRun.OnAsync(_machine);
        string[] tests = [.. GuestTestCatalogue.Read(BootableImages.GuestTestAssembly(_machine.Format)).Where(GuestRun.NeedsNonMaskableInterrupts)];
        Assert.NotEmpty(tests);
        Assert.All(tests, test => Assert.Equal(new(GuestVerdict.Passed, string.Empty), run.Log[test]));
    }

    private static GuestMachine Find(string name) => GuestMachine.All.Single(machine => machine.Name == name);
}
