// The stacks of an image as text and as JSON.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace Ringfence.Tool.Reports;

/// <summary>How deep every stack can get, and by which calls.</summary>
public sealed class StackReport
{
    private const int FigureWidth = 6;

    private readonly ImageLayout _layout;
    private readonly LayoutStacks _stacks;

    /// <summary>Makes the report of an image.</summary>
    /// <exception cref="ToolException">Its map says nothing of stacks.</exception>
    public StackReport(ImageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        _layout = layout;
        _stacks = layout.Stacks ?? throw ToolException.Failure($"the map of {layout.Name} says nothing of stacks; build the image again");
    }

    /// <summary>The report for people.</summary>
    public string Text()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{_layout.Name}, {_layout.Format}, strategy {_layout.Strategy}: stacks in bytes, from the machine code\n\n");
        text.AppendTableRow(FigureWidth, ["has", "needs"], 0, "stack");
        foreach (LayoutStackNeed need in _stacks.Needs)
        {
            string interrupts = need.InterruptBytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", interrupts {need.InterruptBytes} on top");
            string state = need.StateBytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", x87 and SSE state {need.StateBytes} above");
            string unknown = need.Problems.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; NOT A BOUND, {need.Problems.Count} unknown");
            text.AppendTableRow(FigureWidth, [Digits(need.Bytes), Digits(need.NeededBytes)], 0, $"{need.Name}: {need.Deepest}{interrupts}{state}{unknown}");
        }

        AppendProblems(text);
        foreach (IGrouping<(string Owner, string Kind), LayoutStackPath> group in _stacks.Paths.GroupBy(static path => (path.Owner, path.Kind)))
        {
            text.Append('\n');
            text.AppendTableRow(FigureWidth, ["deepest", "irq on"], 0, $"{group.Key.Owner}: {Title(group.Key.Kind)}");
            foreach (LayoutStackPath path in group)
            {
                string bound = path.Problems.Count == 0 ? "" : "; NOT A BOUND";
                text.AppendTableRow(FigureWidth, [Digits(path.Bytes), path.InterruptibleBytes is { } bytes ? Digits(bytes) : "-"], 0, path.Name + bound);
                foreach (LayoutStackLink link in path.Chain)
                {
                    text.AppendTableRow(FigureWidth, ["", Digits(link.Bytes)], 1, link.Name);
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Writes the report as an object.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("name", _layout.Name);
        json.WriteString("format", _layout.Format);
        json.WriteString("strategy", _layout.Strategy);
        json.WritePropertyName("stacks");
        JsonSerializer.Serialize(json, _stacks, JsonSerializerOptions.Web);
        json.WriteEndObject();
    }

    private void AppendProblems(StringBuilder text)
    {
        List<string> problems = [.. _stacks.Needs.SelectMany(static need => need.Problems).Concat(_stacks.Paths.SelectMany(static path => path.Problems)).Distinct()];
        if (problems.Count != 0)
        {
            text.Append("\nwhat could not be followed\n");
            foreach (string problem in problems)
            {
                text.Append("  ").Append(problem).Append('\n');
            }
        }
    }

    private static string Title(string kind) => kind switch
    {
        "Boot" => "boot stack",
        "KernelThread" => "start of a thread, on its kernel stack",
        "ThreadBody" => "body of a kernel thread alone",
        "SystemCall" => "system call, on the caller's kernel stack",
        "InterruptOfUser" => "interrupt or exception in user mode, on the thread's kernel stack",
        "InterruptOfKernel" => "interrupt or exception in the kernel, on top of what it finds",
        "SeparateStack" => "exception on a stack of its own",
        "EntryStack" => "entry from user mode and exit, on the entry stack",
        "EntryStackTop" => "exception in an entry or exit, on top of the entry stack",
        "Landing" => "exception on a stack of its own, where it arrives",
        "UserThread" => "thread in user mode",
        _ => kind,
    };

    private static string Digits(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);
}
