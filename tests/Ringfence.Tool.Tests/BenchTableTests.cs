// The bench's table, column by column, and the ratio that it is there for.

using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BenchTableTests
{
    [Fact]
    public void Columns_fit_their_widest_cell_and_what_is_unknown_is_a_dash()
    {
        BenchRecord[] records =
        [
            new("pae", "common", new("null-system-call", 0, 79.06m), new(34, null)),
            new("pae", "common", new("switch", 12, 33567.65m), null),
            new("pae", "common", new("add", 14, 100), new(200, "15 held there")),
        ];
        Assert.Equal(
            """
            pae, strategy common; baseline: Other 1.0
            operation         parameter  instructions  baseline  ratio
            null-system-call          -         79.06     34.00   2.33
            switch                   12      33567.65         -      -
            add*                     14        100.00    200.00   0.50
            add* 14: 15 held there

            """,
            BenchTable.Format(records, "Other 1.0"));
    }

    [Theory]
    [InlineData(100.5, 100, 1.01)]
    [InlineData(100.4, 100, 1.00)]
    [InlineData(1, 3, 0.33)]
    public void The_ratio_is_rounded_to_two_decimals_a_half_upwards(decimal instructions, decimal baseline, decimal ratio) =>
        Assert.Equal(ratio, new BenchRecord("pae", "common", new("a", 0, instructions), new(baseline, null)).Ratio);
}
