// The stacks in the map: what each kind has and needs, and every path with the calls that lead to its deepest place.

using System.Text.Json;
using Ringfence.ImageBuilder.StackAnalysis;

namespace Ringfence.ImageBuilder.Output;

/// <summary>Writes the result of the analysis.</summary>
internal static class StackMapWriter
{
    /// <summary>Writes the property <c>stacks</c>.</summary>
    public static void Write(Utf8JsonWriter json, ImageStacks stacks)
    {
        json.WriteStartObject("stacks");
        json.WriteStartArray("needs");
        foreach (StackNeed need in stacks.Needs)
        {
            json.WriteStartObject();
            json.WriteString("name", need.Name);
            json.WriteNumber("bytes", need.SizeInBytes);
            json.WriteNumber("neededBytes", need.NeededBytes);
            json.WriteString("deepest", need.Deepest.Name);
            json.WriteNumber("interruptBytes", need.OnTopBytes);
            json.WriteNumber("stateBytes", need.StateBytes);
            WriteProblems(json, need.Problems);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("paths");
        foreach (IGrouping<string, StackPath> alike in stacks.Paths.GroupBy(Signature))
        {
            WritePath(json, alike.First(), [.. alike.Select(static path => path.Name)]);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Most exceptions go the same way; only their stubs differ.
    private static string Signature(StackPath path) => string.Join(
        '|',
        path.Deepest.Chain.Skip(1).Select(static link => $"{link.Bytes} {link.Name}")
            .Append($"{path.Owner} {path.Kind} {path.Deepest.Bytes} {path.Interruptible?.Bytes}")
            .Append(path.Kind is StackPathKind.InterruptOfUser or StackPathKind.InterruptOfKernel or StackPathKind.SeparateStack ? "" : path.Name));

    private static void WritePath(Utf8JsonWriter json, StackPath path, IReadOnlyList<string> names)
    {
        json.WriteStartObject();
        json.WriteString("owner", path.Owner);
        json.WriteString("kind", path.Kind.ToString());
        json.WriteString("name", string.Join(", ", names));
        json.WriteNumber("bytes", path.Deepest.Bytes);
        if (path.Interruptible is { } interruptible)
        {
            json.WriteNumber("interruptibleBytes", interruptible.Bytes);
        }

        json.WriteStartArray("chain");
        foreach (ChainLink link in path.Deepest.Chain)
        {
            json.WriteStartObject();
            json.WriteString("name", link.Name);
            json.WriteNumber("bytes", link.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteProblems(json, path.Deepest.Problems);
        json.WriteEndObject();
    }

    private static void WriteProblems(Utf8JsonWriter json, IReadOnlyList<string> problems)
    {
        json.WriteStartArray("problems");
        foreach (string problem in problems)
        {
            json.WriteStringValue(problem);
        }

        json.WriteEndArray();
    }
}
