// What `ringfence stacks` shows of a map made by hand.

using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ringfence.Tool.Reports;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class StackReportTests
{
    private const string Stacks = """
        {
          "needs": [
            { "name": "kernel stack of a thread", "bytes": 4096, "neededBytes": 3168, "deepest": "page fault", "interruptBytes": 2272, "stateBytes": 512, "problems": [] },
            { "name": "user stack of a thread", "bytes": 4096, "neededBytes": 488, "deepest": "Main", "interruptBytes": 0, "problems": ["Meter: a recursion"] } ],
          "paths": [
            { "owner": "kernel", "kind": "SystemCall", "name": "Sleep", "bytes": 928, "interruptibleBytes": 144, "problems": [],
              "chain": [ { "name": "system_call_entry", "bytes": 0 }, { "name": "Ringfence.Kernel.ThreadLifecycle.Sleep", "bytes": 48 } ] },
            { "owner": "Meter", "kind": "UserThread", "name": "Main", "bytes": 488, "problems": ["a recursion"], "chain": [ { "name": "ComponentStart", "bytes": 0 } ] } ]
        }
        """;

    [Fact]
    public void Each_stack_is_shown_with_what_it_has_and_needs_and_each_path_with_its_calls()
    {
        string[] lines = Report().Text().Split('\n');
        Assert.Equal("Sample, pae, strategy common: stacks in bytes, from the machine code", lines[0]);
        Assert.Contains("  4096    3168  kernel stack of a thread: page fault, interrupts 2272 on top, x87 and SSE state 512 above", lines);
        int call = Array.IndexOf(lines, "   928     144  Sleep");
        Assert.True(call > 0, string.Join('\n', lines));
        Assert.Equal(["             0    system_call_entry", "            48    Ringfence.Kernel.ThreadLifecycle.Sleep"], lines[(call + 1)..(call + 3)]);
    }

    [Fact]
    public void What_is_no_bound_says_so_and_why()
    {
        string text = Report().Text();
        Assert.Contains("user stack of a thread: Main; NOT A BOUND, 1 unknown\n", text, StringComparison.Ordinal);
        Assert.Contains("what could not be followed\n  Meter: a recursion\n", text, StringComparison.Ordinal);
        Assert.Contains("   488       -  Main; NOT A BOUND\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_JSON_holds_the_same()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            Report().WriteJson(json);
        }

        JsonNode stacks = JsonNode.Parse(Encoding.UTF8.GetString(stream.ToArray()))!["stacks"]!;
        Assert.Equal(3168, stacks["needs"]![0]!["neededBytes"]!.GetValue<int>());
        Assert.Equal("Ringfence.Kernel.ThreadLifecycle.Sleep", stacks["paths"]![0]!["chain"]![1]!["name"]!.GetValue<string>());
        Assert.Equal(144, stacks["paths"]![0]!["interruptibleBytes"]!.GetValue<int>());
    }

    [Fact]
    public void A_map_without_stacks_is_refused()
    {
        ToolException failure = Assert.Throws<ToolException>(static () => new StackReport(ImageLayout.Parse(ImageReportTests.Map)));
        Assert.Contains("says nothing of stacks", failure.Message, StringComparison.Ordinal);
    }

    private static StackReport Report()
    {
        JsonNode map = JsonNode.Parse(ImageReportTests.Map)!;
        map["stacks"] = JsonNode.Parse(Stacks);
        return new StackReport(ImageLayout.Parse(map.ToJsonString()));
    }
}
