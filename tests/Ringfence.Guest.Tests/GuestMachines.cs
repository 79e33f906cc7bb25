// One class a machine: the test runner runs classes side by side, and the methods of one class one after the other.

using System.Collections.Generic;
using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Guest.Tests;

/// <summary>The guest tests on x86-64/qemu64.</summary>
public sealed class X8664OnQemu64() : GuestTests(MachineName)
{
    private const string MachineName = "x86-64/qemu64";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}

/// <summary>The guest tests on x86-64/max.</summary>
public sealed class X8664OnMax() : GuestTests(MachineName)
{
    private const string MachineName = "x86-64/max";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}

/// <summary>The guest tests on pae/qemu32.</summary>
public sealed class PaeOnQemu32() : GuestTests(MachineName)
{
    private const string MachineName = "pae/qemu32";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}

/// <summary>The guest tests on pae/max.</summary>
public sealed class PaeOnMax() : GuestTests(MachineName)
{
    private const string MachineName = "pae/max";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}

/// <summary>The guest tests on ia32/qemu32.</summary>
public sealed class Ia32OnQemu32() : GuestTests(MachineName)
{
    private const string MachineName = "ia32/qemu32";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}

/// <summary>The guest tests on ia32/max.</summary>
public sealed class Ia32OnMax() : GuestTests(MachineName)
{
    private const string MachineName = "ia32/max";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}

/// <summary>The guest tests on x86-64/microvm.</summary>
public sealed class X8664OnMicroVm() : GuestTests(MachineName)
{
    private const string MachineName = "x86-64/microvm";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}

/// <summary>The guest tests on pae/microvm.</summary>
public sealed class PaeOnMicroVm() : GuestTests(MachineName)
{
    private const string MachineName = "pae/microvm";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}

/// <summary>The guest tests on ia32/microvm.</summary>
public sealed class Ia32OnMicroVm() : GuestTests(MachineName)
{
    private const string MachineName = "ia32/microvm";

    public static IEnumerable<TheoryDataRow<string>> Cases => CasesOf(MachineName);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Guest(string test) => CheckAsync(test);

    [Fact(DisplayName = MachineName + " the machine ends with status 0 after every test")]
    public Task The_machine_ends_with_status_0_after_every_test() => CheckEndAsync();

    [Fact(DisplayName = MachineName + " the storm of non-maskable interrupts was no skipped test")]
    public Task The_storm_of_non_maskable_interrupts_was_no_skipped_test() => CheckStormAsync();
}
