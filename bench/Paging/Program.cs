// The program that `ringfence bench --paging` runs: how long edits of page tables take on this host, and what they do.

using System;
using System.Collections.Generic;
using System.Linq;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Ringfence.Paging.Benchmarks;

internal static class Program
{
    // Of times that a busy host makes longer now and then, and never shorter, many short iterations show the usual one.
    private const int WarmupCount = 5;
    private const int IterationCount = 40;

    private static int Main(string[] arguments)
    {
        if (arguments is not [var folder])
        {
            Console.Error.WriteLine("give the folder for reports");
            return 2;
        }

        // In this process: the build that BenchmarkDotNet would make for each benchmark knows nothing of this repository's.
        Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(WarmupCount).WithIterationCount(IterationCount);
        IConfig config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddLogger(NullLogger.Instance)
            .AddColumnProvider(
                new SimpleColumnProvider(new FormatColumn(), TargetMethodColumn.Method),
                DefaultColumnProviders.Params,
                new SimpleColumnProvider([StatisticColumn.Median, StatisticColumn.Min, .. CostColumn.All]))
            .AddExporter(MarkdownExporter.Console, JsonExporter.Full)
            .WithArtifactsPath(folder)
            .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
        IEnumerable<Type> benchmarks = MeasuredFormat.All.Select(static format => format.Benchmarks);
        Summary summary = BenchmarkRunner.Run([.. benchmarks], config).Single();
        MarkdownExporter.Console.ExportToLog(summary, ConsoleLogger.Ascii);
        return summary.HasCriticalValidationErrors || summary.Reports.Any(static report => !report.Success) ? 1 : 0;
    }
}
