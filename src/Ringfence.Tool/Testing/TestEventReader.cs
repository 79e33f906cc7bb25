// Understands what an xUnit v3 test program says when it is run with -automated: one JSON message a line, as things happen. Unlike a report
// written at the end it survives a program that dies half-way, and tells which tests were running then.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace Ringfence.Tool.Testing;

/// <summary>Collects outcomes from a test program's messages.</summary>
public sealed class TestEventReader
{
    private const int KeptOutputLines = 20;

    private readonly string _project;
    private readonly Dictionary<string, string> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly List<TestOutcome> _outcomes = [];
    private readonly Queue<string> _output = new();
    private bool _finished;

    /// <summary>Creates a reader for the program of <paramref name="project"/>.</summary>
    public TestEventReader(string project) => _project = project;

    /// <summary>Takes one line of standard output.</summary>
    public void ReadLine(string line)
    {
        if (!line.StartsWith('{'))
        {
            KeepOutput(line);
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            ReadMessage(document.RootElement);
        }
        catch (JsonException)
        {
            KeepOutput(line);
        }
    }

    /// <summary>Takes one line that is no message: of standard error, or printed by a test past its runner. Shown if the program dies.</summary>
    public void KeepOutput(string line)
    {
        if (line.Length == 0)
        {
            return;
        }

        if (_output.Count == KeptOutputLines)
        {
            _output.Dequeue();
        }

        _output.Enqueue(line);
    }

    /// <summary>Ends the report.</summary>
    /// <param name="ending">How the program ended, in words, if that alone is a failure; null if it ran to its end.</param>
    /// <param name="duration">How long it ran.</param>
    public TestReport Complete(string? ending, TimeSpan duration)
    {
        if (ending is not null || !_finished)
        {
            string running = _running.Count == 0 ? string.Empty : "; running: " + string.Join(", ", _running.Values.Order(StringComparer.Ordinal));
            string message = $"the test program {ending ?? "ended before its tests were finished"}{running}";
            _outcomes.Add(new(_project, TestVerdict.Failed, message, string.Join('\n', _output)));
        }

        return new(_project, [.. _outcomes.OrderBy(static outcome => outcome.Name, StringComparer.Ordinal)], duration);
    }

    private void ReadMessage(JsonElement message)
    {
        string type = Text(message, "$type");
        string test = Text(message, "TestUniqueID");
        switch (type)
        {
            case "test-starting":
                _running[test] = _names[test] = Text(message, "TestDisplayName");
                break;
            case "test-passed":
                Add(test, TestVerdict.Passed, message);
                break;
            case "test-failed":
                Add(test, TestVerdict.Failed, message);
                break;
            case "test-skipped":
                Add(test, TestVerdict.Skipped, message);
                break;
            case "test-assembly-finished":
                _finished = true;
                break;
            case "error-message":
            case { } when type.EndsWith("-cleanup-failure", StringComparison.Ordinal):
                // Outside any test or after one; either way something did not hold.
                _outcomes.Add(new(
                    _names.TryGetValue(test, out string? name) ? name : _project,
                    TestVerdict.Failed,
                    $"{type}: {Joined(message, "Messages")}",
                    Joined(message, "StackTraces")));
                break;
        }
    }

    private void Add(string test, TestVerdict verdict, JsonElement message)
    {
        _running.Remove(test);
        string name = _names.TryGetValue(test, out string? known) ? known : test;
        _outcomes.Add(verdict switch
        {
            TestVerdict.Failed => new(name, verdict, Joined(message, "Messages"), Joined(message, "StackTraces")),
            TestVerdict.Skipped => new(name, verdict, Text(message, "Reason"), string.Empty),
            _ => new(name, verdict, string.Empty, string.Empty),
        });
    }

    private static string Text(JsonElement message, string property) =>
        message.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;

    private static string Joined(JsonElement message, string property) =>
        message.TryGetProperty(property, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? string.Join('\n', list.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString()))
            : string.Empty;
}
