// `ringfence run`: builds what is stale of a sample, boots it, shows its console and ends as it ends.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;

namespace Ringfence.Tool;

/// <summary>What to run and on what.</summary>
public sealed record RunSettings
{
    /// <summary>Name of the sample.</summary>
    public required string Sample { get; init; }

    /// <summary>Paging format of the image.</summary>
    public required GuestFormat Format { get; init; }

    /// <summary>Page-table strategy of the image.</summary>
    public required string Strategy { get; init; }

    /// <summary>Processor model, or null for the format's default.</summary>
    public string? Processor { get; init; }

    /// <summary>Guest memory in MiB.</summary>
    public int MemoryMiB { get; init; } = QemuOptions.DefaultMemoryMiB;

    /// <summary>Whether the image compares its page tables with the law at every return to user mode.</summary>
    public bool Audit { get; init; }

    /// <summary>Whether the guest waits for a debugger.</summary>
    public bool WaitForDebugger { get; init; }

    /// <summary>When to give up on the guest; null for never.</summary>
    public TimeSpan? TimeLimit { get; init; }
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
        IReadOnlyList<string> samples = repository.ListSamples();
        if (!samples.Contains(settings.Sample))
        {
            string known = samples.Count == 0 ? "there are none" : "samples are " + string.Join(", ", samples);
            throw ToolException.Usage($"unknown sample '{settings.Sample}'; {known}");
        }

        await DebianPackages.EnsureAsync(DebianPackage.Required, messages, cancellationToken).ConfigureAwait(false);
        ImageFiles files = ImageFiles.Locate(repository.Root, settings.Sample, settings.Format, settings.Audit);
        await BuildAsync(settings, files, cancellationToken).ConfigureAwait(false);

        var symbolizer = new ConsoleSymbolizer(File.Exists(files.Map) ? ImageMap.Load(files.Map) : ImageMap.Empty);
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
            Format = settings.Format,
            Processor = settings.Processor,
            MemoryMiB = settings.MemoryMiB,
            WaitForDebugger = settings.WaitForDebugger,
            TimeLimit = settings.TimeLimit,

            // Lines are shown and forgotten; there is nothing to protect.
            ConsoleLimitBytes = long.MaxValue,
        };
        GuestExit exit = await QemuMachine.RunAsync(
            options,
            line =>
            {
                console.WriteLine(symbolizer.Annotate(line));
                console.Flush();
            },
            cancellationToken).ConfigureAwait(false);
        return Judge(exit, settings);
    }

    private async Task BuildAsync(RunSettings settings, ImageFiles files, CancellationToken cancellationToken)
    {
        string[] properties =
        [
            $"RingfenceFormat={settings.Format.Name}",
            $"RingfenceStrategy={settings.Strategy}",
            $"RingfenceAudit={(settings.Audit ? "true" : "false")}",
        ];
        string stampName = $"image-{settings.Sample}-{settings.Format.Name}{(settings.Audit ? "-audit" : string.Empty)}.stamp";
        var stamp = new BuildStamp(Path.Combine(repository.StateFolder, stampName), string.Join(' ', properties), files.Image);
        await DotnetBuild.EnsureAsync(
            $"{settings.Sample} ({settings.Format.Name})",
            repository.SampleProject(settings.Sample),
            properties,
            stamp,
            repository.ImageSources(),
            messages,
            cancellationToken).ConfigureAwait(false);
        if (!File.Exists(files.Image))
        {
            throw ToolException.Failure($"the build of {settings.Sample} left no image at {files.Image}");
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
                throw ToolException.Usage($"bad value '{processor}' for --cpu: {exit.Detail} ({settings.Format.Emulator} -cpu help lists what there is)");
            default:
                throw ToolException.Failure(exit.ToString());
        }
    }

    private static bool IsAboutProcessor(string detail) =>
        detail.Contains("CPU model", StringComparison.Ordinal) || detail.Contains("-cpu.", StringComparison.Ordinal);
}
