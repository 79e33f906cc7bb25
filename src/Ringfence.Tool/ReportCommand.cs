// `ringfence report`: what every byte of an image's memory and file is spent on, from the map that the build left, and what changed since another report.

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool;

/// <summary>What to report on.</summary>
public sealed record ReportSettings
{
    /// <summary>Name of the sample.</summary>
    public required string Sample { get; init; }

    /// <summary>How the image is built.</summary>
    public required ImageVariant Variant { get; init; }

    /// <summary>File for the report as JSON, or null for none.</summary>
    public string? JsonPath { get; init; }

    /// <summary>File with an earlier report to compare with, or null for none.</summary>
    public string? ComparePath { get; init; }
}

/// <summary>The command <c>report</c>.</summary>
public sealed class ReportCommand(Repository repository, TextWriter console, TextWriter messages)
{
    /// <summary>Builds what is stale and shows the report; nothing is booted.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">The sample is unknown or does not build, or its map or the earlier report can't be read.</exception>
    public async Task<int> ExecuteAsync(ReportSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);

        // Before the build, which takes its time; and before the same file may be written.
        ReportRecord? earlier = settings.ComparePath is { } comparePath ? ReportRecord.Load(comparePath) : null;
        ImageFiles files = await ImageBuild.EnsureAsync(
            repository,
            repository.FindSample(settings.Sample),
            settings.Variant,
            messages,
            cancellationToken).ConfigureAwait(false);
        ImageReport report = new(ImageLayout.Load(files.Map));
        await console.WriteAsync(earlier is null ? report.Text() : ReportComparison.Text(earlier, report.Record)).ConfigureAwait(false);
        if (settings.JsonPath is { } path)
        {
            OutputFile.WriteJson(path, report.WriteJson);
        }

        return ExitStatuses.Success;
    }
}
