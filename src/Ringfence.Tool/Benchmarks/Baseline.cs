// The figures to compare with: another system's, measured in the same way, kept as data with their source.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Ringfence.Emulation;

namespace Ringfence.Tool.Benchmarks;

/// <summary>A figure of the baseline.</summary>
/// <param name="Instructions">Instructions of one operation.</param>
/// <param name="Note">Where its conditions differ from ours; null where they don't.</param>
public sealed record BaselineFigure(decimal Instructions, string? Note);

/// <summary>The baseline of every operation, parameter and format it is known for.</summary>
public sealed class Baseline
{
    private readonly Dictionary<(string Name, int Parameter, string Format), BaselineFigure> _figures;

    private Baseline(string system, Dictionary<(string Name, int Parameter, string Format), BaselineFigure> figures)
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

    /// <summary>Reads the file's text: a <c>system</c>, and <c>figures</c> with a name, a parameter and one number for each format.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="FormatException">Something is missing, of the wrong kind or there twice.</exception>
    public static Baseline Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        try
        {
            Dictionary<(string, int, string), BaselineFigure> figures = [];
            foreach (JsonElement entry in document.RootElement.GetProperty("figures").EnumerateArray())
            {
                string name = entry.GetProperty("name").GetString()!;
                int parameter = entry.GetProperty("parameter").GetInt32();
                string? note = entry.TryGetProperty("note", out JsonElement text) ? text.GetString() : null;
                foreach (GuestFormat format in GuestFormat.All)
                {
                    var figure = new BaselineFigure(entry.GetProperty(format.Name).GetDecimal(), note);
                    if (figure.Instructions <= 0 || !figures.TryAdd((name, parameter, format.Name), figure))
                    {
                        throw new FormatException($"the figure of {name} {parameter} for {format.Name} is not positive or is there twice");
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
    public BaselineFigure? Find(BenchFigure figure, GuestFormat format)
    {
        ArgumentNullException.ThrowIfNull(figure);
        ArgumentNullException.ThrowIfNull(format);
        return _figures.GetValueOrDefault((figure.Name, figure.Parameter, format.Name));
    }
}
