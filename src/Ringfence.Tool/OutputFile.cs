// Files that a command writes because it was asked to (--json): what goes wrong with one is a line, not a defect.

using System;
using System.IO;
using System.Text;
using System.Text.Json;

namespace Ringfence.Tool;

/// <summary>Writes results for other programs.</summary>
public static class OutputFile
{
    private static readonly JsonWriterOptions s_layout = new() { Indented = true, NewLine = "\n" };

    /// <summary>Writes a JSON file. What fails while the value is made leaves an existing file as it was.</summary>
    /// <param name="path">Where to; an existing file is replaced.</param>
    /// <param name="write">Writes one value.</param>
    /// <exception cref="ToolException">The file cannot be written.</exception>
    public static void WriteJson(string path, Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using MemoryStream content = new();
        using (Utf8JsonWriter json = new(content, s_layout))
        {
            write(json);
        }

        content.WriteByte((byte)'\n');
        Write(path, content.ToArray());
    }

    /// <summary>Writes a text file.</summary>
    /// <param name="path">Where to; an existing file is replaced.</param>
    /// <param name="text">What it holds.</param>
    /// <exception cref="ToolException">The file cannot be written.</exception>
    public static void WriteText(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    private static void Write(string path, byte[] content)
    {
        try
        {
            File.WriteAllBytes(path, content);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw ToolException.Failure($"cannot write {path}: {failure.Message}");
        }
    }
}
