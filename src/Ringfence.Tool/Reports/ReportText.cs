// The rows that the report and the comparison share: figures to the right, then a name, indented by its depth in the tree.

using System;
using System.Text;

namespace Ringfence.Tool.Reports;

/// <summary>Rows of a table.</summary>
internal static class ReportText
{
    private const int IndentWidth = 2;

    /// <summary>Appends a row.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="width">Width of a figure.</param>
    /// <param name="figures">The figures.</param>
    /// <param name="depth">Depth of the name.</param>
    /// <param name="name">The name, which ends the row.</param>
    public static void AppendTableRow(this StringBuilder text, int width, ReadOnlySpan<string> figures, int depth, string name)
    {
        foreach (string figure in figures)
        {
            text.Append(figure.PadLeft(width)).Append("  ");
        }

        text.Append(' ', depth * IndentWidth).Append(name).Append('\n');
    }
}
