// `ringfence bench`: boots the image that measures, with the emulator counting instructions, and shows its figures beside the baseline's.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;

namespace Ringfence.Tool;

/// <summary>What to measure.</summary>
public sealed record BenchSettings
{
    /// <summary>Paging formats, in the order of their tables.</summary>
    public required IReadOnlyList<GuestFormat> Formats { get; init; }

    /// <summary>File for the figures as JSON, or null for none.</summary>
    public string? JsonPath { get; init; }
}

/// <summary>The command <c>bench</c>.</summary>
public sealed class BenchCommand(Repository repository, TextWriter console, TextWriter messages)
{
    // The only one there is.
    private const string Strategy = "common";

    // A run takes a fraction of a second; this is for a guest that hangs.
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(60);

    /// <summary>The emulator's arguments for counting: one nanosecond of guest time an instruction, so that the time-stamp counter counts them.</summary>
    public static IReadOnlyList<string> CountingArguments { get; } = ["-icount", "shift=0"];

    /// <summary>Builds, boots and shows.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">The image does not build, or a run brought no figures.</exception>
    public async Task<int> ExecuteAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Baseline baseline = Baseline.Load(repository.BaselineFile);
        ImageProject project = repository.BenchProject();
        List<BenchRecord> records = [];
        foreach (GuestFormat format in settings.Formats)
        {
            ImageFiles files = await ImageBuild.EnsureAsync(repository, project, new(format, Strategy, Audit: false), messages, cancellationToken)
                .ConfigureAwait(false);
            IReadOnlyList<BenchFigure> figures = await MeasureAsync(files, format, cancellationToken).ConfigureAwait(false);
            BenchRecord[] measured = [.. figures.Select(figure => new BenchRecord(format.Name, Strategy, figure, baseline.Find(figure, format)))];
            await console.WriteAsync((records.Count == 0 ? "" : "\n") + BenchTable.Format(measured, baseline.System)).ConfigureAwait(false);
            records.AddRange(measured);
        }

        if (settings.JsonPath is { } path)
        {
            OutputFile.WriteJson(path, json => BenchRecord.WriteJson(json, records));
        }

        return ExitStatuses.Success;
    }

    private async Task<IReadOnlyList<BenchFigure>> MeasureAsync(ImageFiles files, GuestFormat format, CancellationToken cancellationToken)
    {
        var options = new QemuOptions { ImagePath = files.Image, Format = format, TimeLimit = s_timeLimit, ExtraArguments = CountingArguments };
        BenchConsole guest = new();
        GuestExit exit = await QemuMachine.RunAsync(options, guest.Add, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return guest.Complete(exit);
        }
        catch (ToolException)
        {
            // What the machine said about its end is all there is to go by.
            foreach (string line in guest.Lines)
            {
                await messages.WriteLineAsync(line).ConfigureAwait(false);
            }

            throw;
        }
    }
}
