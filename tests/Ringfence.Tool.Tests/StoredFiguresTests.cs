// When figures have got worse, on made-up ones, and what storing new figures does to the reasons of the old.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class StoredFiguresTests
{
    private static readonly BenchRecord s_operation =
        new("switch", "pae", "common", new("partitions=4")) { Instructions = 1000, EntryWrites = 8, InvalidatedPages = 4, Control3Writes = 0, InterruptsOffInstructions = 500 };

    private static readonly BenchRecord s_size = new("ram", "pae", "common", new("domains=4")) { Bytes = 4096 };

    private static readonly KeptRecord[] s_kept = [new(s_operation, "first"), new(s_size, "first")];

    [Theory]
    [InlineData(1000)]
    [InlineData(1)]
    [InlineData(1020)]
    public void Up_to_two_percent_more_instructions_are_no_regression(decimal instructions) =>
        Assert.Empty(StoredFigures.FindRegressions(s_kept, [s_operation with { Instructions = instructions }, s_size]));

    [Theory]
    [InlineData(1020.01, "+2.0 %")]
    [InlineData(1021, "+2.1 %")]
    [InlineData(2000, "+100.0 %")]
    public void More_than_two_percent_are_and_the_finding_says_what_grew_and_by_how_much(decimal instructions, string percent)
    {
        string finding = Assert.Single(StoredFigures.FindRegressions(s_kept, [s_operation with { Instructions = instructions }, s_size]));
        Assert.Equal($"pae common switch partitions=4: 1000 instructions became {instructions:0.##} ({percent}); 2 % more are allowed", finding);
    }

    [Fact]
    public void One_byte_one_flush_or_one_CR3_write_more_is_a_regression_and_fewer_are_none()
    {
        Assert.Equal(
            [
                "pae common switch partitions=4: 4 INVLPG became 4.01 (+0.25 %); none more is allowed",
                "pae common switch partitions=4: 0 CR3 writes became 1 (from nothing); none more is allowed",
                "pae common ram domains=4: 4096 bytes became 4097 (+0.02 %); none more is allowed",
            ],
            StoredFigures.FindRegressions(
                s_kept, [s_operation with { InvalidatedPages = 4.01m, Control3Writes = 1 }, s_size with { Bytes = 4097 }]));
        Assert.Empty(StoredFigures.FindRegressions(s_kept, [s_operation with { InvalidatedPages = 0 }, s_size with { Bytes = 0 }]));
    }

    [Fact]
    public void What_is_not_measured_any_more_or_not_kept_or_kept_without_a_reason_is_a_finding()
    {
        BenchRecord other = s_size with { Parameters = new("domains=16") };
        Assert.Equal(
            ["pae common ram domains=4: kept, but not measured any more", "pae common ram domains=16: measured, but not kept"],
            StoredFigures.FindRegressions(s_kept, [s_operation, other]));
        Assert.Equal(
            ["pae common switch partitions=4: INVLPG not measured any more"],
            StoredFigures.FindRegressions(s_kept, [s_operation with { InvalidatedPages = null }, s_size]));
        foreach (string? reason in new[] { null, "", " " })
        {
            Assert.Equal(
                ["pae common ram domains=4: kept without a reason"],
                StoredFigures.FindRegressions([s_kept[0], new(s_size, reason)], [s_operation, s_size]));
        }
    }

    [Fact]
    public void Images_that_were_not_measured_are_not_missed()
    {
        KeptRecord elsewhere = new(s_operation with { Format = "ia32" }, "first");
        Assert.Empty(StoredFigures.FindRegressions([.. s_kept, elsewhere], [s_operation, s_size]));
    }

    [Fact]
    public void A_new_reason_goes_to_what_is_new_or_changed_in_anything_and_the_rest_keeps_its_own()
    {
        BenchRecord added = s_size with { Parameters = new("domains=16") };
        BenchRecord changed = s_operation with { InterruptsOffInstructions = 499 };
        IReadOnlyList<KeptRecord> kept = StoredFigures.Replace(
            [new(s_operation, "first"), new(s_size, "second"), new(s_size with { Name = "gone" }, "third")],
            [changed, s_size with { Baseline = new(1, null) }, added],
            "now");
        Assert.Equal(["switch now", "ram second", "ram now"], kept.Select(static one => $"{one.Record.Name} {one.Reason}"));
        Assert.Equal(changed, kept[0].Record);
        Assert.Equal("now", Assert.Single(StoredFigures.Replace([new(s_size, null)], [s_size], "now")).Reason);
    }
}
