// One format and strategy measured: which images are booted, and how what they say becomes records.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Benchmarks;

/// <summary>Measures the images of one format and strategy. They are built already.</summary>
/// <param name="repositoryRoot">The checkout that holds them.</param>
/// <param name="variant">Format and strategy.</param>
public sealed class BenchRun(string repositoryRoot, ImageVariant variant)
{
    /// <summary>The image that measures operations.</summary>
    public const string OperationsImage = "Bench";

    /// <summary>The image that makes many domains, and measures while so many are there.</summary>
    public const string ManyDomainsImage = "ManyDomains";

    /// <summary>A switch from each of so many domains to the next.</summary>
    public const string SwitchName = "switch-among-domains";

    /// <summary>Bytes of the kernel's set of page tables and those of so many domains.</summary>
    public const string TablesName = "page-tables";

    /// <summary>The parameter of both: the number of domains.</summary>
    public const string DomainsParameter = "domains";

    // A run takes a fraction of a second; this is for a guest that hangs.
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(60);

    /// <summary>The emulator's arguments for counting: one nanosecond of guest time an instruction, so that the time-stamp counter counts them.</summary>
    public static IReadOnlyList<string> CountingArguments { get; } = ["-icount", "shift=0"];

    /// <summary>Domains of each image of the footprint application.</summary>
    public static IReadOnlyList<int> FootprintDomainCounts { get; } = [1, 4, 16];

    /// <summary>Numbers of domains for which both are measured.</summary>
    public static IReadOnlyList<int> ChartedDomainCounts { get; } = [2, 4, 8, 16, 32];

    /// <summary>The files of an image.</summary>
    public ImageFiles Locate(string image, bool count) => ImageFiles.Locate(repositoryRoot, image, variant with { CountsEvents = count });

    /// <summary>Measures everything.</summary>
    /// <param name="samples">Names of the samples, whose memory is measured.</param>
    /// <param name="baseline">What the records are given to be compared with.</param>
    /// <param name="messages">Receives the console of a guest that did not do its work.</param>
    /// <param name="cancellationToken">Ends the emulator.</param>
    /// <exception cref="ToolException">A run brought no figures, or the runs don't fit together.</exception>
    public async Task<IReadOnlyList<BenchRecord>> MeasureAsync(
        IReadOnlyList<string> samples, Baseline baseline, TextWriter messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(baseline);
        BenchReport plain = await BootAsync(OperationsImage, count: false, [], messages, cancellationToken).ConfigureAwait(false);
        BenchReport counted = await BootAsync(OperationsImage, count: true, [], messages, cancellationToken).ConfigureAwait(false);
        List<BenchRecord> records = [.. Merge(plain.Figures, counted.Figures)];
        if (!variant.HasDomainStacks)
        {
            await MeasureImagesAsync(records, samples, messages, cancellationToken).ConfigureAwait(false);
        }

        return [.. records.Select(record => record with { Baseline = baseline.Find(record.Name, record.Parameters, record.Format, record.Strategy) })];
    }

    // What whole images take, which whose a stack is has no part in.
    private async Task MeasureImagesAsync(List<BenchRecord> records, IReadOnlyList<string> samples, TextWriter messages, CancellationToken cancellationToken)
    {
        // No other image has a stamp at its entry. What counting takes is part of it, as the baseline's note says.
        BenchReport boot = await BootAsync(Footprint(FootprintDomainCounts[0]), count: true, [], messages, cancellationToken).ConfigureAwait(false);
        records.AddRange(boot.Figures.Select(WithInstructions));
        BenchReport manyDomains = await BootAsync(ManyDomainsImage, count: false, [], messages, cancellationToken).ConfigureAwait(false);
        records.AddRange(manyDomains.Figures.Select(WithInstructions));
        records.AddRange(manyDomains.Sizes.Select(WithBytes));
        foreach (int domainCount in FootprintDomainCounts)
        {
            string image = Footprint(domainCount);
            BenchReport sizes = await BootAsync(image, count: false, [], messages, cancellationToken).ConfigureAwait(false);
            records.Add(Memory("ram-footprint", BenchParameters.Of(DomainsParameter, domainCount), image));
            records.AddRange(sizes.Sizes.Select(WithBytes));
        }

        records.AddRange(samples.Select(sample => Memory("ram-sample", BenchParameters.Of("sample", sample), sample)));
    }

    /// <summary>Boots one image with the emulator counting instructions.</summary>
    /// <param name="image">Its name.</param>
    /// <param name="count">Whether it is the one built to count.</param>
    /// <param name="arguments">Further arguments of the emulator.</param>
    /// <param name="messages">Receives the guest's console if it did not do its work.</param>
    /// <param name="cancellationToken">Ends the emulator.</param>
    /// <exception cref="ToolException">The run brought no figures.</exception>
    public async Task<BenchReport> BootAsync(
        string image, bool count, IReadOnlyList<string> arguments, TextWriter messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var options = new QemuOptions
        {
            ImagePath = Locate(image, count).Image,
            Format = variant.Format,
            TimeLimit = s_timeLimit,
            ExtraArguments = [.. CountingArguments, .. arguments],
        };
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

    private static string Footprint(int domainCount) => $"Footprint{domainCount}";

    private IEnumerable<BenchRecord> Merge(IReadOnlyList<BenchFigure> plain, IReadOnlyList<BenchFigure> counted)
    {
        var events = counted.ToDictionary(static figure => (figure.Name, figure.Parameters));
        if (events.Count != plain.Count)
        {
            throw ToolException.Failure($"the bench failed: {plain.Count} operations were measured, and {events.Count} in the image that counts");
        }

        foreach (BenchFigure figure in plain)
        {
            if (!events.TryGetValue((figure.Name, figure.Parameters), out BenchFigure? other) || other.Events is not { } counts)
            {
                throw ToolException.Failure($"the bench failed: nothing was counted for {figure.Name} {figure.Parameters}".TrimEnd());
            }

            yield return WithInstructions(figure) with
            {
                EntryWrites = other.Each(counts.EntryWrites),
                InvalidatedPages = other.Each(counts.InvalidatedPages),
                Control3Writes = other.Each(counts.Control3Writes),
                InterruptsOffInstructions = counts.InterruptsOffInstructions,
            };
        }
    }

    private BenchRecord WithInstructions(BenchFigure figure) => Record(figure.Name, figure.Parameters) with { Instructions = figure.Each(figure.Instructions) };

    private BenchRecord WithBytes(BenchBytes size) => Record(size.Name, size.Parameters) with { Bytes = size.Bytes };

    private BenchRecord Memory(string name, BenchParameters parameters, string image) =>
        Record(name, parameters) with { Bytes = ImageLayout.Load(Locate(image, count: false).Map).Bytes };

    private BenchRecord Record(string name, BenchParameters parameters) => new(name, variant.Format.Name, variant.StrategyTitle, parameters);
}
