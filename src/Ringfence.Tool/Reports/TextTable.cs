// A table of text in columns as wide as what stands in them.

using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Ringfence.Tool.Reports;

/// <summary>Tables in which names stand to the left and numbers to the right.</summary>
internal static class TextTable
{
    /// <summary>Appends a heading and rows; nothing without rows.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="nameColumnCount">How many columns hold names: the first ones.</param>
    /// <param name="headings">The headings, one a column.</param>
    /// <param name="cells">The rows, as long as the headings.</param>
    public static void AppendTable(this StringBuilder text, int nameColumnCount, string[] headings, IReadOnlyList<string[]> cells)
    {
        if (cells.Count == 0)
        {
            return;
        }

        string[][] rows = [headings, .. cells];
        int[] widths = [.. Enumerable.Range(0, headings.Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            text.AppendJoin("  ", row.Select((cell, column) => column < nameColumnCount ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])));
            text.Append('\n');
        }
    }
}
