// Gives every byte of an image's memory to exactly one owner.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Ringfence.Tool.Reports;

/// <summary>Makes the tree of owners.</summary>
public static class OwnerTree
{
    /// <summary>A gap up to this between two symbols keeps an alignment: code and data are aligned to 32 bytes at most.</summary>
    public const ulong MaximumAlignmentGapBytes = 31;

    private const ulong PageBytes = 4096;
    private const string AlignmentPadding = "padding: alignment";
    private const string PagePadding = "padding: to the end of the page";
    private const string GapPadding = "padding: between regions";
    private const string Unnamed = "without a symbol";

    /// <summary>The owners of an image's memory; their bytes add up to <see cref="ImageLayout.Bytes"/>.</summary>
    public static OwnerNode Build(ImageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        OwnerNode root = new(OwnerKind.Image, layout.Name);
        SymbolOwners owners = new(layout);
        ulong cursor = layout.Start;

        // A component without read-only data, say, has a region for it that is empty.
        foreach (LayoutRegion region in layout.Regions.Where(static region => region.Start != region.End).OrderBy(static region => region.Start))
        {
            root.Add(OwnerKind.Padding, GapPadding, region.Start - cursor);
            OwnerNode node = root.Child(OwnerKind.Region, region.Name);
            AddContent(node, region, layout, owners);
            node.Add(OwnerKind.Padding, PagePadding, region.End - region.Start - region.UsedBytes);
            cursor = region.End;
        }

        root.Add(OwnerKind.Padding, GapPadding, layout.End - cursor);
        return root;
    }

    private static void AddContent(OwnerNode node, LayoutRegion region, ImageLayout layout, SymbolOwners owners)
    {
        LayoutSymbol[] symbols = [.. layout.Symbols
            .Where(symbol => symbol.Size != 0 && symbol.Address >= region.Start && symbol.Address < region.Start + region.UsedBytes)];
        if (symbols.Length != 0)
        {
            AddSymbols(node, region, symbols, owners);
        }
        else if (layout.SharedPartitions.FirstOrDefault(partition => partition.Start == region.Start) is { } partition)
        {
            node.Add(OwnerKind.Partition, partition.Type, region.UsedBytes);
        }
        else if (region.Name == "stacks")
        {
            AddStacks(node, region.UsedBytes, layout);
        }
        else if (region.Name == "page-tables")
        {
            node.Add(OwnerKind.PageTable, "page tables", region.UsedBytes);
        }
        else
        {
            node.Add(OwnerKind.Unnamed, Unnamed, region.UsedBytes);
        }
    }

    // Symbols may share bytes (two names for one routine) or leave some out (alignment, data without a name). Whoever begins first has them;
    // of those that begin together, the one with a name in C#.
    private static void AddSymbols(OwnerNode node, LayoutRegion region, LayoutSymbol[] symbols, SymbolOwners owners)
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
                AddGap(node, symbol.Address - cursor);
                cursor = symbol.Address;
            }

            SymbolOwner owner = owners.Find(symbol);
            OwnerNode group = node.Child(OwnerKind.Assembly, owner.Assembly);
            (owner.Type is null ? group : group.Child(OwnerKind.Type, owner.Type)).Add(OwnerKind.Member, owner.Member, symbolEnd - cursor);
            cursor = symbolEnd;
        }

        AddGap(node, end - cursor);
    }

    private static void AddGap(OwnerNode node, ulong bytes)
    {
        bool isAlignment = bytes <= MaximumAlignmentGapBytes;
        node.Add(isAlignment ? OwnerKind.Padding : OwnerKind.Unnamed, isAlignment ? AlignmentPadding : Unnamed, bytes);
    }

    private static void AddStacks(OwnerNode node, ulong bytes, ImageLayout layout)
    {
        ulong kernelBytes = (ulong)layout.ThreadCapacity * (ulong)layout.KernelStackPages * PageBytes;
        ulong userBytes = (ulong)layout.ThreadCapacity * (ulong)layout.UserStackPages * PageBytes;
        if (kernelBytes + userBytes != bytes)
        {
            node.Add(OwnerKind.Stack, "stacks", bytes);
            return;
        }

        node.Add(OwnerKind.Stack, Name("kernel", layout.KernelStackPages), kernelBytes);
        node.Add(OwnerKind.Stack, Name("user", layout.UserStackPages), userBytes);

        string Name(string mode, int pages) =>
            string.Create(CultureInfo.InvariantCulture, $"{mode} stacks: {layout.ThreadCapacity} threads, {pages} {(pages == 1 ? "page" : "pages")} each");
    }
}
