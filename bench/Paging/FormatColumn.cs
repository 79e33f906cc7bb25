// The formats that are measured, by the names that everything else here calls them.

using System;
using System.Collections.Generic;
using System.Linq;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Ringfence.Paging.Benchmarks;

/// <summary>A format: its name, its benchmarks, and its way of counting.</summary>
internal sealed record MeasuredFormat(string Name, Type Benchmarks, Func<EditKind, PageCount, EditCost> Measure)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<MeasuredFormat> All { get; } = [Of<FourLevelFormat>("x86-64"), Of<PaeFormat>("pae"), Of<Ia32Format>("ia32")];

    private static MeasuredFormat Of<TFormat>(string name)
        where TFormat : struct, IPagingFormat =>
        new(name, typeof(EditBenchmarks<TFormat>), EditCost.Measure<TFormat>);
}

/// <summary>The column that names the format.</summary>
internal sealed class FormatColumn : IColumn
{
    public string Id => nameof(FormatColumn);

    public string ColumnName => "Format";

    public string Legend => "Paging format";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Job;

    public int PriorityInCategory => 0;

    public bool IsNumeric => false;

    public UnitType UnitType => UnitType.Dimensionless;

    /// <summary>The format that a case measures.</summary>
    public static MeasuredFormat FormatOf(BenchmarkCase benchmarkCase) =>
        MeasuredFormat.All.Single(format => format.Benchmarks == benchmarkCase.Descriptor.Type);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => FormatOf(benchmarkCase).Name;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => FormatOf(benchmarkCase).Name;
}
