// `ringfence chart`: draws what the bench measured, page tables against switches under each strategy; nothing is built or booted.

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Ringfence.Tool.Charts;

namespace Ringfence.Tool;

/// <summary>What to draw.</summary>
public sealed record ChartSettings
{
    /// <summary>The paging format.</summary>
    public required GuestFormat Format { get; init; }

    /// <summary>File with the figures, or null for those that the repository keeps.</summary>
    public string? FiguresPath { get; init; }

    /// <summary>File for the picture, or null for the README's.</summary>
    public string? OutputPath { get; init; }
}

/// <summary>The command <c>chart</c>.</summary>
public sealed class ChartCommand(Repository repository, TextWriter console)
{
    /// <summary>Draws.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">A file cannot be read or written, or a figure is missing.</exception>
    public async Task<int> ExecuteAsync(ChartSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string output = settings.OutputPath ?? repository.ChartFile;
        OutputFile.WriteText(output, Draw(settings.FiguresPath ?? repository.FiguresFile, repository.BaselineFile, settings.Format));
        await console.WriteLineAsync(output).ConfigureAwait(false);
        return ExitStatuses.Success;
    }

    /// <summary>The picture of the figures in a file, as SVG. The same figures are the same text.</summary>
    /// <exception cref="ToolException">A file cannot be read, or a figure is missing.</exception>
    public static string Draw(string figuresPath, string baselinePath, GuestFormat format) => StrategyChart.Draw(
        StrategyCosts.Find([.. BenchFile.Load(figuresPath).Select(static kept => kept.Record)], Baseline.Load(baselinePath), format));
}
