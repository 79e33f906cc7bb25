// `ringfence report --strategies`: one application under every page-table strategy, in bytes and in what a switch costs, and which one to take.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;
using Ringfence.Tool.Strategies;

namespace Ringfence.Tool;

/// <summary>What to compare.</summary>
public sealed record StrategyReportSettings
{
    /// <summary>Name of the sample.</summary>
    public required string Sample { get; init; }

    /// <summary>The formats, in the order of their tables.</summary>
    public required IReadOnlyList<GuestFormat> Formats { get; init; }

    /// <summary>Bytes that the image may take; null for no limit.</summary>
    public ulong? RamLimit { get; init; }

    /// <summary>File for the report as JSON, or null for none.</summary>
    public string? JsonPath { get; init; }
}

/// <summary>The command <c>report --strategies</c>.</summary>
public sealed class StrategyReportCommand(Repository repository, TextWriter console, TextWriter messages)
{
    /// <summary>Builds what is stale, boots each image as far as its first component, and shows the report.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">The sample is unknown, no strategy could be measured, none fits the limit, or the file can't be written.</exception>
    public async Task<int> ExecuteAsync(StrategyReportSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ImageProject project = repository.FindSample(settings.Sample);
        StrategyReport report = new(settings.Sample, [], settings.RamLimit);
        foreach (GuestFormat format in settings.Formats)
        {
            foreach (ImageVariant variant in BenchCommand.AllVariants.Where(variant => variant.Format == format))
            {
                StrategyResult result = await MeasureAsync(project, variant, cancellationToken).ConfigureAwait(false);
                report = report with { Results = [.. report.Results, result] };
            }

            await console.WriteAsync(report.Text(format) + "\n").ConfigureAwait(false);
        }

        await console.WriteAsync(StrategyReport.Legend).ConfigureAwait(false);
        if (settings.RamLimit is null)
        {
            await console.WriteAsync($"Recommended is {StrategyAdvice.Rule}; --ram-limit asks for the fastest that fits.\n").ConfigureAwait(false);
        }

        if (settings.JsonPath is { } path)
        {
            OutputFile.WriteJson(path, report.WriteJson);
        }

        return Judge(report);
    }

    private async Task<StrategyResult> MeasureAsync(ImageProject project, ImageVariant variant, CancellationToken cancellationToken)
    {
        StrategyResult result = new(variant);
        ErrorLines errors = new(messages);
        try
        {
            ImageFiles files = await ImageBuild.EnsureAsync(repository, project, variant, errors, cancellationToken).ConfigureAwait(false);
            ImageLayout layout = ImageLayout.Load(files.Map);
            result = result with { Memory = StrategyMemory.Of(layout) };
            return result with { Switches = await SwitchProbe.MeasureAsync(files, layout, variant.Format, cancellationToken).ConfigureAwait(false) };
        }
        catch (Exception failure) when (failure is ToolException or EmulatorException)
        {
            return result with { Failure = errors.First ?? failure.Message };
        }
    }

    private static int Judge(StrategyReport report)
    {
        if (!report.Recommendations.Any())
        {
            throw ToolException.Failure($"{report.Name} could not be measured under any strategy (reasons above)");
        }

        return report.Recommendations.Any(static recommendation => recommendation.Advice.Chosen is not null)
            ? ExitStatuses.Success
            : throw ToolException.Failure($"{report.Name}: {report.Recommendations.First().Advice.Reason}");
    }
}
