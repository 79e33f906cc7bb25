// The difference between two reports, owner by owner: what grew, shrank, came and went, in memory and in the file.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Ringfence.Tool.Reports;

/// <summary>How an owner changed between two images.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsNew">Whether only the second image has it.</param>
/// <param name="IsGone">Whether only the first image has it.</param>
/// <param name="Bytes">By how many bytes of memory it grew; negative if it shrank.</param>
/// <param name="FileBytes">By how many bytes of the file.</param>
/// <param name="Parts">The changes within it, the largest first.</param>
public sealed record OwnerChange(string Name, bool IsNew, bool IsGone, Int128 Bytes, Int128 FileBytes, IReadOnlyList<OwnerChange> Parts)
{
    /// <summary>Whether nothing in it changed, although what changed may cancel out.</summary>
    public bool IsNothing => Bytes == 0 && FileBytes == 0 && Parts.Count == 0;

    /// <summary>All that changed in it, gains and losses alike: parts that cancel out are a change of their own size.</summary>
    public Int128 Turnover =>
        Parts.Count == 0 ? Int128.Abs(Bytes) + Int128.Abs(FileBytes) : Parts.Aggregate(Int128.Zero, static (sum, part) => sum + part.Turnover);

    /// <summary>The change from one owner to the same owner in another image; null for an image that doesn't have it.</summary>
    public static OwnerChange Between(OwnerNode? before, OwnerNode? now)
    {
        OwnerNode known = now ?? before ?? throw new ArgumentNullException(nameof(now));
        Dictionary<(OwnerKind, string), OwnerNode> remaining = (before?.Children ?? []).ToDictionary(static child => (child.Kind, child.Name));
        List<OwnerChange> parts = [];
        foreach (OwnerNode child in now?.Children ?? [])
        {
            remaining.Remove((child.Kind, child.Name), out OwnerNode? earlier);
            parts.Add(Between(earlier, child));
        }

        parts.AddRange(remaining.Values.Select(static child => Between(child, null)));
        return new(
            known.Name,
            before is null,
            now is null,
            (Int128)(now?.Bytes ?? 0) - (before?.Bytes ?? 0),
            (Int128)(now?.FileBytes ?? 0) - (before?.FileBytes ?? 0),
            [.. parts.Where(static part => !part.IsNothing)
                .OrderByDescending(static part => Int128.Abs(part.Bytes)).ThenByDescending(static part => Int128.Abs(part.FileBytes))
                .ThenByDescending(static part => part.Turnover).ThenBy(static part => part.Name, StringComparer.Ordinal)]);
    }
}

/// <summary>Compares two images.</summary>
public static class ReportComparison
{
    /// <summary>The comparison for people, down to members.</summary>
    public static string Text(ReportRecord before, ReportRecord now)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(now);

        // The images may have different names, and are compared all the same.
        OwnerChange change = OwnerChange.Between(before.Tree, now.Tree);
        List<string[]> totals =
        [
            [Digits(before.Tree.Bytes), Digits(before.Tree.FileBytes), "before: " + Title(before)],
            [Digits(now.Tree.Bytes), Digits(now.Tree.FileBytes), "now: " + Title(now)],
            [Signed(change.Bytes), Signed(change.FileBytes), "change"],
        ];
        int width = Math.Max("file".Length, totals.SelectMany(static row => row[..2]).Max(static figure => figure.Length) + 1);
        StringBuilder text = new();
        text.AppendTableRow(width, ["RAM", "file"], 0, "image");
        foreach (string[] row in totals)
        {
            text.AppendTableRow(width, row.AsSpan(0, 2), 0, row[2]);
        }

        text.Append('\n');
        if (change.Parts.Count == 0)
        {
            return text.Append("no owner changed\n").ToString();
        }

        text.AppendTableRow(width, ["RAM", "file"], 0, "owner, the largest change first");
        foreach (OwnerChange part in change.Parts)
        {
            Append(text, part, width, 0);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, OwnerChange change, int width, int depth)
    {
        string mark = change.IsNew ? " (new)" : change.IsGone ? " (gone)" : "";
        text.AppendTableRow(width, [Signed(change.Bytes), Signed(change.FileBytes)], depth, change.Name + mark);
        foreach (OwnerChange part in change.Parts)
        {
            Append(text, part, width, depth + 1);
        }
    }

    private static string Title(ReportRecord report) => $"{report.Name}, {report.Format}, strategy {report.Strategy}";

    private static string Digits(ulong bytes) => bytes.ToString(CultureInfo.InvariantCulture);

    private static string Signed(Int128 change) => change.ToString("+0;-0;0", CultureInfo.InvariantCulture);
}
