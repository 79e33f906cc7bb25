// `ringfence run`: builds what is stale of a sample, boots it, shows its console and ends as it ends.

using System;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;

namespace Ringfence.Tool;

/// <summary>What to run and on what.</summary>
public sealed record RunSettings
{
    /// <summary>Name of the sample.</summary>
    public required string Sample { get; init; }

    /// <summary>How the image is built.</summary>
    public required ImageVariant Variant { get; init; }

    /// <summary>The machine around the processor.</summary>
    public MachineType Machine { get; init; } = MachineType.Pc;

    /// <summary>Processor model, or null for the format's default.</summary>
    public string? Processor { get; init; }

    /// <summary>Guest memory in MiB.</summary>
    public int MemoryMiB { get; init; } = QemuOptions.DefaultMemoryMiB;

    /// <summary>Whether the guest waits for a debugger.</summary>
    public bool WaitForDebugger { get; init; }

    /// <summary>When to give up on the guest; null for never.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Whether nobody asked for that limit: it is not for images that run for ever.</summary>
    public bool IsTimeLimitDefault { get; init; }
}

/// <summary>The command <c>run</c>.</summary>
public sealed class RunCommand(Repository repository, TextWriter console, TextWriter messages)
{
    /// <summary>Builds, boots and shows.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">The sample is unknown or does not build, or the emulator could not run it.</exception>
    public async Task<int> ExecuteAsync(RunSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ImageFiles files = await ImageBuild.EnsureAsync(
            repository,
            repository.FindSample(settings.Sample),
            settings.Variant,
            messages,
            cancellationToken).ConfigureAwait(false);

        ImageMap map = File.Exists(files.Map) ? ImageMap.Load(files.Map) : ImageMap.Empty;
        if (settings.WaitForDebugger)
        {
            await messages.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"ringfence: the guest waits for a debugger: gdb {files.DebugImage} -ex 'target remote localhost:{QemuOptions.DebuggerPort}'"))
                .ConfigureAwait(false);
        }

        var options = new QemuOptions
        {
            ImagePath = files.Image,
            Format = settings.Variant.Format,
            Machine = settings.Machine,
            Processor = settings.Processor,
            MemoryMiB = settings.MemoryMiB,
            WaitForDebugger = settings.WaitForDebugger,
            TimeLimit = map.RunsForever && settings.IsTimeLimitDefault ? null : settings.TimeLimit,
            SecondSerialPort = map.UsesSerialPort ? SerialConnection.PseudoTerminal : SerialConnection.None,

            // Lines are shown and forgotten; there is nothing to protect.
            ConsoleLimitBytes = long.MaxValue,
        };
        return Judge(await FollowAsync(options, map, cancellationToken).ConfigureAwait(false), settings);
    }

    private async Task<GuestExit> FollowAsync(QemuOptions options, ImageMap map, CancellationToken cancellationToken)
    {
        await using QemuMachine machine = QemuMachine.Start(options);
        await using CancellationTokenRegistration registration = cancellationToken.Register(machine.Stop);
        if (map.UsesSerialPort)
        {
            await AnnounceSerialPortAsync(machine, map).ConfigureAwait(false);
        }

        var symbolizer = new ConsoleSymbolizer(map);
        await foreach (string line in machine.ReadLinesAsync(CancellationToken.None).ConfigureAwait(false))
        {
            await console.WriteLineAsync(symbolizer.Annotate(line)).ConfigureAwait(false);
            await console.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return await machine.Ending.ConfigureAwait(false);
    }

    private async Task AnnounceSerialPortAsync(QemuMachine machine, ImageMap map)
    {
        string device;
        try
        {
            device = await machine.OpenPseudoTerminalAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (EmulatorException) when (machine.Ending.IsCompleted)
        {
            // How it ended says more.
            return;
        }

        await messages.WriteLineAsync($"ringfence: the guest's second serial port is {device}").ConfigureAwait(false);
        if (map.ConnectCommand is { } command)
        {
            await messages.WriteLineAsync($"ringfence: connect with: {command.Replace("{device}", device, StringComparison.Ordinal)}").ConfigureAwait(false);
        }
    }

    private static int Judge(GuestExit exit, RunSettings settings)
    {
        switch (exit.Kind)
        {
            case GuestExitKind.Status:
                return exit.Status;
            case GuestExitKind.TimedOut:
                throw ToolException.TimedOut($"{exit}; the emulator was ended (see --timeout)");
            case GuestExitKind.Stopped:
                return ExitStatuses.Interrupted;
            case GuestExitKind.EmulatorFailed when settings.Processor is { } processor && IsAboutProcessor(exit.Detail):
                throw ToolException.Usage($"bad value '{processor}' for --cpu: {exit.Detail} ({settings.Variant.Format.Emulator} -cpu help lists what there is)");
            default:
                throw ToolException.Failure(exit.ToString());
        }
    }

    private static bool IsAboutProcessor(string detail) =>
        detail.Contains("CPU model", StringComparison.Ordinal) || detail.Contains("-cpu.", StringComparison.Ordinal);
}
