// Figures as JSON: what is written can be read, and what is none is refused.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Ringfence.Tool.Benchmarks;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BenchFileTests
{
    private const string Row = """
        { "name": "switch", "format": "pae", "strategy": "common", "parameters": { "partitions": 4 }, "instructions": 1.5, "entryWrites": 8, "invlpg": null,
          "cr3Writes": null, "interruptsOffInstructions": null, "bytes": null, "baseline": 3, "reason": "first" }
        """;

    private static readonly BenchRecord s_record = new("switch", "pae", "common", new("partitions=4,sample=Fences"))
    {
        Instructions = 1.25m,
        EntryWrites = 8,
        InvalidatedPages = 4.5m,
        Control3Writes = 0,
        InterruptsOffInstructions = 99,
        Baseline = new(2, "a note"),
    };

    [Fact]
    public void A_record_has_named_parameters_and_its_commit()
    {
        Assert.Equal(
            """[{"name":"switch","format":"pae","strategy":"common","parameters":{"partitions":4,"sample":"Fences"},"instructions":1.25,"entryWrites":8,"invlpg":4.5,"cr3Writes":0,"interruptsOffInstructions":99,"bytes":null,"baseline":2,"commit":"abc"}]""",
            Written(json => BenchFile.Write(json, [s_record], "abc")));
    }

    [Fact]
    public void What_is_written_is_what_is_read_but_for_the_baseline()
    {
        KeptRecord size = new(new("ram", "ia32", "common", BenchParameters.None) { Bytes = 4096 }, "smaller");
        IReadOnlyList<KeptRecord> read = BenchFile.Parse(Written(json => BenchFile.Write(json, [new(s_record, "faster"), size])));
        Assert.Equal([new(s_record with { Baseline = null }, "faster"), size], read);
        Assert.Null(Assert.Single(BenchFile.Parse(Written(json => BenchFile.Write(json, [s_record], "abc")))).Reason);
    }

    [Fact]
    public void Two_records_of_one_operation_are_refused()
    {
        Assert.Equal("first", Assert.Single(BenchFile.Parse($"[{Row}]")).Reason);
        Assert.Contains("pae common switch partitions=4", Assert.Throws<FormatException>(() => BenchFile.Parse($"[{Row},{Row}]")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"instructions\": 1.5", "\"instructions\": null")]
    [InlineData("\"bytes\": null", "\"bytes\": 1")]
    [InlineData("\"partitions\": 4 }", "\"partitions\": 4 }, \"unused\": [")]
    [InlineData("{ \"partitions\": 4 }", "4")]
    [InlineData("\"name\"", "\"nome\"")]
    [InlineData("\"pae\"", "null")]
    [InlineData("\"invlpg\": null,", "")]
    public void What_is_missing_or_of_the_wrong_kind_is_a_failure_that_names_the_file(string place, string replacement)
    {
        Assert.Contains(place, Row, StringComparison.Ordinal);
        using ScratchFolder folder = new();
        string path = folder.Write("figures.json", $"[{Row.Replace(place, replacement, StringComparison.Ordinal)}]");
        Assert.Contains(path, Assert.Throws<ToolException>(() => BenchFile.Load(path)).Message, StringComparison.Ordinal);
    }

    private static string Written(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            write(json);
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
