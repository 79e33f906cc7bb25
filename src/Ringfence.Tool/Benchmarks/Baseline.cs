// The figures to compare with: another system's, measured in the same way, kept as data with their source.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Ringfence.Emulation;

namespace Ringfence.Tool.Benchmarks;

/// <summary>A figure of the baseline.</summary>
/// <param name="Value">Instructions of one operation, or bytes; what the operation of that name is measured in here.</param>
/// <param name="Note">Where conditions differ between there and here; null where they don't.</param>
public sealed record BaselineFigure(decimal Value, string? Note)
{
    /// <summary>INVLPG instructions of one operation, where they are known.</summary>
    public decimal? InvalidatedPages { get; init; }

    /// <summary>Writes of CR3, where they are known.</summary>
    public decimal? Control3Writes { get; init; }

    /// <summary>Page-table entries that have to be written at least, whoever does it, where that is known.</summary>
    public decimal? EntryWritesAtLeast { get; init; }
}

/// <summary>The baseline of every operation, format and strategy it is known for.</summary>
public sealed class Baseline
{
    private readonly Dictionary<(string Name, BenchParameters Parameters, string Format, string Strategy), BaselineFigure> _figures;

    private Baseline(string system, Dictionary<(string Name, BenchParameters Parameters, string Format, string Strategy), BaselineFigure> figures)
    {
        System = system;
        _figures = figures;
    }

    /// <summary>What was measured, in a few words.</summary>
    public string System { get; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="ToolException">It is missing, or no baseline.</exception>
    public static Baseline Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw ToolException.Failure($"cannot read the baseline {path}: {failure.Message}");
        }
    }

    /// <summary>
    /// Reads the file's text: a <c>system</c>, and <c>figures</c> with a name, parameters and, under <c>values</c>, numbers by format and strategy. Flushes
    /// and entry writes are the same for all formats.
    /// </summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="FormatException">Something is missing, of the wrong kind or there twice.</exception>
    public static Baseline Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        try
        {
            Dictionary<(string, BenchParameters, string, string), BaselineFigure> figures = [];
            foreach (JsonElement entry in document.RootElement.GetProperty("figures").EnumerateArray())
            {
                string name = entry.GetProperty("name").GetString()!;
                BenchParameters parameters = BenchParameters.Read(entry.GetProperty("parameters"));
                string? note = entry.TryGetProperty("note", out JsonElement text) ? text.GetString() : null;
                foreach (JsonProperty format in entry.GetProperty("values").EnumerateObject())
                {
                    if (!GuestFormat.TryParse(format.Name, out _))
                    {
                        throw new FormatException($"{name} {parameters} has a value for '{format.Name}', which is no format");
                    }

                    foreach (JsonProperty strategy in format.Value.EnumerateObject())
                    {
                        var figure = new BaselineFigure(strategy.Value.GetDecimal(), note)
                        {
                            InvalidatedPages = Optional(entry, "invlpg", strategy.Name),
                            Control3Writes = Optional(entry, "cr3Writes", strategy.Name),
                            EntryWritesAtLeast = Optional(entry, "entryWritesAtLeast", strategy.Name),
                        };
                        if (figure.Value < 0 || !figures.TryAdd((name, parameters, format.Name, strategy.Name), figure))
                        {
                            throw new FormatException($"the figure of {name} {parameters} for {format.Name} {strategy.Name} is negative or is there twice");
                        }
                    }
                }
            }

            return new(document.RootElement.GetProperty("system").GetString()!, figures);
        }
        catch (Exception failure) when (failure is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(failure.Message, failure);
        }
    }

    /// <summary>The baseline of an operation, or null where there is none.</summary>
    public BaselineFigure? Find(string name, BenchParameters parameters, string format, string strategy)
    {
        // There, whose a stack is can't be chosen.
        string comparable = strategy.EndsWith(ImageVariant.DomainStacksTitle, StringComparison.Ordinal) ? strategy[..^ImageVariant.DomainStacksTitle.Length] : strategy;
        return _figures.GetValueOrDefault((name, parameters, format, comparable));
    }

    private static decimal? Optional(JsonElement entry, string property, string strategy) =>
        entry.TryGetProperty(property, out JsonElement values) && values.TryGetProperty(strategy, out JsonElement value) ? value.GetDecimal() : null;
}
