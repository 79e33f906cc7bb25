// `ringfence stacks`: how deep every stack of an image can get and by which calls, from the map that the build left.

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool;

/// <summary>Whose stacks to show.</summary>
public sealed record StacksSettings
{
    /// <summary>Name of the sample.</summary>
    public required string Sample { get; init; }

    /// <summary>How the image is built.</summary>
    public required ImageVariant Variant { get; init; }

    /// <summary>File for the report as JSON, or null for none.</summary>
    public string? JsonPath { get; init; }
}

/// <summary>The command <c>stacks</c>.</summary>
public sealed class StacksCommand(Repository repository, TextWriter console, TextWriter messages)
{
    /// <summary>Builds what is stale and shows the report; nothing is booted.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">The sample is unknown or does not build, or its map can't be read.</exception>
    public async Task<int> ExecuteAsync(StacksSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ImageFiles files = await ImageBuild.EnsureAsync(
            repository,
            repository.FindSample(settings.Sample),
            settings.Variant,
            messages,
            cancellationToken).ConfigureAwait(false);
        StackReport report = new(ImageLayout.Load(files.Map));
        await console.WriteAsync(report.Text()).ConfigureAwait(false);
        if (settings.JsonPath is { } path)
        {
            OutputFile.WriteJson(path, report.WriteJson);
        }

        return ExitStatuses.Success;
    }
}
