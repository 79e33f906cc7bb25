// Which pages random programs work on: the few places of each format where something can go wrong by one.

using System.Collections.Generic;
using Ringfence.Paging;

namespace Ringfence.Verification.Randomised;

/// <summary>Pages of one format.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class Windows<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static readonly nuint s_span = TFormat.Level(1).EntrySpan.Value;

    /// <summary>Pages on both sides of the boundary between two leaf tables.</summary>
    public static PageRange Straddling => Pages(s_span - 4, 9);

    /// <summary>Two neighbouring places for a large page.</summary>
    public static PageRange Large => Pages(2 * s_span, 2 * s_span);

    /// <summary>The last pages of the address space.</summary>
    public static PageRange Top => Pages(FormatGeometry<TFormat>.LastPage.Value - 3, 4);

    /// <summary>A place for a page of the next larger size; empty where the format has none.</summary>
    public static PageRange Larger => TFormat.LevelCount > 2 && TFormat.Leaf(2).Exists ? Pages(TFormat.Level(2).EntrySpan.Value, TFormat.Level(2).EntrySpan.Value) : default;

    /// <summary>The pages that are judged after every step.</summary>
    public static IReadOnlyList<PageNumber> Judged { get; } = [.. MakeJudged()];

    /// <summary>A range that a number stands for.</summary>
    public static PageRange Choose(int number)
    {
        nuint choice = (nuint)(number / 8);
        return (number % 8) switch
        {
            < 4 => Part(Straddling, choice),
            4 => Pages(Large.First.Value + (choice % 3 == 0 ? s_span - 2 : 0), 1 + (choice % 4)),
            5 => Pages(Large.First.Value + (choice % 2 * s_span), choice % 3 == 0 && choice % 2 == 0 ? 2 * s_span : s_span),
            6 => Part(Top, choice),
            _ when Larger.IsEmpty || choice % 2 == 0 => Pages(Large.First.Value, s_span),
            _ => choice % 3 == 0 ? Pages(Larger.First.Value, s_span) : Larger,
        };
    }

    private static PageRange Part(PageRange whole, nuint choice)
    {
        nuint offset = choice % whole.Count.Value;
        return PageRange.CreateTruncated(whole.First + new PageCount(offset), new PageCount(choice / whole.Count.Value % 6)).Intersect(whole);
    }

    private static PageRange Pages(nuint first, nuint count) => PageRange.CreateTruncated(new PageNumber(first), new PageCount(count));

    private static IEnumerable<PageNumber> MakeJudged()
    {
        for (nuint page = Straddling.First.Value - 1; page <= Straddling.End.Value; page++)
        {
            yield return new PageNumber(page);
        }

        foreach (nuint page in new[] { 0u, 1u, s_span - 1, s_span, (2 * s_span) - 1, 2 * s_span })
        {
            yield return Large.First + new PageCount(page);
        }

        for (nuint page = Top.First.Value; page < Top.End.Value; page++)
        {
            yield return new PageNumber(page);
        }

        if (!Larger.IsEmpty)
        {
            yield return Larger.First;
            yield return Larger.First + new PageCount(s_span);
            yield return new PageNumber(Larger.End.Value - 1);
        }
    }
}
