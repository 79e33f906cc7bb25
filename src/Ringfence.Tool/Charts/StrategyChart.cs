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

    // Two labels nearer than this would cover each other: as a factor of page tables, and as a part of the height.
    private const double NearFactor = 1.18;
    private const double NearPart = 0.045;

    private const double BaselineSize = 7;
    private const double MarkerThickness = 1.8;

    private static readonly OxyColor s_text = OxyColor.FromRgb(0x1f, 0x23, 0x28);
    private static readonly OxyColor s_soft = OxyColor.FromRgb(0x59, 0x63, 0x6e);
    private static readonly OxyColor s_grid = OxyColor.FromRgb(0xd8, 0xdc, 0xe1);

    // Told apart without colour, too: where points of two lines coincide, the later marker lies inside the earlier one.
    private static readonly (OxyColor Color, MarkerType Marker, double Size)[] s_styles =
    [
        (OxyColor.FromRgb(0x0a, 0x58, 0xca), MarkerType.Circle, 6),
        (OxyColor.FromRgb(0xc4, 0x16, 0x1c), MarkerType.Square, 7),
        (OxyColor.FromRgb(0x8a, 0x4b, 0x08), MarkerType.Diamond, 7),
        (OxyColor.FromRgb(0x1a, 0x7f, 0x37), MarkerType.Circle, 4),
        (OxyColor.FromRgb(0x6f, 0x42, 0xc1), MarkerType.Triangle, 4),
        (OxyColor.FromRgb(0x00, 0x6d, 0x77), MarkerType.Square, 5),
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
        double top = Math.Ceiling((double)most / 200) * 200;
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
        List<(double Tables, double Instructions)> labelled = [];
        for (int index = 0; index < costs.Strategies.Count; index++)
        {
            (OxyColor color, MarkerType marker, double size) = s_styles[index % s_styles.Length];
            Add(model, costs.Strategies[index], color, marker, size, top, labelled);
            model.Annotations.Add(Name(tables, top, index, costs.Strategies[index].Strategy, color, marker, size));
        }

        for (int index = 0; index < costs.Baseline.Count; index++)
        {
            MarkerType marker = index == 0 ? MarkerType.Cross : MarkerType.Plus;
            Add(model, costs.Baseline[index], s_soft, marker, BaselineSize, top, labelled);
            model.Annotations.Add(Name(tables, top, costs.Strategies.Count + index, $"{costs.BaselineSystem} {costs.Baseline[index].Strategy}", s_soft, marker, BaselineSize));
        }

        return model;
    }

    private static LogarithmicAxis TablesAxis(StrategyCosts costs)
    {
        double[] tables = [.. costs.Strategies.Concat(costs.Baseline).SelectMany(static series => series.Costs).Select(KiB)];
        return new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Base = 2,
            Title = "KiB of page tables in use: the kernel's set and all domains' (each doubling is as wide)",
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

    private static void Add(
        PlotModel model, StrategySeries series, OxyColor color, MarkerType marker, double size, double top, List<(double Tables, double Instructions)> labelled)
    {
        LineSeries line = new()
        {
            Color = color,
            StrokeThickness = 1.5,
            MarkerType = marker,
            MarkerSize = size,
            MarkerFill = OxyColors.White,
            MarkerStroke = color,
            MarkerStrokeThickness = MarkerThickness,
        };
        line.Points.AddRange(series.Costs.Select(static cost => new DataPoint(KiB(cost), (double)cost.SwitchInstructions)));
        model.Series.Add(line);
        foreach (IGrouping<(decimal, decimal), StrategyCost> place in series.Costs.GroupBy(static cost => (cost.TableBytes, cost.SwitchInstructions)))
        {
            (double tables, double instructions) = (KiB(place.First()), (double)place.First().SwitchInstructions);
            if (!labelled.Exists(other => Math.Max(other.Tables / tables, tables / other.Tables) < NearFactor && Math.Abs(other.Instructions - instructions) < NearPart * top))
            {
                labelled.Add((tables, instructions));
                model.Annotations.Add(Label(tables, instructions, place.First().DomainCount, place.Last().DomainCount, color));
            }
        }
    }

    private static PointAnnotation Name(LogarithmicAxis tables, double top, int row, string name, OxyColor color, MarkerType marker, double size) => new()
    {
        X = tables.Minimum * Math.Pow(tables.Maximum / tables.Minimum, NamesFromLeft),
        Y = top * (1 - (NamesFromTop * (row + 1))),
        Shape = marker,
        Size = size,
        Fill = OxyColors.White,
        Stroke = color,
        StrokeThickness = MarkerThickness,
        Text = name,
        TextColor = s_text,
        TextMargin = size < BaselineSize ? (2 * BaselineSize) - size : BaselineSize,
        TextHorizontalAlignment = HorizontalAlignment.Left,
        TextVerticalAlignment = VerticalAlignment.Middle,
    };

    private static TextAnnotation Label(double tables, double instructions, int first, int last, OxyColor color) => new()
    {
        Text = first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first} to {last}"),
        TextPosition = new DataPoint(tables, instructions),
        TextHorizontalAlignment = HorizontalAlignment.Center,
        TextVerticalAlignment = VerticalAlignment.Top,
        Offset = new ScreenVector(0, 9),
        StrokeThickness = 0,
        TextColor = color,
    };

    private static double KiB(StrategyCost cost) => (double)(cost.TableBytes / BytesPerKiB);
}
