// A report read back from the JSON of an earlier one: as much as a comparison needs.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ringfence.Tool.Reports;

/// <summary>An image's report, of now or of some time ago.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="Format">Its paging format.</param>
/// <param name="Strategy">Its page-table strategy.</param>
/// <param name="Tree">Every byte under its owner.</param>
public sealed record ReportRecord(string Name, string Format, string Strategy, OwnerNode Tree)
{
    private static readonly JsonSerializerOptions s_reading = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private sealed record RecordedReport(string Name, string Format, string Strategy, ulong Bytes, ulong FileBytes, RecordedOwner Tree);

    private sealed record RecordedOwner(string Name, OwnerKind Kind, ulong Bytes, ulong FileBytes)
    {
        public IReadOnlyList<RecordedOwner> Children { get; init; } = [];
    }

    /// <summary>Reads a file that <c>report --json</c> wrote.</summary>
    /// <exception cref="ToolException">It is missing, no such file, or contradicts itself.</exception>
    public static ReportRecord Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw ToolException.Failure($"cannot read {path}: {failure.Message}");
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            throw ToolException.Failure($"{path} was not written by report --json: {failure.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="JsonException">It is no JSON, or something is missing or of the wrong kind.</exception>
    /// <exception cref="FormatException">Sums are wrong, or an owner is there twice.</exception>
    public static ReportRecord Parse(string json)
    {
        RecordedReport report = JsonSerializer.Deserialize<RecordedReport>(json, s_reading) ?? throw new FormatException("it is empty");
        OwnerNode root = new(report.Tree.Kind, report.Tree.Name);
        Fill(root, report.Tree);
        return root.Bytes == report.Bytes && root.FileBytes == report.FileBytes
            ? new(report.Name, report.Format, report.Strategy, root)
            : throw new FormatException("the owners don't add up to the image");
    }

    private static void Fill(OwnerNode node, RecordedOwner recorded)
    {
        HashSet<(OwnerKind, string)> seen = [];
        foreach (RecordedOwner child in recorded.Children)
        {
            if (!seen.Add((child.Kind, child.Name)))
            {
                throw new FormatException($"owner '{child.Name}' is there twice");
            }

            if (child.Children.Count == 0)
            {
                node.Add(child.Kind, child.Name, child.Bytes, child.FileBytes);
            }
            else
            {
                Fill(node.Child(child.Kind, child.Name), child);
            }
        }

        if (node.Bytes != recorded.Bytes || node.FileBytes != recorded.FileBytes)
        {
            throw new FormatException($"owner '{recorded.Name}' is not the sum of its parts");
        }
    }
}
