// Every guest test on every machine, as a test of its own.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

/// <summary>Names a machine.</summary>
public interface IMachineName
{
    /// <summary>The name in test names.</summary>
    static abstract string MachineName { get; }
}

/// <summary>The tests of one machine; one class a machine, so that machines run side by side.</summary>
/// <typeparam name="TMachine">The class itself, which names its machine.</typeparam>
public abstract class GuestTests<TMachine>
    where TMachine : IMachineName
{
    public static IEnumerable<TheoryDataRow<string>> Cases => Tests.Select(Named);

    public static IEnumerable<TheoryDataRow<string>> Ending => [Named("the machine ends with status 0 after every test")];

    public static IEnumerable<TheoryDataRow<string>> Storm => [Named("the storm of non-maskable interrupts was no skipped test")];

    private static GuestMachine Machine => GuestMachine.All.Single(static machine => machine.Name == TMachine.MachineName);

    private static IReadOnlyList<string> Tests => GuestTestCatalogue.Read(BootableImages.GuestTestAssembly(Machine.Variant));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Guest(string test)
    {
        GuestRun run = await GuestRun.OnAsync(Machine);
        GuestTestResult? result = run.Log[test];
        if (result is null)
        {
            Assert.Fail($"{run.Exit}; the test gave no verdict. The console ends:\n{run.Log.Tail}");
        }

        Assert.SkipWhen(result.Verdict == GuestVerdict.Skipped, result.Text);
        Assert.True(result.Verdict == GuestVerdict.Passed, result.Text);
    }

    [Theory]
    [MemberData(nameof(Ending))]
    public async Task The_machine_ends_with_status_0_after_every_test(string title)
    {
        GuestRun run = await GuestRun.OnAsync(Machine);
        int expected = Tests.Count;
        Assert.True(
            run.Log.EndCount == expected, $"{title}: {expected} tests were expected, the guest counted {run.Log.EndCount}. The console ends:\n{run.Log.Tail}");
        Assert.Equal(expected, run.Log.Count);
        Assert.Equal(new GuestExit(GuestExitKind.Status, 0, string.Empty), run.Exit);
    }

    // By itself the guest can only skip these tests: what they are about comes from here.
    [Theory]
    [MemberData(nameof(Storm))]
    public async Task The_storm_of_non_maskable_interrupts_was_no_skipped_test(string title)
    {
        GuestRun run = await GuestRun.OnAsync(Machine);
        string[] tests = [.. Tests.Where(GuestRun.NeedsNonMaskableInterrupts)];
        Assert.True(tests.Length != 0, title);
        Assert.All(tests, test => Assert.Equal(new(GuestVerdict.Passed, string.Empty), run.Log[test]));
    }

    private static TheoryDataRow<string> Named(string test) => new(test) { TestDisplayName = $"{TMachine.MachineName} {test}", Label = string.Empty };
}

/// <summary>That no machine is without its class, by which its tests would be left out in silence.</summary>
public sealed class GuestMachinesTests
{
    [Fact]
    public void Every_machine_has_a_class() => Assert.Equal(
        GuestMachine.All.Select(static machine => machine.Name).Order(),
        typeof(IMachineName).Assembly.GetTypes()
            .Where(static type => !type.IsAbstract && typeof(IMachineName).IsAssignableFrom(type))
            .Select(static type => (string)type.GetProperty(nameof(IMachineName.MachineName))!.GetValue(null)!).Order());
}
