// The symbols of an image, read from the map that the build leaves beside it, for turning addresses into method names.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Ringfence.Emulation;

/// <summary>A named piece of an image.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Size">Its length in bytes; 0 where the map does not know it.</param>
/// <param name="Name">The method's name with its type, or the symbol's own name where it is no method.</param>
/// <param name="IsMethod">Whether it is the code of a C# method.</param>
public sealed record ImageSymbol(ulong Address, ulong Size, string Name, bool IsMethod);

/// <summary>An image's symbols, ordered by address, and what running it takes.</summary>
public sealed class ImageMap
{
    private readonly List<ImageSymbol> _symbols;

    private ImageMap(List<ImageSymbol> symbols)
    {
        // Methods last among equals: the search looks at those first.
        _symbols = [.. symbols.OrderBy(static symbol => symbol.Address).ThenBy(static symbol => symbol.IsMethod)];
    }

    /// <summary>Whether a component of the image uses a serial port besides the console's.</summary>
    public bool UsesSerialPort { get; private init; }

    /// <summary>Whether the image ends only when it is ended from outside.</summary>
    public bool RunsForever { get; private init; }

    /// <summary>How to reach that serial port, <c>{device}</c> standing for the device; null if the image's project says nothing.</summary>
    public string? ConnectCommand { get; private init; }

    /// <summary>A map without symbols: it resolves nothing.</summary>
    public static ImageMap Empty { get; } = new([]);

    /// <summary>Reads the map file of an image.</summary>
    /// <exception cref="EmulatorException">The file is missing or is no map.</exception>
    public static ImageMap Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw new EmulatorException($"cannot read the map {path}: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a map's text.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="FormatException">A symbol lacks its name or address, or the address is no number.</exception>
    public static ImageMap Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("symbols", out JsonElement list)
            || list.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("the map has no list 'symbols'");
        }

        var symbols = new List<ImageSymbol>(list.GetArrayLength());
        foreach (JsonElement entry in list.EnumerateArray())
        {
            string? method = Text(entry, "method");
            string name = method ?? Text(entry, "name") ?? throw new FormatException($"a symbol has no name: {entry}");
            ulong address = Number(entry, "address") ?? throw new FormatException($"symbol '{name}' has no address");
            symbols.Add(new(address, Number(entry, "size") ?? 0, name, method is not null));
        }

        return new(symbols)
        {
            UsesSerialPort = document.RootElement.TryGetProperty("objects", out JsonElement objects)
                && objects.EnumerateArray().Any(static entry => Text(entry, "kind") == "SerialPort"),
            RunsForever = document.RootElement.TryGetProperty("runsForever", out JsonElement runsForever) && runsForever.ValueKind == JsonValueKind.True,
            ConnectCommand = Text(document.RootElement, "connectCommand"),
        };
    }

    /// <summary>
    /// The symbol that holds <paramref name="address"/>: the nearest one at or below it, unless its size is known and ends before. Null if
    /// there is none. Where several begin at one address, a method is preferred.
    /// </summary>
    public ImageSymbol? Find(ulong address)
    {
        int low = 0;
        int high = _symbols.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_symbols[middle].Address <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        for (int index = low - 1; index >= 0 && _symbols[index].Address == _symbols[low - 1].Address; index--)
        {
            ImageSymbol symbol = _symbols[index];
            if (symbol.Size == 0 || address - symbol.Address < symbol.Size)
            {
                return symbol;
            }
        }

        return null;
    }

    private static string? Text(JsonElement entry, string property) =>
        entry.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    private static ulong? Number(JsonElement entry, string property)
    {
        if (!entry.TryGetProperty(property, out JsonElement value))
        {
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Number when value.TryGetUInt64(out ulong number):
                return number;
            case JsonValueKind.String:
                string text = value.GetString()!;
                return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                    ? ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                    : ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
            case JsonValueKind.Null:
                return null;
            default:
                throw new FormatException($"'{property}' is no number: {value}");
        }
    }
}
