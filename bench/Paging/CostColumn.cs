// Columns for what a time doesn't say: how many entries an edit touched, and how often it walked.

using System;
using System.Collections.Generic;
using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Ringfence.Paging.Benchmarks;

/// <summary>One figure of an edit's cost, counted in a run of its own.</summary>
internal sealed class CostColumn(string name, string legend, Func<EditCost, int> figure) : IColumn
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IColumn> All { get; } =
    [
        new CostColumn("Written", "Entries written", static cost => cost.EntriesWritten),
        new CostColumn("Read", "Entries read", static cost => cost.EntriesRead),
        new CostColumn("Above", "Entries read above the leaf level", static cost => cost.EntriesReadAboveLeafLevel),
        new CostColumn("Walks", "Walks that began at the root", static cost => cost.WalksFromRoot),
    ];

    public string Id => "Cost." + name;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Metric;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, SummaryStyle.Default);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        EditKind kind = Enum.Parse<EditKind>(benchmarkCase.Descriptor.WorkloadMethod.Name);
        PageCount pageCount = new((nuint)(int)benchmarkCase.Parameters[nameof(EditBenchmarks<>.Pages)]);
        EditCost cost = FormatColumn.FormatOf(benchmarkCase).Measure(kind, pageCount);
        return figure(cost).ToString(CultureInfo.InvariantCulture);
    }
}
