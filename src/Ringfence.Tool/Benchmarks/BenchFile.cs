// Records as JSON: what --json writes, --compare reads and the repository keeps.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Ringfence.Tool.Benchmarks;

/// <summary>A record that was kept, and why its figures are what they are.</summary>
/// <param name="Record">The record; without a baseline, which has a file of its own.</param>
/// <param name="Reason">The reason for its last change; null in files that keep none.</param>
public sealed record KeptRecord(BenchRecord Record, string? Reason);

/// <summary>Reads and writes records.</summary>
public static class BenchFile
{
    private const string Reason = "reason";

    /// <summary>Writes records as an array, with the commit they were measured at.</summary>
    /// <param name="json">Receives the array.</param>
    /// <param name="records">The records.</param>
    /// <param name="commit">The commit; null if it is not known.</param>
    public static void Write(Utf8JsonWriter json, IEnumerable<BenchRecord> records, string? commit) =>
        Write(json, records, _ => json.WriteString("commit", commit));

    /// <summary>Writes records as an array, with the reason for the last change of each.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<KeptRecord> kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        Dictionary<BenchRecord, string?> reasons = kept.ToDictionary(static one => one.Record, static one => one.Reason);
        Write(json, reasons.Keys, record => json.WriteString(Reason, reasons[record]));
    }

    /// <summary>Reads a file with such an array.</summary>
    /// <exception cref="ToolException">It is missing or holds something else.</exception>
    public static IReadOnlyList<KeptRecord> Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw ToolException.Failure($"cannot read figures from {path}: {failure.Message}");
        }
    }

    /// <summary>Reads such an array.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="FormatException">Something is missing, of the wrong kind or there twice.</exception>
    public static IReadOnlyList<KeptRecord> Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        try
        {
            KeptRecord[] records = [.. document.RootElement.EnumerateArray().Select(Read)];
            foreach (KeptRecord repeated in records.GroupBy(static kept => kept.Record.Key).Where(static group => group.Count() > 1).Select(static group => group.First()))
            {
                throw new FormatException($"{repeated.Record.Title} is there twice");
            }

            return records;
        }
        catch (Exception failure) when (failure is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(failure.Message, failure);
        }
    }

    private static KeptRecord Read(JsonElement json)
    {
        BenchRecord record = new(Text("name"), Text("format"), Text("strategy"), BenchParameters.Read(json.GetProperty("parameters")))
        {
            Instructions = Number("instructions"),
            EntryWrites = Number("entryWrites"),
            InvalidatedPages = Number("invlpg"),
            Control3Writes = Number("cr3Writes"),
            InterruptsOffInstructions = Number("interruptsOffInstructions"),
            Bytes = Number("bytes"),
        };
        if ((record.Instructions is null) == (record.Bytes is null))
        {
            throw new FormatException($"{record.Title} needs either instructions or bytes");
        }

        return new(record, json.TryGetProperty(Reason, out JsonElement reason) ? reason.GetString() : null);

        string Text(string property) => json.GetProperty(property).GetString() ?? throw new FormatException($"{property} is null in {json}");

        decimal? Number(string property) =>
            json.GetProperty(property) is { ValueKind: not JsonValueKind.Null } value ? value.GetDecimal() : null;
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<BenchRecord> records, Action<BenchRecord> writeLast)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartArray();
        foreach (BenchRecord record in records)
        {
            json.WriteStartObject();
            json.WriteString("name", record.Name);
            json.WriteString("format", record.Format);
            json.WriteString("strategy", record.Strategy);
            json.WritePropertyName("parameters");
            record.Parameters.Write(json);
            WriteNumber(json, "instructions", record.Instructions);
            WriteNumber(json, "entryWrites", record.EntryWrites);
            WriteNumber(json, "invlpg", record.InvalidatedPages);
            WriteNumber(json, "cr3Writes", record.Control3Writes);
            WriteNumber(json, "interruptsOffInstructions", record.InterruptsOffInstructions);
            WriteNumber(json, "bytes", record.Bytes);
            WriteNumber(json, "baseline", record.Baseline?.Value);
            writeLast(record);
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
