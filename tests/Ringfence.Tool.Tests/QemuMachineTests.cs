using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Tests.Guests;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class QemuMachineTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public static TheoryData<string, string> Machines =>
        [.. GuestFormat.All.SelectMany(static _ => MachineType.All, static (format, type) => (format.Name, type.Name))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task A_guest_is_heard_and_its_status_is_the_runs(string formatName, string machineName)
    {
        Assert.True(GuestFormat.TryParse(formatName, out GuestFormat? format));
        MachineType machine = MachineType.All.Single(type => type.Name == machineName);
        string image = HandMadeGuest.Build(_folder, "hello\nworld\n", GuestEnding.Status, 3);
        List<string> lines = [];
        GuestExit exit = await QemuMachine.RunAsync(
            HandMadeGuest.Options(image) with { Format = format, Machine = machine }, lines.Add, TestContext.Current.CancellationToken);
        Assert.Equal(new GuestExit(GuestExitKind.Status, 3, string.Empty), exit);
        Assert.Equal(["hello", "world"], lines);
    }

    [Fact]
    public async Task A_processor_with_warnings_still_gives_status_0_to_a_silent_guest()
    {
        // This model has features that QEMU warns it cannot emulate; a warning must not look like a refusal.
        string image = HandMadeGuest.Build(_folder, "", GuestEnding.Status, 0);
        GuestExit exit = await RunAsync(HandMadeGuest.Options(image) with { Processor = "Skylake-Server" });
        Assert.True(exit.IsSuccess, exit.ToString());
    }

    [Fact]
    public async Task A_triple_fault_ends_the_run_without_a_status()
    {
        string image = HandMadeGuest.Build(_folder, "about to fail\n", GuestEnding.Reset);
        Assert.Equal(GuestExitKind.NoStatus, (await RunAsync(HandMadeGuest.Options(image))).Kind);
    }

    [Fact]
    public async Task A_guest_that_hangs_is_ended_at_the_time_limit_and_what_it_said_is_kept()
    {
        string image = HandMadeGuest.Build(_folder, "half a line", GuestEnding.Hang);
        List<string> lines = [];
        long begin = Stopwatch.GetTimestamp();
        GuestExit exit = await QemuMachine.RunAsync(
            HandMadeGuest.Options(image) with { TimeLimit = TimeSpan.FromSeconds(1.5) }, lines.Add, TestContext.Current.CancellationToken);
        Assert.Equal(GuestExitKind.TimedOut, exit.Kind);
        Assert.Contains("1.5 s", exit.Detail, StringComparison.Ordinal);
        Assert.Equal(["half a line"], lines);
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 1.4, 20);
    }

    [Fact]
    public async Task A_guest_that_floods_its_console_is_ended()
    {
        string image = HandMadeGuest.Build(_folder, "more of the same\n", GuestEnding.Flood);
        Assert.Equal(GuestExitKind.ConsoleLimit, (await RunAsync(HandMadeGuest.Options(image) with { ConsoleLimitBytes = 10_000 })).Kind);
    }

    [Fact]
    public async Task Cancellation_ends_the_emulator()
    {
        string image = HandMadeGuest.Build(_folder, "ready\n", GuestEnding.Hang);
        using var cancellation = new CancellationTokenSource();
        GuestExit exit = await QemuMachine.RunAsync(HandMadeGuest.Options(image), _ => cancellation.Cancel(), cancellation.Token);
        Assert.Equal(GuestExitKind.Stopped, exit.Kind);
    }

    [Fact]
    public async Task Disposal_leaves_no_emulator_behind()
    {
        string image = HandMadeGuest.Build(_folder, "ready\n", GuestEnding.Hang);
        await using (QemuMachine machine = QemuMachine.Start(HandMadeGuest.Options(image) with { ControlSocket = true }))
        {
            await foreach (string line in machine.ReadLinesAsync(TestContext.Current.CancellationToken))
            {
                Assert.Equal("ready", line);
                Assert.True(RunningPrograms.AnyNames(image));
                break;
            }
        }

        Assert.False(RunningPrograms.AnyNames(image));
    }

    [Fact]
    public async Task A_refusal_of_the_emulator_is_told_from_status_0()
    {
        string image = HandMadeGuest.Build(_folder, "never printed\n", GuestEnding.Status);
        GuestExit exit = await RunAsync(HandMadeGuest.Options(image) with { Processor = "80186" });
        Assert.Equal(GuestExitKind.EmulatorFailed, exit.Kind);
        Assert.Contains("80186", exit.Detail, StringComparison.Ordinal);

        string text = _folder.Write("no-image.elf", "this boots nowhere");
        Assert.Equal(GuestExitKind.EmulatorFailed, (await RunAsync(HandMadeGuest.Options(text))).Kind);
    }

    [Fact]
    public void An_absent_image_is_a_failure_that_names_it()
    {
        EmulatorException failure = Assert.Throws<EmulatorException>(() => QemuMachine.Start(HandMadeGuest.Options("/absent.elf")));
        Assert.Contains("/absent.elf", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_non_maskable_interrupt_sent_over_the_control_socket_reaches_the_guest()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string image = HandMadeGuest.Build(_folder, "ready\n", GuestEnding.Hang);
        await using QemuMachine machine = QemuMachine.Start(HandMadeGuest.Options(image) with { ControlSocket = true });
        await foreach (string _ in machine.ReadLinesAsync(cancellation))
        {
            break;
        }

        await using QmpClient control = await machine.ConnectControlAsync(cancellation);
        Assert.Equal("running", (await control.ExecuteAsync("query-status", cancellationToken: cancellation))?["status"]?.GetValue<string>());
        await Assert.ThrowsAsync<EmulatorException>(() => control.ExecuteAsync("no-such-command", cancellationToken: cancellation));

        // The guest has no interrupt table: an NMI that arrives is a triple fault.
        Assert.False(machine.Ending.IsCompleted);
        await control.ExecuteAsync("inject-nmi", cancellationToken: cancellation);
        Assert.Equal(GuestExitKind.NoStatus, (await machine.Ending).Kind);
    }

    [Fact]
    public async Task Control_of_a_machine_that_has_ended_is_a_failure()
    {
        string image = HandMadeGuest.Build(_folder, "", GuestEnding.Status);
        await using QemuMachine machine = QemuMachine.Start(HandMadeGuest.Options(image) with { ControlSocket = true });
        await machine.Ending;
        await Assert.ThrowsAsync<EmulatorException>(() => machine.ConnectControlAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_debugger_is_served_to_this_host_only()
    {
        IReadOnlyList<string> arguments = (HandMadeGuest.Options("x.elf") with { WaitForDebugger = true }).BuildArguments(null);
        Assert.Contains("-S", arguments);
        Assert.Contains("tcp:127.0.0.1:1234", arguments);
    }

    [Fact]
    public async Task The_name_of_a_pseudo_terminal_is_told_and_is_no_line_of_the_guests()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string image = HandMadeGuest.Build(_folder, "ready\nset\n", GuestEnding.Status, 2);
        List<string> lines = [];
        Assert.Equal(
            new GuestExit(GuestExitKind.Status, 2, string.Empty),
            await QemuMachine.RunAsync(HandMadeGuest.Options(image) with { SecondSerialPort = SerialConnection.PseudoTerminal }, lines.Add, cancellation));
        Assert.Equal(["ready", "set"], lines);

        image = HandMadeGuest.Build(_folder, "ready\n", GuestEnding.Hang);
        await using QemuMachine machine = QemuMachine.Start(HandMadeGuest.Options(image) with { SecondSerialPort = SerialConnection.PseudoTerminal });
        string device = await machine.OpenPseudoTerminalAsync(cancellation);
        Assert.True(File.Exists(device), device);
    }

    [Fact]
    public async Task A_socket_leads_to_the_second_serial_port_also_if_its_name_has_a_comma()
    {
        string path = Path.Combine(_folder.Path, "a,b");
        string image = HandMadeGuest.Build(_folder, "ready\n", GuestEnding.Hang);
        await using QemuMachine machine = QemuMachine.Start(HandMadeGuest.Options(image) with { SecondSerialPort = SerialConnection.UnixSocket(path) });
        await foreach (string _ in machine.ReadLinesAsync(TestContext.Current.CancellationToken))
        {
            break;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
        Assert.True(socket.Connected);
    }

    private static Task<GuestExit> RunAsync(QemuOptions options) =>
        QemuMachine.RunAsync(options, static _ => { }, TestContext.Current.CancellationToken);
}
