// The map that the build leaves beside an image, as far as the question "whose is this byte?" needs it.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Ringfence.Tool.Reports;

/// <summary>A run of whole pages with one purpose.</summary>
/// <param name="Name">Its name, such as <c>kernel.text</c>.</param>
/// <param name="Owner">"kernel", "shared" or a component.</param>
/// <param name="Rights">Read, write, execute: <c>r-x</c>.</param>
/// <param name="Start">Address of its first byte.</param>
/// <param name="End">Address after its last byte.</param>
/// <param name="UsedBytes">How much of it holds something; the rest fills the last page.</param>
/// <param name="FileBytes">How much of that the image file holds.</param>
/// <param name="FileOffset">Where in the file; nowhere if there is none.</param>
public sealed record LayoutRegion(
    string Name, string Owner, string Rights, ulong Start, ulong End, ulong UsedBytes, ulong FileBytes, ulong FileOffset);

/// <summary>What the image file consists of besides the regions' content; what nothing claims is padding.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="HeaderBytes">The file header, with which it begins.</param>
/// <param name="ProgramHeaderBytes">The program headers, which follow.</param>
public sealed record LayoutFile(ulong Bytes, ulong HeaderBytes, ulong ProgramHeaderBytes);

/// <summary>A named place of the image.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Name">Its name in the object file.</param>
/// <param name="Owner">"kernel" or the component.</param>
/// <param name="Method">The C# method it is the code of, or null.</param>
public sealed record LayoutSymbol(ulong Address, ulong Size, string Name, string Owner, string? Method = null);

/// <summary>A component of the image.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Assembly">Path of its assembly.</param>
public sealed record LayoutComponent(string Name, string Assembly)
{
    /// <summary>Priority of its main thread; 0 is the most important.</summary>
    public int Priority { get; init; }
}

/// <summary>A shared partition.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The C# type that it holds.</param>
/// <param name="Start">Address of its first byte.</param>
public sealed record LayoutPartition(string Name, string Type, ulong Start);

/// <summary>What page tables take under a strategy, in bytes; roots that take no frame are included.</summary>
/// <param name="Strategy">The strategy.</param>
/// <param name="KernelBytes">The set that the image comes with.</param>
/// <param name="Domains">How many sets there can be beside it.</param>
/// <param name="DomainBytes">Each of those.</param>
/// <param name="TotalBytes">All of them.</param>
public sealed record LayoutTableCost(string Strategy, ulong KernelBytes, ulong Domains, ulong DomainBytes, ulong TotalBytes);

/// <summary>The page tables of an image.</summary>
/// <param name="Strategies">What they take under its strategy, and would take under each other one.</param>
public sealed record LayoutPageTables(IReadOnlyList<LayoutTableCost> Strategies);

/// <summary>What lies where in an image's memory and in its file.</summary>
public sealed record ImageLayout
{
    private static readonly JsonSerializerOptions s_reading = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The image's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its paging format.</summary>
    public required string Format { get; init; }

    /// <summary>Its page-table strategy.</summary>
    public required string Strategy { get; init; }

    /// <summary>Address of its first byte.</summary>
    public required ulong Start { get; init; }

    /// <summary>Address after its last byte; everything below belongs to the image, whether the file holds it or not.</summary>
    public required ulong End { get; init; }

    /// <summary>Number of threads there are stacks for.</summary>
    public int ThreadCapacity { get; init; }

    /// <summary>Pages of a thread's kernel stack.</summary>
    public int KernelStackPages { get; init; }

    /// <summary>Pages of a thread's user stack.</summary>
    public int UserStackPages { get; init; }

    /// <summary>Its file.</summary>
    public required LayoutFile File { get; init; }

    /// <summary>Its regions, in any order.</summary>
    public required IReadOnlyList<LayoutRegion> Regions { get; init; }

    /// <summary>Its symbols, in any order.</summary>
    public required IReadOnlyList<LayoutSymbol> Symbols { get; init; }

    /// <summary>Its components.</summary>
    public IReadOnlyList<LayoutComponent> Components { get; init; } = [];

    /// <summary>Its shared partitions.</summary>
    public IReadOnlyList<LayoutPartition> SharedPartitions { get; init; } = [];

    /// <summary>Its page tables.</summary>
    public LayoutPageTables PageTables { get; init; } = new([]);

    /// <summary>Its stacks; null in a map of a time when they weren't analysed.</summary>
    public LayoutStacks? Stacks { get; init; }

    /// <summary>Size of the image's memory in bytes.</summary>
    public ulong Bytes => End - Start;

    /// <summary>Reads a map file.</summary>
    /// <exception cref="ToolException">It is missing, no map, or contradicts itself.</exception>
    public static ImageLayout Load(string path)
    {
        try
        {
            return Parse(System.IO.File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw ToolException.Failure($"cannot read the map {path}: {failure.Message}");
        }
    }

    /// <summary>Reads a map's text.</summary>
    /// <exception cref="JsonException">It is no JSON, or something is missing or of the wrong kind.</exception>
    /// <exception cref="FormatException">Regions overlap in memory or in the file, leave either, or hold more than their size.</exception>
    public static ImageLayout Parse(string json)
    {
        ImageLayout layout = JsonSerializer.Deserialize<ImageLayout>(json, s_reading) ?? throw new FormatException("the map is empty");
        ulong end = layout.Start;
        foreach (LayoutRegion region in layout.Regions.OrderBy(static region => region.Start))
        {
            if (region.Start < end || region.End < region.Start || region.End > layout.End || region.UsedBytes > region.End - region.Start)
            {
                throw new FormatException($"region '{region.Name}' overlaps another, leaves the image or holds more than its size");
            }

            end = region.End;
        }

        if (layout.End < end)
        {
            throw new FormatException("the image ends before it starts");
        }

        layout.CheckFile();
        return layout;
    }

    private void CheckFile()
    {
        // In this order, no difference is below zero and no sum can wrap.
        if (File.HeaderBytes > File.Bytes || File.ProgramHeaderBytes > File.Bytes - File.HeaderBytes)
        {
            throw new FormatException("the headers leave the file");
        }

        ulong end = File.HeaderBytes + File.ProgramHeaderBytes;
        foreach (LayoutRegion region in Regions.Where(static region => region.FileBytes != 0).OrderBy(static region => region.FileOffset))
        {
            if (region.FileOffset < end || region.FileOffset > File.Bytes || region.FileBytes > File.Bytes - region.FileOffset
                || region.FileBytes > region.UsedBytes)
            {
                throw new FormatException($"the content of region '{region.Name}' overlaps another's, leaves the file or is more than it holds");
            }

            end = region.FileOffset + region.FileBytes;
        }
    }
}
