// The tree of owners as text and as JSON, with the sums over each owner of regions.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace Ringfence.Tool.Reports;

/// <summary>Bytes of all regions of one owner.</summary>
/// <param name="Owner">"kernel", "shared", a component, or nobody.</param>
/// <param name="Bytes">All of them.</param>
/// <param name="PaddingBytes">How many of those hold nothing.</param>
public sealed record OwnerTotal(string Owner, ulong Bytes, ulong PaddingBytes);

/// <summary>What an image's memory is spent on.</summary>
public sealed class ImageReport
{
    private const string Nobody = "nobody";
    private const int IndentWidth = 2;

    private readonly ImageLayout _layout;

    /// <summary>Makes the report of an image.</summary>
    public ImageReport(ImageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        _layout = layout;
        Tree = OwnerTree.Build(layout);
        Dictionary<string, string> owners = layout.Regions.ToDictionary(static region => region.Name, static region => region.Owner, StringComparer.Ordinal);
        Totals = [.. Tree.Children
            .GroupBy(child => child.Kind == OwnerKind.Region ? owners[child.Name] : Nobody)
            .Select(static group => new OwnerTotal(
                group.Key,
                group.Aggregate(0UL, static (sum, child) => sum + child.Bytes),
                group.Aggregate(0UL, static (sum, child) => sum + child.PaddingBytes)))];
    }

    /// <summary>Every byte under its owner.</summary>
    public OwnerNode Tree { get; }

    /// <summary>The sums over owners of regions, in the order of addresses; they add up to the image as well.</summary>
    public IReadOnlyList<OwnerTotal> Totals { get; }

    /// <summary>The report for people: down to types, and to members where there is no type.</summary>
    public string Text()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{_layout.Name}, {_layout.Format}, strategy {_layout.Strategy}: ");
        text.Append(CultureInfo.InvariantCulture, $"{_layout.Bytes} bytes of RAM, 0x{_layout.Start:x8} to 0x{_layout.End:x8}\n\n");
        int width = Math.Max("padding".Length, Digits(_layout.Bytes).Length);
        text.Append(CultureInfo.InvariantCulture, $"{"bytes".PadLeft(width)}  {"padding".PadLeft(width)}  owner of regions\n");
        foreach (OwnerTotal total in Totals)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Digits(total.Bytes).PadLeft(width)}  {Digits(total.PaddingBytes).PadLeft(width)}  {total.Owner}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{Digits(Tree.Bytes).PadLeft(width)}  {Digits(Tree.PaddingBytes).PadLeft(width)}  total\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{"bytes".PadLeft(width)}  owner\n");
        Append(text, Tree, width, 0);
        return text.ToString();
    }

    /// <summary>Writes the report as an object, down to members.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("name", _layout.Name);
        json.WriteString("format", _layout.Format);
        json.WriteString("strategy", _layout.Strategy);
        json.WriteNumber("start", _layout.Start);
        json.WriteNumber("end", _layout.End);
        json.WriteNumber("bytes", _layout.Bytes);
        json.WriteStartArray("owners");
        foreach (OwnerTotal total in Totals)
        {
            json.WriteStartObject();
            json.WriteString("owner", total.Owner);
            json.WriteNumber("bytes", total.Bytes);
            json.WriteNumber("padding", total.PaddingBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("tree");
        Tree.WriteJson(json);
        json.WriteEndObject();
    }

    private void Append(StringBuilder text, OwnerNode node, int width, int depth)
    {
        text.Append(CultureInfo.InvariantCulture, $"{Digits(node.Bytes).PadLeft(width)}  {new string(' ', depth * IndentWidth)}{node.Name}");
        if (node.Kind == OwnerKind.Region)
        {
            LayoutRegion region = _layout.Regions.First(region => region.Name == node.Name);
            text.Append(CultureInfo.InvariantCulture, $" ({region.Rights}, 0x{region.Start:x8})");
        }

        text.Append('\n');
        if (node.Kind == OwnerKind.Type)
        {
            return;
        }

        foreach (OwnerNode child in node.Children)
        {
            Append(text, child, width, depth + 1);
        }
    }

    private static string Digits(ulong bytes) => bytes.ToString(CultureInfo.InvariantCulture);
}
