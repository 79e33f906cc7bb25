// What an operation was measured with: names and values, in an order that is the operation's own.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Ringfence.Tool.Benchmarks;

/// <summary>Named parameters; equal when names, values and order are.</summary>
/// <param name="Text"><c>NAME=VALUE,NAME=VALUE</c>; empty for none.</param>
public readonly record struct BenchParameters(string Text)
{
    /// <summary>No parameters.</summary>
    public static BenchParameters None { get; } = new(string.Empty);

    private IEnumerable<string[]> Pairs => Text.Length == 0 ? [] : Text.Split(',').Select(static pair => pair.Split('='));

    /// <summary>A single parameter.</summary>
    public static BenchParameters Of(string name, object value) => new(string.Create(CultureInfo.InvariantCulture, $"{name}={value}"));

    /// <summary>Reads what the bench image writes: a dash for none.</summary>
    public static bool TryParse(string text, out BenchParameters parameters)
    {
        parameters = text == "-" ? None : new(text);
        return parameters.Pairs.All(static pair => pair is [{ Length: > 0 }, { Length: > 0 }]);
    }

    /// <summary>Reads an object with numbers and strings.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static BenchParameters Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"parameters are no object: {json}");
        }

        return new(string.Join(',', json.EnumerateObject().Select(static property => $"{property.Name}={property.Value}")));
    }

    /// <summary>Writes an object; what looks like a number is one.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (string[] pair in Pairs)
        {
            if (int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                json.WriteNumber(pair[0], number);
            }
            else
            {
                json.WriteString(pair[0], pair[1]);
            }
        }

        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
