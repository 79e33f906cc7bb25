// `run` from a project file to the exit status, on a checkout in small.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Tool.Tests.Guests;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class RunCommandTests : IDisposable
{
    private readonly SampleRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task A_sample_is_built_once_and_ends_with_the_guests_status()
    {
        _repository.AddSample("Greeter", "hello\nfault   at 0x00100004\n", GuestEnding.Status, 5);
        _repository.WriteMap("Greeter", "pae", """{"symbols":[{"name":"Greeter.Program.Main()","address":"0x100000","size":16}]}""");
        CommandResult first = await RunAsync("run", "Greeter", "--format", "pae");
        Assert.Equal(["hello", "fault   at 0x00100004 Greeter.Program.Main() +0x4"], first.OutputLines);
        Assert.Equal(["ringfence: building Greeter (pae)"], first.ErrorLines);
        Assert.Equal(5, first.ExitStatus);

        CommandResult second = await RunAsync("run", "Greeter", "--format", "pae");
        Assert.Equal((first.Output, 5, ""), (second.Output, second.ExitStatus, second.Errors));
        Assert.Equal(1, _repository.CountBuilds("Greeter"));
    }

    [Fact]
    public async Task A_changed_source_an_image_that_is_gone_or_replaced_and_other_settings_are_built_again()
    {
        _repository.AddSample("Greeter", "hello\n", GuestEnding.Status);
        await ExpectBuildsAsync(1, "run", "Greeter");

        _repository.Touch("src/Kernel/Kernel.cs");
        await ExpectBuildsAsync(2, "run", "Greeter");

        File.Delete(_repository.Image("Greeter", "x86-64"));
        await ExpectBuildsAsync(3, "run", "Greeter");

        // As if somebody had built it by hand, with who knows what settings.
        File.SetLastWriteTimeUtc(_repository.Image("Greeter", "x86-64"), DateTime.UtcNow.AddMinutes(1));
        await ExpectBuildsAsync(4, "run", "Greeter");

        await ExpectBuildsAsync(5, "run", "Greeter", "--audit");
        await ExpectBuildsAsync(6, "run", "Greeter", "--format", "ia32");
        await ExpectBuildsAsync(6, "run", "Greeter", "--audit");
        await ExpectBuildsAsync(6, "run", "Greeter");
        await ExpectBuildsAsync(7, "run", "Greeter", "--strategy", "per-domain");
        await ExpectBuildsAsync(8, "run", "Greeter", "--strategy", "per-domain", "--kpti");
        await ExpectBuildsAsync(9, "run", "Greeter", "--strategy", "per-domain", "--kpti", "--audit");
        await ExpectBuildsAsync(9, "run", "Greeter", "--strategy", "common");
        Assert.All(
            ["x86-64", "x86-64_audit", "ia32", "x86-64_per-domain", "x86-64_per-domain_kpti", "x86-64_per-domain_kpti_audit"],
            folder => Assert.True(File.Exists(_repository.Image("Greeter", folder)), folder));
    }

    [Fact]
    public async Task A_sample_that_does_not_build_shows_the_builds_own_words_and_ends_with_status_1()
    {
        _repository.AddBrokenSample("Broken");
        CommandResult result = await RunAsync("run", "Broken");
        Assert.Equal(1, result.ExitStatus);
        Assert.Empty(result.Output);
        Assert.Contains(result.ErrorLines, static line => line.Contains("Program.cs : error RF9999: the offending line", StringComparison.Ordinal));
        Assert.Equal("ringfence: building Broken (x86-64) failed (errors above)", result.ErrorLines[^1]);
    }

    [Fact]
    public async Task An_unknown_sample_is_answered_with_those_there_are()
    {
        _repository.AddSample("Zebra", "", GuestEnding.Status);
        _repository.AddBrokenSample("Apple");
        CommandResult result = await RunAsync("run", "Pear");
        Assert.Equal("ringfence: unknown sample 'Pear'; samples are Apple, Zebra", Assert.Single(result.ErrorLines));
        Assert.Equal(2, result.ExitStatus);
    }

    [Fact]
    public async Task A_guest_that_stops_without_a_status_is_an_error_of_status_1()
    {
        _repository.AddSample("Crasher", "before\n", GuestEnding.Reset);
        CommandResult result = await RunAsync("run", "Crasher", "--format", "ia32");
        Assert.Equal(["before"], result.OutputLines);
        Assert.Equal("ringfence: the guest stopped without an exit status (triple fault?)", result.ErrorLines[^1]);
        Assert.Equal(1, result.ExitStatus);
    }

    [Fact]
    public async Task A_guest_that_does_not_end_is_ended_with_status_124()
    {
        _repository.AddSample("Sleeper", "zzz\n", GuestEnding.Hang);
        CommandResult result = await RunAsync("run", "Sleeper", "--timeout", "1");
        Assert.Equal(["zzz"], result.OutputLines);
        Assert.Contains("limit 1 s", result.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal(124, result.ExitStatus);
    }

    [Fact]
    public async Task A_processor_that_the_emulator_does_not_know_is_a_bad_value()
    {
        _repository.AddSample("Greeter", "never printed\n", GuestEnding.Status);
        foreach (string processor in new[] { "80186", "qemu64,+no-such-feature" })
        {
            CommandResult result = await RunAsync("run", "Greeter", "--cpu", processor);
            Assert.Contains($"bad value '{processor}' for --cpu", result.ErrorLines[^1], StringComparison.Ordinal);
            Assert.Equal(2, result.ExitStatus);
            Assert.Empty(result.Output);
        }
    }

    [Fact]
    public async Task Interruption_ends_the_emulator_with_the_command()
    {
        _repository.AddSample("Sleeper", "zzz\n", GuestEnding.Hang);

        // A shell starts what it runs in the background with interrupts ignored, and so would this test's children be.
        using Process command = Command.Start(
            "env", ["--default-signal=INT", Command.Dotnet, Command.ToolAssembly, "run", "Sleeper"], new() { [Repository.RootVariable] = _repository.Root });
        Assert.Equal("zzz", await command.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        string image = _repository.Image("Sleeper", "x86-64");
        Assert.True(RunningPrograms.AnyNames(image));

        using (Process kill = Process.Start("sh", ["-c", $"kill -INT {command.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await command.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, command.ExitCode);
        Assert.False(RunningPrograms.AnyNames(image));
    }

    [Fact]
    public async Task An_image_with_a_serial_port_gets_a_device_and_a_line_says_how_to_connect()
    {
        _repository.AddSample("Server", "serves\n", GuestEnding.Status);
        _repository.WriteMap("Server", "pae", """
            {"symbols":[],"objects":[{"name":"Line","kind":"SerialPort"}],"connectCommand":"client -b 19200 {device}"}
            """);
        CommandResult result = await RunAsync("run", "Server", "--format", "pae");
        Assert.Equal(["serves"], result.OutputLines);
        Assert.Equal(0, result.ExitStatus);
        string device = result.ErrorLines[^2].Split(' ')[^1];
        Assert.StartsWith("/dev/pts/", device, StringComparison.Ordinal);
        Assert.Equal(
            [$"ringfence: the guest's second serial port is {device}", $"ringfence: connect with: client -b 19200 {device}"], result.ErrorLines[^2..]);

        // An emulator that refuses to start says why, with or without such a port.
        result = await RunAsync("run", "Server", "--format", "pae", "--cpu", "80186");
        Assert.Contains("bad value '80186' for --cpu", result.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal(2, result.ExitStatus);
    }

    [Fact]
    public async Task The_help_of_a_sample_that_has_something_to_say_follows_the_commands()
    {
        _repository.AddSample("Server", "", GuestEnding.Status);
        _repository.AddSample("Silent", "", GuestEnding.Status);
        _repository.WriteHelp("Server", "How to attack it:\n  with patience\n");
        CommandResult result = await RunAsync("run", "Server", "--help");
        Assert.Contains("--format", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("How to attack it:\n  with patience\n", result.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (result.ExitStatus, result.Errors));
        foreach (string[] other in new string[][] { ["run", "Silent", "--help"], ["run", "--help"], ["report", "Server", "--help"] })
        {
            Assert.DoesNotContain("patience", (await RunAsync(other)).Output, StringComparison.Ordinal);
        }
    }

    private async Task ExpectBuildsAsync(int count, params string[] arguments)
    {
        CommandResult result = await RunAsync(arguments);
        Assert.True(result.ExitStatus == 0, result.Errors);
        Assert.Equal(count, _repository.CountBuilds("Greeter"));
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => Command.RunToolAsync(_repository.Root, arguments);
}
