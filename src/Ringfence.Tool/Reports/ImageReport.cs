// The tree of owners as text and as JSON, with the sums over each owner of regions.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace Ringfence.Tool.Reports;

/// <summary>Bytes of all regions of one owner.</summary>
/// <param name="Owner">"kernel", "shared", a component, the file's own format, or nobody.</param>
/// <param name="Bytes">All of memory.</param>
/// <param name="PaddingBytes">How many of those hold nothing.</param>
/// <param name="FileBytes">All of the file.</param>
public sealed record OwnerTotal(string Owner, ulong Bytes, ulong PaddingBytes, ulong FileBytes);

/// <summary>What an image's memory and file are spent on.</summary>
public sealed class ImageReport
{
    private const string Nobody = "nobody";
    private const string FileFormat = "file format";

    private readonly ImageLayout _layout;

    /// <summary>Makes the report of an image.</summary>
    public ImageReport(ImageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        _layout = layout;
        Tree = OwnerTree.Build(layout);
        Dictionary<string, string> owners = layout.Regions.ToDictionary(static region => region.Name, static region => region.Owner, StringComparer.Ordinal);
        Totals = [.. Tree.Children
            .GroupBy(child => child.Kind switch
            {
                OwnerKind.Region => owners[child.Name],
                OwnerKind.FileFormat => FileFormat,
                _ => Nobody,
            })
            .Select(static group => new OwnerTotal(
                group.Key,
                group.Aggregate(0UL, static (sum, child) => sum + child.Bytes),
                group.Aggregate(0UL, static (sum, child) => sum + child.PaddingBytes),
                group.Aggregate(0UL, static (sum, child) => sum + child.FileBytes)))];
    }

    /// <summary>Every byte under its owner.</summary>
    public OwnerNode Tree { get; }

    /// <summary>The sums over owners of regions, in the order of addresses; they add up to the image and its file as well.</summary>
    public IReadOnlyList<OwnerTotal> Totals { get; }

    /// <summary>What a comparison with another image needs of it; the JSON holds no less.</summary>
    public ReportRecord Record => new(_layout.Name, _layout.Format, _layout.Strategy, Tree);

    /// <summary>The report for people: down to types, and to members where there is no type.</summary>
    public string Text()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{_layout.Name}, {_layout.Format}, strategy {_layout.Strategy}: ");
        text.Append(CultureInfo.InvariantCulture, $"{_layout.Bytes} bytes of RAM, 0x{_layout.Start:x8} to 0x{_layout.End:x8}; ");
        text.Append(CultureInfo.InvariantCulture, $"the file has {_layout.File.Bytes} bytes\n\n");
        int width = Math.Max("padding".Length, Math.Max(Digits(_layout.Bytes).Length, Digits(_layout.File.Bytes).Length));
        text.AppendTableRow(width, ["RAM", "padding", "file"], 0, "owner of regions");
        foreach (OwnerTotal total in Totals)
        {
            text.AppendTableRow(width, [Digits(total.Bytes), Digits(total.PaddingBytes), Digits(total.FileBytes)], 0, total.Owner);
        }

        text.AppendTableRow(width, [Digits(Tree.Bytes), Digits(Tree.PaddingBytes), Digits(Tree.FileBytes)], 0, "total");
        text.Append('\n');
        AppendPageTables(text);
        text.AppendTableRow(width, ["RAM", "file"], 0, "owner");
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
        json.WriteNumber("fileBytes", _layout.File.Bytes);
        json.WriteStartArray("owners");
        foreach (OwnerTotal total in Totals)
        {
            json.WriteStartObject();
            json.WriteString("owner", total.Owner);
            json.WriteNumber("bytes", total.Bytes);
            json.WriteNumber("padding", total.PaddingBytes);
            json.WriteNumber("fileBytes", total.FileBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("pageTables");
        foreach (LayoutTableCost cost in _layout.PageTables.Strategies)
        {
            json.WriteStartObject();
            json.WriteString("strategy", cost.Strategy);
            json.WriteNumber("kernelBytes", cost.KernelBytes);
            json.WriteNumber("domains", cost.Domains);
            json.WriteNumber("domainBytes", cost.DomainBytes);
            json.WriteNumber("totalBytes", cost.TotalBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("tree");
        Tree.WriteJson(json);
        json.WriteEndObject();
    }

    private void AppendPageTables(StringBuilder text)
    {
        IReadOnlyList<LayoutTableCost> costs = _layout.PageTables.Strategies;
        if (costs.Count == 0)
        {
            return;
        }

        int width = Math.Max("a domain".Length, costs.Max(static cost => Digits(cost.TotalBytes).Length));
        text.AppendTableRow(width, ["kernel", "a domain", "domains", "total"], 0, "page tables, bytes under the strategy");
        foreach (LayoutTableCost cost in costs)
        {
            string mark = cost.Strategy == _layout.Strategy ? ", which this image has" : "";
            text.AppendTableRow(
                width, [Digits(cost.KernelBytes), Digits(cost.DomainBytes), Digits(cost.Domains), Digits(cost.TotalBytes)], 0, cost.Strategy + mark);
        }

        text.Append('\n');
    }

    private void Append(StringBuilder text, OwnerNode node, int width, int depth)
    {
        string name = node.Name;
        if (node.Kind == OwnerKind.Region)
        {
            LayoutRegion region = _layout.Regions.First(region => region.Name == node.Name);
            name = string.Create(CultureInfo.InvariantCulture, $"{name} ({region.Rights}, 0x{region.Start:x8})");
        }

        text.AppendTableRow(width, [Digits(node.Bytes), Digits(node.FileBytes)], depth, name);
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
