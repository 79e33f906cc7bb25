// Turns the console of a guest that tests itself into verdicts. The lines are GuestTestRunner's:
//   @begin NAME     @pass NAME     @fail NAME     @skip NAME: REASON     @detail TEXT (before @fail)     @end COUNT

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Ringfence.Guest.Tests;

/// <summary>How a guest test ended.</summary>
internal enum GuestVerdict
{
    /// <summary>The guest says that it passed.</summary>
    Passed,

    /// <summary>The guest says that it failed.</summary>
    Failed,

    /// <summary>The guest says why it doesn't apply.</summary>
    Skipped,
}

/// <summary>What the guest said about one test.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Text">The details of a failure, the reason of a skip.</param>
internal sealed record GuestTestResult(GuestVerdict Verdict, string Text);

/// <summary>Reads the console of one boot.</summary>
internal sealed class GuestTestLog
{
    private const int TailLineCount = 40;

    private readonly Dictionary<string, GuestTestResult> _results = new(StringComparer.Ordinal);
    private readonly List<string> _details = [];
    private readonly Queue<string> _tail = new();

    /// <summary>The test that has begun and not ended; null between tests.</summary>
    public string? Current { get; private set; }

    /// <summary>How many tests the guest says it has run; null if it never came to its end.</summary>
    public int? EndCount { get; private set; }

    /// <summary>Number of verdicts.</summary>
    public int Count => _results.Count;

    /// <summary>The last lines of the console.</summary>
    public string Tail => string.Join(Environment.NewLine, _tail);

    /// <summary>What the guest said about a test; null if it gave no verdict.</summary>
    public GuestTestResult? this[string test] => _results.GetValueOrDefault(test);

    /// <summary>Takes one line in.</summary>
    public void Read(string line)
    {
        _tail.Enqueue(line);
        if (_tail.Count > TailLineCount)
        {
            _tail.Dequeue();
        }

        int space = line.IndexOf(' ', StringComparison.Ordinal);
        if (!line.StartsWith('@') || space < 0)
        {
            return;
        }

        string rest = line[(space + 1)..];
        switch (line[..space])
        {
            case "@begin":
                Current = rest;
                _details.Clear();
                break;
            case "@detail":
                _details.Add(rest);
                break;
            case "@pass":
                End(rest, GuestVerdict.Passed, string.Empty);
                break;
            case "@fail":
                End(rest, GuestVerdict.Failed, string.Join(Environment.NewLine, _details.DefaultIfEmpty("the guest gave no details")));
                break;
            case "@skip":
                int colon = rest.IndexOf(": ", StringComparison.Ordinal);
                End(rest[..colon], GuestVerdict.Skipped, rest[(colon + 2)..]);
                break;
            case "@end":
                EndCount = int.Parse(rest, CultureInfo.InvariantCulture);
                break;
        }
    }

    private void End(string test, GuestVerdict verdict, string text)
    {
        // A verdict about another test than the one that began is none: the test stays without, which is a failure.
        if (test == Current)
        {
            _results[test] = new(verdict, text);
        }

        Current = null;
    }
}
