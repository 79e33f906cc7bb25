// All strategies of an application side by side, for people and as JSON.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Strategies;

/// <summary>What was found out about an application.</summary>
/// <param name="Name">The application's name.</param>
/// <param name="Results">Its strategies, format by format.</param>
/// <param name="RamLimit">Bytes that its image may take; null for no limit.</param>
public sealed record StrategyReport(string Name, IReadOnlyList<StrategyResult> Results, ulong? RamLimit)
{
    private const string NoValue = "-";
    private const string EveryPair = "every pair";

    private static readonly string[] s_memoryHeadings = ["strategy", "RAM", "tables", "strategy's data", "worst switch", "weight"];
    private static readonly string[] s_switchHeadings = ["strategy", "switch", "entries", "INVLPG", "CR3", "instructions", "in turns", "weight"];

    // Columns of words; what follows are numbers.
    private const int MemoryNameColumns = 1;
    private const int SwitchNameColumns = 2;

    /// <summary>What the numbers mean, once for all tables.</summary>
    public static string Legend { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"A weight is instructions plus {DomainSwitch.FlushWeight} for each INVLPG and each write of CR3. In turns are the instructions once the two have switched to and fro; the weight is of the first time. With KPTI CR3 is also written at every entry from user mode and every exit to it, whoever runs.\n");

    /// <summary>What is recommended: for each format without KPTI, which a processor needs that leaks what is mapped (Meltdown), and with it.</summary>
    public IEnumerable<(GuestFormat Format, bool HasKpti, StrategyAdvice Advice)> Recommendations =>
        from result in Results
        group result by (result.Variant.Format, result.Variant.HasKpti) into choice
        let advice = StrategyAdvice.Of([.. choice], RamLimit)
        where advice is not null
        select (choice.Key.Format, choice.Key.HasKpti, advice);

    /// <summary>The tables of one format, for people, with what is recommended on it.</summary>
    public string Text(GuestFormat format)
    {
        StrategyResult[] results = [.. Results.Where(result => result.Variant.Format == format)];
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Name}, {format.Name}\n");
        text.AppendTable(MemoryNameColumns, s_memoryHeadings, [.. results.Where(static result => result.Memory is not null).Select(MemoryCells)]);
        string[][] switches = [.. results.SelectMany(static result => result.IsUniform
            ? [SwitchCells(result.Name, EveryPair, result.Switches[0])]
            : result.Switches.Select(one => SwitchCells(result.Name, one.Pair, one)))];
        if (switches.Length != 0)
        {
            text.Append('\n');
            text.AppendTable(SwitchNameColumns, s_switchHeadings, switches);
        }

        text.Append('\n');
        foreach (StrategyResult failed in results.Where(static result => result.Failure is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"{failed.Name}: not measured: {failed.Failure}\n");
        }

        foreach ((_, bool hasKpti, StrategyAdvice advice) in Recommendations.Where(recommendation => recommendation.Format == format))
        {
            text.Append(hasKpti ? "recommended with KPTI: " : "recommended: ");
            text.Append(advice.Chosen is { } chosen ? $"{chosen.Name}: {advice.Reason}\n" : advice.Reason + "\n");
        }

        return text.ToString();
    }

    /// <summary>Writes everything as an object.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteNumber("flushWeight", DomainSwitch.FlushWeight);
        if (RamLimit is { } limit)
        {
            json.WriteNumber("ramLimit", limit);
        }

        json.WriteStartArray("strategies");
        foreach (StrategyResult result in Results)
        {
            WriteResult(json, result);
        }

        json.WriteEndArray();
        json.WriteStartArray("recommendations");
        foreach ((GuestFormat format, bool hasKpti, StrategyAdvice advice) in Recommendations)
        {
            json.WriteStartObject();
            json.WriteString("format", format.Name);
            json.WriteBoolean("kpti", hasKpti);
            json.WriteString("strategy", advice.Chosen?.Name);
            json.WriteString("reason", advice.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, StrategyResult result)
    {
        json.WriteStartObject();
        json.WriteString("format", result.Variant.Format.Name);
        json.WriteString("strategy", result.Name);
        if (result.Failure is { } failure)
        {
            json.WriteString("failure", failure);
        }

        if (result.Memory is { } memory)
        {
            json.WriteNumber("bytes", memory.TotalBytes);
            json.WriteNumber("tableBytes", memory.TableBytes);
            json.WriteNumber("strategyBytes", memory.DataBytes);
        }

        json.WriteStartArray("switches");
        foreach (DomainSwitch one in result.Switches)
        {
            json.WriteStartObject();
            json.WriteString("from", one.From);
            json.WriteString("to", one.To);
            json.WriteNumber("entryWrites", one.EntryWrites);
            json.WriteNumber("invalidatedPages", one.InvalidatedPages);
            json.WriteNumber("control3Writes", one.Control3Writes);
            json.WriteNumber("instructions", one.Instructions);
            json.WriteNumber("steps", one.StepCount);
            if (one.InstructionsInTurns is { } inTurns)
            {
                json.WriteNumber("instructionsInTurns", inTurns);
            }

            json.WriteNumber("weight", one.Weight);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string[] MemoryCells(StrategyResult result) =>
    [
        result.Name,
        Digits(result.Memory!.TotalBytes),
        Digits(result.Memory.TableBytes),
        Digits(result.Memory.DataBytes),
        result.IsUniform ? EveryPair : result.Worst?.Pair ?? NoValue,
        result.Worst is { } worst ? Digits((ulong)worst.Weight) : NoValue,
    ];

    private static string[] SwitchCells(string strategy, string pair, DomainSwitch one) =>
    [
        strategy,
        pair,
        Digits((ulong)one.EntryWrites),
        Digits((ulong)one.InvalidatedPages),
        Digits((ulong)one.Control3Writes),
        one.StepCount == 1 ? Digits((ulong)one.Instructions) : string.Create(CultureInfo.InvariantCulture, $"{one.Instructions} in {one.StepCount} steps"),
        one.InstructionsInTurns is { } instructions ? Digits((ulong)instructions) : NoValue,
        Digits((ulong)one.Weight),
    ];

    private static string Digits(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
