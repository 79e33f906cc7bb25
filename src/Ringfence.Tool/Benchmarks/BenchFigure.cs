// What a bench image writes on its console, line by line.

using System;
using System.Globalization;

namespace Ringfence.Tool.Benchmarks;

/// <summary>What an image built to count says about an operation besides its instructions.</summary>
/// <param name="EntryWrites">Page-table entries written, in all operations together.</param>
/// <param name="InvalidatedPages">INVLPG instructions, likewise.</param>
/// <param name="Control3Writes">Writes of CR3, likewise.</param>
/// <param name="InterruptsOffInstructions">The longest run of instructions with interrupts off.</param>
public sealed record BenchEvents(ulong EntryWrites, ulong InvalidatedPages, ulong Control3Writes, ulong InterruptsOffInstructions);

/// <summary>A measured operation.</summary>
/// <param name="Name">The operation.</param>
/// <param name="Parameters">What it was measured with.</param>
/// <param name="OperationCount">How often it was carried out.</param>
/// <param name="Instructions">Executed instructions in all.</param>
/// <param name="Events">What else was counted; null where the image doesn't count.</param>
public sealed record BenchFigure(string Name, BenchParameters Parameters, int OperationCount, ulong Instructions, BenchEvents? Events)
{
    private const string Tag = "@bench";

    /// <summary>Whether a console line claims to be a figure.</summary>
    public static bool IsFigure(string line) => line == Tag || (line is not null && line.StartsWith(Tag + " ", StringComparison.Ordinal));

    /// <summary>Reads <c>@bench NAME PARAMETERS OPERATIONS INSTRUCTIONS [ENTRY-WRITES INVLPG CR3-WRITES INTERRUPTS-OFF]</c>.</summary>
    /// <exception cref="ToolException">The line is none of that form.</exception>
    public static BenchFigure Parse(string line)
    {
        string[] words = line?.Split(' ') ?? [];
        if (words is [Tag, { Length: > 0 } name, { } parameterText, { } operations, { } instructions, .. string[] events]
            && BenchParameters.TryParse(parameterText, out BenchParameters parameters)
            && int.TryParse(operations, NumberStyles.None, CultureInfo.InvariantCulture, out int operationCount) && operationCount != 0
            && TryCount(instructions, out ulong instructionCount))
        {
            if (events.Length == 0)
            {
                return new(name, parameters, operationCount, instructionCount, null);
            }

            if (events is [{ } entries, { } pages, { } roots, { } off] && TryCount(entries, out ulong entryWrites) && TryCount(pages, out ulong invalidatedPages)
                && TryCount(roots, out ulong control3Writes) && TryCount(off, out ulong interruptsOff))
            {
                return new(name, parameters, operationCount, instructionCount, new(entryWrites, invalidatedPages, control3Writes, interruptsOff));
            }
        }

        throw ToolException.Failure(
            $"the bench image wrote '{line}', which is no figure: {Tag} NAME PARAMETERS OPERATIONS INSTRUCTIONS [ENTRY-WRITES INVLPG CR3-WRITES INTERRUPTS-OFF]");
    }

    /// <summary>A total for one operation, rounded to two decimals.</summary>
    public decimal Each(ulong total) => Math.Round((decimal)total / OperationCount, 2, MidpointRounding.AwayFromZero);

    private static bool TryCount(string word, out ulong count) => ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}

/// <summary>Bytes that a bench image found something to take.</summary>
/// <param name="Name">What.</param>
/// <param name="Parameters">With what.</param>
/// <param name="Bytes">How many.</param>
public sealed record BenchBytes(string Name, BenchParameters Parameters, ulong Bytes)
{
    private const string Tag = "@bytes";

    /// <summary>Whether a console line claims to be such a size.</summary>
    public static bool IsSize(string line) => line == Tag || (line is not null && line.StartsWith(Tag + " ", StringComparison.Ordinal));

    /// <summary>Reads <c>@bytes NAME PARAMETERS BYTES</c>.</summary>
    /// <exception cref="ToolException">The line is none of that form.</exception>
    public static BenchBytes Parse(string line)
    {
        string[] words = line?.Split(' ') ?? [];
        return words is [Tag, { Length: > 0 } name, { } parameterText, { } bytes]
            && BenchParameters.TryParse(parameterText, out BenchParameters parameters)
            && ulong.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
                ? new(name, parameters, count)
                : throw ToolException.Failure($"the bench image wrote '{line}', which is no size: {Tag} NAME PARAMETERS BYTES");
    }
}

/// <summary>Flushes of a whole run.</summary>
/// <param name="InvalidatedPages">INVLPG instructions.</param>
/// <param name="Control3Writes">Writes of CR3.</param>
public sealed record BenchTotals(ulong InvalidatedPages, ulong Control3Writes)
{
    private const string Tag = "@total";

    /// <summary>Whether a console line claims to hold them.</summary>
    public static bool IsTotals(string line) => line == Tag || (line is not null && line.StartsWith(Tag + " ", StringComparison.Ordinal));

    /// <summary>Reads <c>@total INVLPG CR3-WRITES</c>.</summary>
    /// <exception cref="ToolException">The line is none of that form.</exception>
    public static BenchTotals Parse(string line)
    {
        string[] words = line?.Split(' ') ?? [];
        return words is [Tag, { } pages, { } roots]
            && ulong.TryParse(pages, NumberStyles.None, CultureInfo.InvariantCulture, out ulong invalidatedPages)
            && ulong.TryParse(roots, NumberStyles.None, CultureInfo.InvariantCulture, out ulong control3Writes)
                ? new(invalidatedPages, control3Writes)
                : throw ToolException.Failure($"the bench image wrote '{line}', which are no totals: {Tag} INVLPG CR3-WRITES");
    }
}
