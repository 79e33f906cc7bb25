// What a set of tables must say, as lists: leaves by their first page, tables by level and place, links to tables of another set.

using System.Collections.Generic;
using System.Linq;
using Ringfence.Paging;

namespace Ringfence.Verification.Randomised;

/// <summary>A leaf.</summary>
internal sealed record ModelLeaf(int Level, nuint Frame, LeafRights Live, LeafRights Base)
{
    /// <summary>The rights now.</summary>
    public LeafRights Live { get; set; } = Live;

    /// <summary>The rights that a reset gives.</summary>
    public LeafRights Base { get; set; } = Base;

    /// <summary>A.</summary>
    public bool IsAccessed { get; set; }

    /// <summary>D.</summary>
    public bool IsDirty { get; set; }
}

/// <summary>A table's place: its level, and the pages that it maps divided by their number.</summary>
internal readonly record struct TablePlace(int Level, nuint Number);

/// <summary>Where a look for a page ended.</summary>
/// <param name="Leaf">The leaf; null if the page isn't mapped.</param>
/// <param name="First">The first page of the leaf, or of what the entry spans that isn't there.</param>
/// <param name="Level">The level of that entry.</param>
/// <param name="IsShared">Whether the way led through another set's table.</param>
internal readonly record struct ModelPlace(ModelLeaf? Leaf, nuint First, int Level, bool IsShared);

/// <summary>One set.</summary>
/// <typeparam name="TFormat">Its format.</typeparam>
internal sealed class SetModel<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>Leaves in tables of the set's own, by their first page.</summary>
    public Dictionary<nuint, ModelLeaf> Leaves { get; } = [];

    /// <summary>Tables of the set's own, the root left out.</summary>
    public HashSet<TablePlace> Tables { get; } = [];

    /// <summary>Linked tables of another set.</summary>
    public Dictionary<TablePlace, SetModel<TFormat>> Links { get; } = [];

    public bool IsEmpty => Leaves.Count == 0 && Tables.Count == 0 && Links.Count == 0;

    /// <summary>Pages that an entry of this level spans.</summary>
    public static nuint Span(int level) => TFormat.Level(level).EntrySpan.Value;

    /// <summary>The place of the table of this level that maps a page.</summary>
    public static TablePlace PlaceOf(int level, nuint page) => new(level, page / Span(level + 1));

    /// <summary>The first page that a table maps.</summary>
    public static nuint FirstOf(TablePlace place) => place.Number * Span(place.Level + 1);

    /// <summary>Looks a page up as a walk does.</summary>
    public ModelPlace Find(nuint page)
    {
        int level = FormatGeometry<TFormat>.RootLevel;
        while (true)
        {
            nuint first = page & ~(Span(level) - 1);
            if (Leaves.TryGetValue(first, out ModelLeaf? leaf) && leaf.Level == level)
            {
                return new ModelPlace(leaf, first, level, IsShared: false);
            }

            TablePlace below = level == 0 ? default : PlaceOf(level - 1, page);
            if (level > 0 && Links.TryGetValue(below, out SetModel<TFormat>? source))
            {
                return source.Find(page) with { IsShared = true };
            }

            if (level == 0 || !Tables.Contains(below))
            {
                return new ModelPlace(null, first, level, IsShared: false);
            }

            level--;
        }
    }

    /// <summary>Whether there is a table of this level for the page, the set's own or linked at that very place.</summary>
    public bool HasTable(int level, nuint page) => Tables.Contains(PlaceOf(level, page)) || Links.ContainsKey(PlaceOf(level, page));

    /// <summary>Whether a table of the set's own holds nothing.</summary>
    public bool IsEmptyTable(TablePlace table) => !EntriesOf(table).Any();

    /// <summary>Whether some link leads to tables that map any of these pages.</summary>
    public bool LinksInto(nuint first, nuint count) =>
        Links.Keys.Any(place => FirstOf(place) < first + count && first < FirstOf(place) + Span(place.Level + 1));

    /// <summary>Own tables on the ways to these pages that aren't there.</summary>
    public int CountMissing(nuint first, nuint count, int leafLevel)
    {
        HashSet<TablePlace> missing = [];
        for (nuint page = first; page < first + count; page += Span(leafLevel + 1) - (page & (Span(leafLevel + 1) - 1)))
        {
            for (int level = leafLevel; level < FormatGeometry<TFormat>.RootLevel; level++)
            {
                if (!Tables.Contains(PlaceOf(level, page)))
                {
                    missing.Add(PlaceOf(level, page));
                }
            }
        }

        return missing.Count;
    }

    /// <summary>Makes the own tables above a level on the way to a page.</summary>
    public void MakeTables(nuint page, int lowestLevel)
    {
        for (int level = lowestLevel; level < FormatGeometry<TFormat>.RootLevel; level++)
        {
            Tables.Add(PlaceOf(level, page));
        }
    }

    /// <summary>Leaves within a range of own tables, with their first pages.</summary>
    public IEnumerable<(nuint First, ModelLeaf Leaf)> LeavesIn(nuint first, nuint count)
    {
        nuint page = first;
        while (page < first + count)
        {
            ModelPlace place = Find(page);
            if (place.Leaf is { } leaf && !place.IsShared)
            {
                yield return (place.First, leaf);
            }

            page = place.First + Span(place.Level);
        }
    }

    /// <summary>What a table of this set's own holds: pages of its entries that are leaves, tables or links.</summary>
    public IEnumerable<nuint> EntriesOf(TablePlace table)
    {
        nuint span = Span(table.Level);
        for (nuint page = FirstOf(table); page < FirstOf(table) + Span(table.Level + 1); page += span)
        {
            if ((Leaves.TryGetValue(page, out ModelLeaf? leaf) && leaf.Level == table.Level) || (table.Level > 0 && HasTable(table.Level - 1, page)))
            {
                yield return page;
            }
        }
    }

    /// <summary>A copy with leaves of its own.</summary>
    public void CopyTo(SetModel<TFormat> other)
    {
        foreach ((nuint page, ModelLeaf leaf) in Leaves)
        {
            other.Leaves.Add(page, leaf with { });
        }

        other.Tables.UnionWith(Tables);
        foreach ((TablePlace place, SetModel<TFormat> source) in Links)
        {
            other.Links.Add(place, source);
        }
    }

    /// <summary>Takes everything out.</summary>
    public void Clear()
    {
        Leaves.Clear();
        Tables.Clear();
        Links.Clear();
    }
}
