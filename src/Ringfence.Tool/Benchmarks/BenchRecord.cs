// A figure beside its baseline: what the table shows and what the JSON file holds.

using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Ringfence.Tool.Benchmarks;

/// <summary>A figure of one image with its baseline.</summary>
/// <param name="Format">Paging format of the image.</param>
/// <param name="Strategy">Page-table strategy of the image.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="Baseline">What it is compared with; null where there is nothing.</param>
public sealed record BenchRecord(string Format, string Strategy, BenchFigure Figure, BaselineFigure? Baseline)
{
    /// <summary>Instructions by the baseline's, rounded to two decimals: below 1 is better. Null without a baseline.</summary>
    public decimal? Ratio =>
        Baseline is null ? null : Math.Round(Figure.Instructions / Baseline.Instructions, 2, MidpointRounding.AwayFromZero);

    /// <summary>Writes records as an array.</summary>
    public static void WriteJson(Utf8JsonWriter json, IEnumerable<BenchRecord> records)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(records);
        json.WriteStartArray();
        foreach (BenchRecord record in records)
        {
            json.WriteStartObject();
            json.WriteString("name", record.Figure.Name);
            json.WriteString("format", record.Format);
            json.WriteString("strategy", record.Strategy);
            json.WriteNumber("parameter", record.Figure.Parameter);
            json.WriteNumber("instructions", record.Figure.Instructions);
            WriteNumber(json, "baseline", record.Baseline?.Instructions);
            WriteNumber(json, "ratio", record.Ratio);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string property, decimal? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(property, number);
        }
        else
        {
            json.WriteNull(property);
        }
    }
}
