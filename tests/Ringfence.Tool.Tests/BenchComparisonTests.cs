// What `bench --compare` says about two sets of figures.

using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BenchComparisonTests
{
    private static readonly BenchRecord s_operation =
        new("switch", "pae", "common", new("partitions=4")) { Instructions = 1000, EntryWrites = 8, InvalidatedPages = 4, Control3Writes = 0, InterruptsOffInstructions = 500 };

    private static readonly BenchRecord s_size = new("ram", "pae", "common", new("domains=4")) { Bytes = 4096 };

    [Fact]
    public void Everything_that_changed_is_named_with_both_values_and_percent() => Assert.Equal(
        [
            "pae common switch partitions=4: instructions 1000 to 1250.5 (+25.05 %); entry writes 8 to 6 (-25.0 %); INVLPG 4 to 0 (-100.0 %); CR3 writes 0 to 1 (from nothing); instructions with interrupts off 500 to 505 (+1.0 %)",
            "pae common ram domains=4: bytes 4096 to 4000 (-2.34 %)",
        ],
        BenchComparison.Describe(
            [s_operation, s_size],
            [
                s_operation with { Instructions = 1250.5m, EntryWrites = 6, InvalidatedPages = 0, Control3Writes = 1, InterruptsOffInstructions = 505 },
                s_size with { Bytes = 4000 },
            ]));

    [Fact]
    public void New_and_vanished_operations_are_named_and_other_formats_are_not_missed() => Assert.Equal(
        ["pae common join: new, 7 instructions", "pae common ram domains=4: vanished, was 4096 bytes"],
        BenchComparison.Describe(
            [s_operation, s_size, s_size with { Format = "ia32" }],
            [s_operation, new("join", "pae", "common", BenchParameters.None) { Instructions = 7 }]));

    [Fact]
    public void A_count_that_there_was_not_is_a_change() => Assert.Equal(
        ["pae common switch partitions=4: INVLPG not counted to 4"],
        BenchComparison.Describe([s_operation with { InvalidatedPages = null }], [s_operation]));

    [Fact]
    public void No_change_is_said_too() => Assert.Equal(["nothing changed"], BenchComparison.Describe([s_operation], [s_operation with { Baseline = new(1, null) }]));
}
