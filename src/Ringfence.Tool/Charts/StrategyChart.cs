// The costs of strategies as a picture: page tables to the right, instructions of a switch upwards, a line for each strategy with a point for each
// number of domains.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Ringfence.Tool.Charts;

/// <summary>Draws costs.</summary>
public static class StrategyChart
{
    private const int Width = 880;
    private const int Height = 540;
    private const decimal BytesPerKiB = 1024;

    // One whose widths the library has in it: with others the layout would depend on the machine.
    private const string Font = "Arial";
    private const double FontSize = 13;

    // The library's measure of text is that of paper, which a browser's exceeds: titles get room, and names are written where nothing depends on their length.
    private const double TitleDistance = 18;
    private const double NamesFromLeft = 0.72;
    private const double NamesFromTop = 0.05;

    // Two labels nearer than this would cover each other, or one the other's point: as a factor of page tables, and as a part of the height.
    private const double NearFactor = 1.18;
    private const double NearPart = 0.045;
    private const double LabelDistance = 9;
    private const double LabelDistanceAbove = 12;

    // Above the highest point: for a marker that lies on the edge would be cut, and names must lie higher than most lines reach.
    private const double Headroom = 1.1;
    private const int StepOfTop = 200;

    private const double BaselineSize = 7;
    private const double MarkerThickness = 1.8;

    private static readonly OxyColor s_text = OxyColor.FromRgb(0x1f, 0x23, 0x28);
    private static readonly OxyColor s_soft = OxyColor.FromRgb(0x59, 0x63, 0x6e);
    private static readonly OxyColor s_grid = OxyColor.FromRgb(0xd8, 0xdc, 0xe1);

    // Told apart without colour, too: where points of two lines coincide, the later marker lies inside the earlier one.
    // Labels above and below: lines at one height have points at different places.
    private static readonly Style[] s_styles =
    [
        new(OxyColor.FromRgb(0x0a, 0x58, 0xca), MarkerType.Circle, 6, VerticalAlignment.Top),
        new(OxyColor.FromRgb(0xc4, 0x16, 0x1c), MarkerType.Square, 7, VerticalAlignment.Top),
        new(OxyColor.FromRgb(0x8a, 0x4b, 0x08), MarkerType.Diamond, 7, VerticalAlignment.Top),
        new(OxyColor.FromRgb(0x1a, 0x7f, 0x37), MarkerType.Circle, 4, VerticalAlignment.Bottom),
        new(OxyColor.FromRgb(0x6f, 0x42, 0xc1), MarkerType.Triangle, 4, VerticalAlignment.Bottom),
        new(OxyColor.FromRgb(0x00, 0x6d, 0x77), MarkerType.Square, 5, VerticalAlignment.Top),
    ];

    private static readonly Style[] s_baselineStyles =
    [
        new(s_soft, MarkerType.Cross, BaselineSize, VerticalAlignment.Bottom),
        new(s_soft, MarkerType.Plus, BaselineSize, VerticalAlignment.Bottom),
    ];

    /// <summary>Draws a chart.</summary>
    /// <returns>An SVG document; the same costs give the same text.</returns>
    public static string Draw(StrategyCosts costs) =>
        new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true }.ExportToString(Plot(costs)).ReplaceLineEndings("\n").TrimEnd() + "\n";

    /// <summary>What is drawn: a line for each strategy and each of the baseline's, in their order, with KiB of page tables and instructions.</summary>
    public static PlotModel Plot(StrategyCosts costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        decimal most = costs.Strategies.Concat(costs.Baseline).SelectMany(static series => series.Costs).Max(static cost => cost.SwitchInstructions);
        double top = Math.Ceiling((double)most * Headroom / StepOfTop) * StepOfTop;
        PlotModel model = new()
        {
            Title = $"Page tables against switches, {costs.Format}; labels: number of domains",
            TitleFontSize = FontSize + 2,
            TitleFontWeight = FontWeights.Bold,
            DefaultFont = Font,
            DefaultFontSize = FontSize,
            TextColor = s_text,
            PlotAreaBorderColor = s_soft,
            Background = OxyColors.White,
        };
        LogarithmicAxis tables = TablesAxis(costs);
        model.Axes.Add(tables);
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Left,
            Title = "instructions of a switch between two domains",
            AxisTitleDistance = TitleDistance,
            Minimum = 0,
            Maximum = top,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = s_grid,
            TicklineColor = s_soft,
        });
        (StrategySeries Series, string Name, Style Style)[] lines =
        [
            .. costs.Strategies.Select(static (series, index) => (series, series.Strategy, s_styles[index % s_styles.Length])),
            .. costs.Baseline.Select((series, index) => (series, $"{costs.BaselineSystem} {series.Strategy}", s_baselineStyles[index % s_baselineStyles.Length])),
        ];
        for (int index = 0; index < lines.Length; index++)
        {
            (StrategySeries series, string name, Style style) = lines[index];
            model.Series.Add(Line(series, style));
            model.Annotations.Add(Name(tables, top, index, name, style));
        }

        AddLabels(model, [.. lines.SelectMany(line => Labels(line.Series, line.Style, top))], top);
        return model;
    }

    private static LogarithmicAxis TablesAxis(StrategyCosts costs)
    {
        double[] tables = [.. costs.Strategies.Concat(costs.Baseline).SelectMany(static series => series.Costs).Select(KiB)];
        return new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Base = 2,
            Title = "KiB of page tables in use: the kernel's set and all domains' (logarithmic scale)",
            Minimum = Math.Pow(2, Math.Floor(Math.Log2(tables.Min()) - 0.3)),
            Maximum = Math.Pow(2, Math.Ceiling(Math.Log2(tables.Max()) + 0.3)),
            AxisTitleDistance = TitleDistance,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = s_grid,
            MinorTickSize = 0,
            TicklineColor = s_soft,
            LabelFormatter = static value => value.ToString("0", CultureInfo.InvariantCulture),
        };
    }

    private static LineSeries Line(StrategySeries series, Style style)
    {
        LineSeries line = new()
        {
            Color = style.Color,
            StrokeThickness = 1.5,
            MarkerType = style.Marker,
            MarkerSize = style.Size,
            MarkerFill = OxyColors.White,
            MarkerStroke = style.Color,
            MarkerStrokeThickness = MarkerThickness,
        };
        line.Points.AddRange(series.Costs.Select(Point));
        return line;
    }

    // Numbers of domains whose points lie near the first of them share a label.
    private static List<TextAnnotation> Labels(StrategySeries series, Style style, double top)
    {
        List<TextAnnotation> labels = [];
        string first = string.Empty;
        foreach (StrategyCost cost in series.Costs)
        {
            DataPoint point = Point(cost);
            string count = cost.DomainCount.ToString(CultureInfo.InvariantCulture);
            if (labels.Count != 0 && AreNear(labels[^1].TextPosition, point, top))
            {
                labels[^1].Text = $"{first} to {count}";
                continue;
            }

            first = count;
            labels.Add(new TextAnnotation
            {
                Text = count,
                TextPosition = point,
                TextHorizontalAlignment = HorizontalAlignment.Center,
                TextVerticalAlignment = style.LabelSide,
                Offset = new ScreenVector(0, style.LabelSide == VerticalAlignment.Top ? LabelDistance : -LabelDistanceAbove),
                StrokeThickness = 0,
                TextColor = style.Color,
            });
        }

        return labels;
    }

    // Of those above, the highest first, and of those below the lowest: what is left out for being near another would lie among points.
    private static void AddLabels(PlotModel model, IReadOnlyList<TextAnnotation> labels, double top)
    {
        foreach (IEnumerable<TextAnnotation> side in labels.GroupBy(static label => label.TextVerticalAlignment).Select(static side => side.Key == VerticalAlignment.Bottom
            ? side.OrderByDescending(static label => label.TextPosition.Y)
            : side.OrderBy(static label => label.TextPosition.Y)))
        {
            List<DataPoint> labelled = [];
            foreach (TextAnnotation label in side)
            {
                if (!labelled.Exists(other => AreNear(other, label.TextPosition, top)))
                {
                    labelled.Add(label.TextPosition);
                    model.Annotations.Add(label);
                }
            }
        }
    }

    private static bool AreNear(DataPoint one, DataPoint other, double top) =>
        Math.Max(one.X / other.X, other.X / one.X) < NearFactor && Math.Abs(one.Y - other.Y) < NearPart * top;

    private static PointAnnotation Name(LogarithmicAxis tables, double top, int row, string name, Style style) => new()
    {
        X = tables.Minimum * Math.Pow(tables.Maximum / tables.Minimum, NamesFromLeft),
        Y = top * (1 - (NamesFromTop * (row + 1))),
        Shape = style.Marker,
        Size = style.Size,
        Fill = OxyColors.White,
        Stroke = style.Color,
        StrokeThickness = MarkerThickness,
        Text = name,
        TextColor = s_text,
        TextMargin = style.Size < BaselineSize ? (2 * BaselineSize) - style.Size : BaselineSize,
        TextHorizontalAlignment = HorizontalAlignment.Left,
        TextVerticalAlignment = VerticalAlignment.Middle,
    };

    private static DataPoint Point(StrategyCost cost) => new(KiB(cost), (double)cost.SwitchInstructions);

    private static double KiB(StrategyCost cost) => (double)(cost.TableBytes / BytesPerKiB);

    // A vertical alignment of top is that of a text which hangs below its point.
    private sealed record Style(OxyColor Color, MarkerType Marker, double Size, VerticalAlignment LabelSide);
}
