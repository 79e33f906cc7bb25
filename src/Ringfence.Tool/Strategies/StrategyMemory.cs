// What of an image's memory goes to its page-table strategy, read from the map.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Strategies;

/// <summary>Bytes of an image.</summary>
/// <param name="TotalBytes">All of its memory.</param>
/// <param name="TableBytes">Frames for page tables: the kernel's and what every domain may take.</param>
/// <param name="DataBytes">What the strategy keeps beside them in kernel data: its own state, its state of each domain, roots that take no frame, lists of leaf tables.</param>
public sealed record StrategyMemory(ulong TotalBytes, ulong TableBytes, ulong DataBytes)
{
    private const string TablesRegion = "page-tables";
    private const string StateType = "Ringfence.Kernel.Protection";
    private const string Statics = "statics";

    // The kernel's tables that only some strategies have.
    private static readonly string[] s_tables = ["domain_tables_table", "small_root_table", "link_list_table"];

    /// <summary>The memory of an image.</summary>
    public static StrategyMemory Of(ImageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        SymbolOwners owners = new(layout);
        return new(
            layout.Bytes,
            Sum(layout.Regions.Where(static region => region.Name == TablesRegion).Select(static region => region.End - region.Start)),
            Sum(layout.Symbols
                .Where(symbol => s_tables.Contains(symbol.Name) || owners.Find(symbol) is { Type: StateType, Member: Statics })
                .Select(static symbol => symbol.Size)));

        static ulong Sum(IEnumerable<ulong> sizes) => sizes.Aggregate(0UL, static (sum, size) => sum + size);
    }
}
