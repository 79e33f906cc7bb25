// The price of one edit in accesses to entries, for the columns beside the times.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Ringfence.Paging.Benchmarks;

/// <summary>What one edit did.</summary>
/// <param name="EntriesWritten">Entries written, all levels.</param>
/// <param name="EntriesRead">Entries read, all levels.</param>
/// <param name="EntriesReadAboveLeafLevel">Those of them that were read in tables above level 0.</param>
/// <param name="WalksFromRoot">How often an entry of the root was read.</param>
public readonly record struct EditCost(int EntriesWritten, int EntriesRead, int EntriesReadAboveLeafLevel, int WalksFromRoot)
{
    /// <summary>What was counted in a set.</summary>
    public static EditCost Of<TFormat>(EntryCounts counts, AddressSpace<TFormat, ArrayTableMemory> tables)
        where TFormat : struct, IPagingFormat
    {
        ArgumentNullException.ThrowIfNull(counts);
        LevelMap levels = new([]);
        tables.VisitTables(ref levels);
        ILookup<int, int> reads = counts.Reads.ToLookup(read => levels.LevelOf[TableOf(read.Key)], static read => read.Value);
        return new EditCost(
            counts.Written,
            counts.Reads.Values.Sum(),
            reads.Where(static level => level.Key > 0).Sum(static level => level.Sum()),
            reads[FormatGeometry<TFormat>.RootLevel].Sum());
    }

    /// <summary>The table that holds an entry, where every table has a page of its own.</summary>
    public static PhysicalAddress TableOf(PhysicalAddress entry) => entry.Frame.Address;

    /// <summary>What an edit of so many pages, the first of which is the first of a leaf table, does when every entry must change.</summary>
    public static EditCost Measure<TFormat>(EditKind kind, PageCount pageCount)
        where TFormat : struct, IPagingFormat
    {
        EntryCounts counts = new();
        EditScene<TFormat, CountingTableMemory<TFormat>> scene = new(pageCount, memory => new CountingTableMemory<TFormat>(memory, counts));
        PageRange pages = PageRange.CreateTruncated(default, pageCount);
        scene.Prepare(kind, pages);
        return scene.Carry(kind, pages).Succeeded
            ? Of(counts, scene.Tables)
            : throw new InvalidOperationException($"{kind} of {pageCount.Value} pages was refused");
    }

    private readonly struct LevelMap(Dictionary<PhysicalAddress, int> levelOf) : ITableVisitor
    {
        public Dictionary<PhysicalAddress, int> LevelOf { get; } = levelOf;

        public void Visit(PhysicalAddress table, int level, bool isShared) => LevelOf[table] = level;
    }
}
