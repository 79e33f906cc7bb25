// One measured operation, as the bench image reports it.

using System;
using System.Globalization;

namespace Ringfence.Tool.Benchmarks;

/// <summary>A figure of the bench image.</summary>
/// <param name="Name">The operation.</param>
/// <param name="Parameter">What it was measured with, a number of partitions say; 0 where the operation has no parameter.</param>
/// <param name="Instructions">Executed instructions of one operation, with two decimals.</param>
public sealed record BenchFigure(string Name, int Parameter, decimal Instructions)
{
    private const string Tag = "@bench";
    private const decimal HundredthsPerInstruction = 100;

    /// <summary>Whether a console line claims to be a figure.</summary>
    public static bool IsFigure(string line) => line == Tag || (line is not null && line.StartsWith(Tag + " ", StringComparison.Ordinal));

    /// <summary>Reads <c>@bench NAME PARAMETER HUNDREDTHS-OF-INSTRUCTIONS</c>.</summary>
    /// <exception cref="ToolException">The line is none of that form.</exception>
    public static BenchFigure Parse(string line)
    {
        string[] words = line?.Split(' ') ?? [];
        return words is [Tag, { Length: > 0 } name, string parameter, string hundredths]
            && int.TryParse(parameter, NumberStyles.None, CultureInfo.InvariantCulture, out int parameterValue)
            && ulong.TryParse(hundredths, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
                ? new(name, parameterValue, count / HundredthsPerInstruction)
                : throw ToolException.Failure($"the bench image wrote '{line}', which is no figure: {Tag} NAME PARAMETER HUNDREDTHS-OF-INSTRUCTIONS");
    }
}
