// The bench's tables, column by column, and the ratio that they are there for.

using System;
using System.Linq;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BenchTableTests
{
    private const int ReadableWidth = 130;

    [Fact]
    public void Columns_fit_their_widest_cell_and_what_is_unknown_is_a_dash()
    {
        BenchRecord[] records =
        [
            new("null-system-call", "pae", "common", BenchParameters.None) { Instructions = 79.06m, Baseline = new(34, null) },
            new("switch", "pae", "common", new("partitions=12"))
            {
                Instructions = 33567.65m, EntryWrites = 8, InvalidatedPages = 2.06m, Control3Writes = 0, InterruptsOffInstructions = 34000,
            },
            new("add", "pae", "common", new("held=14")) { Instructions = 100, Baseline = new(200, "15 held there") },
            new("add", "pae", "common", new("held=4")) { Instructions = 100, Baseline = new(200, "15 held there") },
            new("ram", "pae", "common", new("domains=4")) { Bytes = 8192, Baseline = new(4096, null) },
            new("pool", "pae", "common", BenchParameters.None) { Bytes = 0, Baseline = new(0, null) },
            new("switch", "ia32", "common", BenchParameters.None) { Instructions = 1 },
        ];
        Assert.Equal(
            """
            pae, strategy common; baseline: Other 1.0
            operation         parameters     instructions  baseline  ratio  entries  INVLPG  CR3  IF off
            null-system-call  -                     79.06     34.00   2.33        -       -    -       -
            switch            partitions=12      33567.65         -      -        8    2.06    0   34000
            add*              held=14              100.00    200.00   0.50        -       -    -       -
            add*              held=4               100.00    200.00   0.50        -       -    -       -
            memory  parameters  bytes  baseline  ratio
            ram     domains=4    8192      4096   2.00
            pool    -               0         0      -
            * add: 15 held there

            ia32, strategy common; baseline: Other 1.0
            operation  parameters  instructions  baseline  ratio  entries  INVLPG  CR3  IF off
            switch     -                   1.00         -      -        -       -    -       -

            """,
            BenchTable.Format(records, "Other 1.0"));
    }

    [Fact]
    public void The_repositorys_own_tables_are_readable_in_130_columns()
    {
        Repository repository = new(Command.RepositoryRoot);
        string section = FiguresDocument.Section(BenchFile.Load(repository.FiguresFile), Baseline.Load(repository.BaselineFile));
        string[] rows = [.. section.Split('\n').Where(static line => !line.StartsWith('*'))];
        Assert.NotEmpty(rows);
        Assert.All(rows, static row => Assert.InRange(row.Length, 0, ReadableWidth));
    }

    [Theory]
    [InlineData(100.5, 100, 1.01)]
    [InlineData(100.4, 100, 1.00)]
    [InlineData(1, 3, 0.33)]
    public void The_ratio_is_rounded_to_two_decimals_a_half_upwards(decimal instructions, decimal baseline, decimal ratio) =>
        Assert.Equal(ratio, (new BenchRecord("a", "pae", "common", BenchParameters.None) { Instructions = instructions, Baseline = new(baseline, null) }).Ratio);
}
