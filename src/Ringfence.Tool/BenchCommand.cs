// `ringfence bench`: boots the images that measure, with the emulator counting instructions, and shows what they say beside the baseline.

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
    /// <summary>The images, in the order of their tables.</summary>
    public required IReadOnlyList<ImageVariant> Variants { get; init; }

    /// <summary>File for the figures as JSON, or null for none.</summary>
    public string? JsonPath { get; init; }

    /// <summary>File with figures to compare with, or null for none.</summary>
    public string? ComparePath { get; init; }

    /// <summary>Why the figures are to be kept; null if they aren't.</summary>
    public string? StoreReason { get; init; }
}

/// <summary>The command <c>bench</c>.</summary>
public sealed class BenchCommand(Repository repository, TextWriter console, TextWriter messages)
{
    /// <summary>Every format and strategy, with KPTI and without, as an application is built unless it asks for something else.</summary>
    public static IReadOnlyList<ImageVariant> AllVariants { get; } =
        [.. GuestFormat.All.SelectMany(VariantsOf)];

    /// <summary>
    /// All images that are measured and kept: those, and per-domain with stacks that are their domain's. The baseline keeps stacks apart with one set of tables only, so with a set for each domain it is these that are like it.
    /// </summary>
    public static IReadOnlyList<ImageVariant> MeasuredVariants { get; } =
        [.. AllVariants, .. GuestFormat.All.Select(static format => new ImageVariant(format) { Strategy = GuestStrategy.PerDomain, HasDomainStacks = true })];

    /// <summary>Builds, boots and shows.</summary>
    /// <returns>The exit status of the command.</returns>
    /// <exception cref="ToolException">An image does not build, a run brought no figures, or a file cannot be read or written.</exception>
    public async Task<int> ExecuteAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Baseline baseline = Baseline.Load(repository.BaselineFile);
        IReadOnlyList<KeptRecord>? before = settings.ComparePath is { } comparePath ? BenchFile.Load(comparePath) : null;
        ImageProject project = repository.BenchProject();
        List<BenchRecord> records = [];
        foreach (ImageVariant variant in settings.Variants)
        {
            _ = await ImageBuild.EnsureAsync(repository, project, variant, messages, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<BenchRecord> measured = await new BenchRun(repository.Root, variant)
                .MeasureAsync(repository.ListSamples(), baseline, messages, cancellationToken).ConfigureAwait(false);
            await console.WriteAsync((records.Count == 0 ? "" : "\n") + BenchTable.Format(measured, baseline.System)).ConfigureAwait(false);
            records.AddRange(measured);
        }

        if (before is not null)
        {
            await console.WriteLineAsync($"\nsince {settings.ComparePath}:").ConfigureAwait(false);
            foreach (string line in BenchComparison.Describe([.. before.Select(static kept => kept.Record)], records))
            {
                await console.WriteLineAsync(line).ConfigureAwait(false);
            }
        }

        if (settings.JsonPath is { } path)
        {
            string? commit = await FindCommitAsync(cancellationToken).ConfigureAwait(false);
            OutputFile.WriteJson(path, json => BenchFile.Write(json, records, commit));
        }

        if (settings.StoreReason is { } reason)
        {
            Store(records, reason, baseline);
        }

        return ExitStatuses.Success;
    }

    private static IEnumerable<ImageVariant> VariantsOf(GuestFormat format)
    {
        foreach (GuestStrategy strategy in GuestStrategy.All)
        {
            yield return new(format) { Strategy = strategy };
            if (strategy.SupportsKpti)
            {
                yield return new(format) { Strategy = strategy, HasKpti = true };
            }
        }
    }

    private void Store(IReadOnlyList<BenchRecord> records, string reason, Baseline baseline)
    {
        IReadOnlyList<KeptRecord> old = File.Exists(repository.FiguresFile) ? BenchFile.Load(repository.FiguresFile) : [];
        IReadOnlyList<KeptRecord> kept = StoredFigures.Replace(old, records, reason);
        FiguresDocument.Replace(repository.FiguresDocument, FiguresDocument.Section(kept, baseline));
        OutputFile.WriteJson(repository.FiguresFile, json => BenchFile.Write(json, kept));
    }

    // The commit, with "-dirty" when the checkout differs from it; null where git doesn't know.
    private async Task<string?> FindCommitAsync(CancellationToken cancellationToken)
    {
        if (!ChildProcess.IsInstalled("git"))
        {
            return null;
        }

        StringWriter output = new();
        string[] arguments = ["-C", repository.Root, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
        int status = await ChildProcess.RunAsync("git", arguments, output, cancellationToken).ConfigureAwait(false);
        return status == 0 ? output.ToString().Trim() : null;
    }
}
