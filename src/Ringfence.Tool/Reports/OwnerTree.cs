// Gives every byte of an image's memory, and of its file, to exactly one owner.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Ringfence.Tool.Reports;

/// <summary>Makes the tree of owners.</summary>
public sealed class OwnerTree
{
    /// <summary>A gap up to this between two symbols keeps an alignment: code and data are aligned to 32 bytes at most.</summary>
    public const ulong MaximumAlignmentGapBytes = 31;

    private const ulong PageBytes = 4096;
    private const string AlignmentPadding = "padding: alignment";
    private const string PagePadding = "padding: to the end of the page";
    private const string GapPadding = "padding: between regions";
    private const string HeaderPadding = "padding: to the first region";
    private const string FileHeaders = "headers of the file";
    private const string Unnamed = "without a symbol";

    private readonly ImageLayout _layout;
    private readonly SymbolOwners _owners;
    private readonly OwnerNode _root;

    // What follows the content of a region in the file, up to the next content.
    private readonly Dictionary<LayoutRegion, ulong> _filePadding = [];

    private OwnerTree(ImageLayout layout)
    {
        _layout = layout;
        _owners = new(layout);
        _root = new(OwnerKind.Image, layout.Name);
    }

    /// <summary>The owners of an image; their bytes add up to <see cref="ImageLayout.Bytes"/>, those of the file to <see cref="LayoutFile.Bytes"/>.</summary>
    public static OwnerNode Build(ImageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        OwnerTree tree = new(layout);
        tree.AddHeaders();
        tree.AddRegions();
        return tree._root;
    }

    private void AddHeaders()
    {
        LayoutFile file = _layout.File;
        LayoutRegion[] regions = [.. _layout.Regions.Where(static region => region.FileBytes != 0).OrderBy(static region => region.FileOffset)];
        OwnerNode headers = _root.Child(OwnerKind.FileFormat, FileHeaders);
        headers.Add(OwnerKind.Member, "file header", 0, file.HeaderBytes);
        headers.Add(OwnerKind.Member, "program headers", 0, file.ProgramHeaderBytes);
        headers.Add(OwnerKind.Padding, HeaderPadding, 0, NextOffset(0) - file.HeaderBytes - file.ProgramHeaderBytes);
        for (int index = 0; index < regions.Length; index++)
        {
            _filePadding.Add(regions[index], NextOffset(index + 1) - regions[index].FileOffset - regions[index].FileBytes);
        }

        ulong NextOffset(int index) => index < regions.Length ? regions[index].FileOffset : file.Bytes;
    }

    private void AddRegions()
    {
        ulong cursor = _layout.Start;

        // A component without read-only data, say, has a region for it that is empty.
        foreach (LayoutRegion region in _layout.Regions.Where(static region => region.Start != region.End).OrderBy(static region => region.Start))
        {
            _root.Add(OwnerKind.Padding, GapPadding, region.Start - cursor, 0);
            OwnerNode node = _root.Child(OwnerKind.Region, region.Name);
            AddContent(node, region);
            node.Add(OwnerKind.Padding, PagePadding, region.End - region.Start - region.UsedBytes, _filePadding.GetValueOrDefault(region));
            cursor = region.End;
        }

        _root.Add(OwnerKind.Padding, GapPadding, _layout.End - cursor, 0);
    }

    private void AddContent(OwnerNode node, LayoutRegion region)
    {
        LayoutSymbol[] symbols = [.. _layout.Symbols
            .Where(symbol => symbol.Size != 0 && symbol.Address >= region.Start && symbol.Address < region.Start + region.UsedBytes)];
        if (symbols.Length != 0)
        {
            AddSymbols(node, region, symbols);
        }
        else if (_layout.SharedPartitions.FirstOrDefault(partition => partition.Start == region.Start) is { } partition)
        {
            node.Add(OwnerKind.Partition, partition.Type, region.UsedBytes, region.FileBytes);
        }
        else if (region.Name == "stacks")
        {
            AddStacks(node, region);
        }
        else if (region.Name == "page-tables")
        {
            AddPageTables(node, region);
        }
        else
        {
            node.Add(OwnerKind.Unnamed, Unnamed, region.UsedBytes, region.FileBytes);
        }
    }

    // The file holds the kernel's set filled. A root that takes no frame is a symbol of kernel data.
    private void AddPageTables(OwnerNode node, LayoutRegion region)
    {
        LayoutTableCost? cost = _layout.PageTables.Strategies.FirstOrDefault(cost => cost.Strategy == _layout.Strategy);
        ulong kernelBytes = cost is null ? 0 : cost.KernelBytes / PageBytes * PageBytes;
        ulong domainBytes = cost is null ? 0 : cost.DomainBytes / PageBytes * PageBytes;
        if (cost is null || kernelBytes + (cost.Domains * domainBytes) != region.UsedBytes)
        {
            node.Add(OwnerKind.PageTable, "page tables", region.UsedBytes, region.FileBytes);
            return;
        }

        node.Add(OwnerKind.PageTable, "page tables of the kernel", kernelBytes, region.FileBytes);
        node.Add(
            OwnerKind.PageTable,
            string.Create(CultureInfo.InvariantCulture, $"page tables of domains: {cost.Domains} sets, {domainBytes} bytes each"),
            cost.Domains * domainBytes,
            0);
    }

    // Symbols may share bytes (two names for one routine) or leave some out (alignment, data without a name). Whoever begins first has them;
    // of those that begin together, the one with a name in C#.
    private void AddSymbols(OwnerNode node, LayoutRegion region, LayoutSymbol[] symbols)
    {
        ulong cursor = region.Start;
        ulong end = region.Start + region.UsedBytes;
        foreach (LayoutSymbol symbol in symbols.OrderBy(static symbol => symbol.Address)
            .ThenBy(static symbol => symbol.Method is null).ThenByDescending(static symbol => symbol.Size).ThenBy(static symbol => symbol.Name, StringComparer.Ordinal))
        {
            // A symbol ends with its region at the latest; a size that passes the top of the address space is one that is too long.
            ulong symbolEnd = Math.Min(end, symbol.Address + Math.Min(symbol.Size, end - symbol.Address));
            if (symbolEnd <= cursor)
            {
                continue;
            }

            if (symbol.Address > cursor)
            {
                AddGap(node, region, cursor, symbol.Address);
                cursor = symbol.Address;
            }

            SymbolOwner owner = _owners.Find(symbol);
            OwnerNode group = node.Child(OwnerKind.Assembly, owner.Assembly);
            (owner.Type is null ? group : group.Child(OwnerKind.Type, owner.Type))
                .Add(OwnerKind.Member, owner.Member, symbolEnd - cursor, FileBytes(region, cursor, symbolEnd));
            cursor = symbolEnd;
        }

        AddGap(node, region, cursor, end);
    }

    private static void AddGap(OwnerNode node, LayoutRegion region, ulong start, ulong end)
    {
        bool isAlignment = end - start <= MaximumAlignmentGapBytes;
        node.Add(
            isAlignment ? OwnerKind.Padding : OwnerKind.Unnamed,
            isAlignment ? AlignmentPadding : Unnamed,
            end - start,
            FileBytes(region, start, end));
    }

    // The file holds the beginning of a region; what follows starts as zeroes and is in memory only.
    private static ulong FileBytes(LayoutRegion region, ulong start, ulong end)
    {
        ulong fileEnd = Math.Min(end, region.Start + region.FileBytes);
        return fileEnd > start ? fileEnd - start : 0;
    }

    private void AddStacks(OwnerNode node, LayoutRegion region)
    {
        // The main thread has no user stack.
        int userCount = _layout.ThreadCapacity - 1;
        ulong kernelBytes = (ulong)_layout.ThreadCapacity * (ulong)_layout.KernelStackPages * PageBytes;
        ulong userBytes = (ulong)userCount * (ulong)_layout.UserStackPages * PageBytes;
        if (kernelBytes + userBytes != region.UsedBytes || region.FileBytes != 0)
        {
            node.Add(OwnerKind.Stack, "stacks", region.UsedBytes, region.FileBytes);
            return;
        }

        node.Add(OwnerKind.Stack, Name("kernel", _layout.ThreadCapacity, _layout.KernelStackPages), kernelBytes, 0);
        node.Add(OwnerKind.Stack, Name("user", userCount, _layout.UserStackPages), userBytes, 0);

        static string Name(string mode, int count, int pages) =>
            string.Create(CultureInfo.InvariantCulture, $"{mode} stacks: {count} {(count == 1 ? "thread" : "threads")}, {pages} {(pages == 1 ? "page" : "pages")} each");
    }
}
