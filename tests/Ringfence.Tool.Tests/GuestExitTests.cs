using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class GuestExitTests
{
    [Fact]
    public void Every_status_in_range_survives_the_debug_exit_port()
    {
        for (int status = 0; status <= GuestExit.MaximumStatus; status++)
        {
            GuestExit exit = GuestExit.FromEmulator((2 * status) + 1, consoleIsEmpty: false, string.Empty);
            Assert.Equal(new GuestExit(GuestExitKind.Status, status, string.Empty), exit);
            Assert.Equal(status == 0, exit.IsSuccess);
        }
    }

    [Fact]
    public void Code_0_means_that_the_guest_stopped_without_a_status()
    {
        GuestExit exit = GuestExit.FromEmulator(0, consoleIsEmpty: false, string.Empty);
        Assert.Equal(GuestExitKind.NoStatus, exit.Kind);
        Assert.False(exit.IsSuccess);
        Assert.Equal("the guest stopped without an exit status (triple fault?)", exit.ToString());
    }

    [Theory]
    [InlineData(137)]
    [InlineData(139)]
    [InlineData(134)]
    public void A_code_that_is_a_signal_is_no_status_of_the_guest(int code)
    {
        GuestExit exit = GuestExit.FromEmulator(code, consoleIsEmpty: false, string.Empty);
        Assert.Equal(GuestExitKind.EmulatorFailed, exit.Kind);
        Assert.Contains($"signal {code - 128}", exit.Detail, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "qemu: no such model", GuestExitKind.EmulatorFailed)]
    [InlineData(true, "", GuestExitKind.Status)]
    [InlineData(false, "qemu: something odd", GuestExitKind.Status)]
    public void Code_1_is_a_refusal_only_with_an_error_and_without_a_console(bool consoleIsEmpty, string error, GuestExitKind expected) =>
        Assert.Equal(expected, GuestExit.FromEmulator(1, consoleIsEmpty, error).Kind);
}
