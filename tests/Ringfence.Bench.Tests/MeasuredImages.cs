// The real images, measured once for all tests of a format.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Bench.Tests;

/// <summary>What is measured, and what is kept.</summary>
internal static class MeasuredImages
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<BenchRecord>>>> s_records = new();

    /// <summary>The checkout.</summary>
    public static Repository Repository { get; } = new(typeof(MeasuredImages).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "RepositoryRoot").Value!);

    /// <summary>Every format and strategy, with KPTI and without.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> All => Rows(BenchCommand.AllVariants);

    /// <summary>Those, and what is measured of operations alone.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> AllMeasured => Rows(BenchCommand.MeasuredVariants);

    /// <summary>The figures to compare with.</summary>
    public static Baseline Baseline { get; } = Baseline.Load(Repository.BaselineFile);

    /// <summary>The figures that are kept.</summary>
    public static IReadOnlyList<KeptRecord> Kept { get; } = BenchFile.Load(Repository.FiguresFile);

    /// <summary>Boots the images of one format and strategy.</summary>
    public static BenchRun Run(string format, string strategy) =>
        new(Repository.Root, BenchCommand.MeasuredVariants.Single(variant => variant.Format.Name == format && variant.StrategyTitle == strategy));

    /// <summary>What the images of one format and strategy measured, as the command has it.</summary>
    public static Task<IReadOnlyList<BenchRecord>> MeasureAsync(string format, string strategy) =>
        s_records.GetOrAdd(
            $"{format} {strategy}",
            _ => new(() => Run(format, strategy).MeasureAsync(Repository.ListSamples(), Baseline, TextWriter.Null, CancellationToken.None))).Value;

    private static IEnumerable<TheoryDataRow<string, string>> Rows(IEnumerable<ImageVariant> variants) =>
        variants.Select(static variant => new TheoryDataRow<string, string>(variant.Format.Name, variant.StrategyTitle));
}
