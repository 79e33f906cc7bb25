// One test program: xUnit v3 test projects are executables that discover and run their own tests.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool.Testing;

/// <summary>A test project's program and how to start it.</summary>
/// <param name="Project">The test project's name.</param>
/// <param name="FileName">The program to start.</param>
/// <param name="Arguments">Arguments before those of xUnit.</param>
/// <param name="TimeLimit">When to give up on it.</param>
public sealed record TestProgram(string Project, string FileName, IReadOnlyList<string> Arguments, TimeSpan TimeLimit)
{
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(2);

    /// <summary>Names the tests whose name contains <paramref name="filter"/>, or all.</summary>
    /// <exception cref="ToolException">The program could not tell.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(string? filter, CancellationToken cancellationToken)
    {
        var output = new List<string>();
        string? ending = await ExecuteAsync(["-list", "tests/json", .. Selection(filter)], output.Add, static _ => { }, [0], cancellationToken)
            .ConfigureAwait(false);
        try
        {
            if (ending is null && output.Find(static line => line.StartsWith('[')) is { } json)
            {
                return JsonSerializer.Deserialize<string[]>(json) ?? [];
            }
        }
        catch (JsonException)
        {
            // Reported below, as no list at all is.
        }

        throw ToolException.Failure($"cannot list the tests of {Project}: its program {ending ?? "named none"}");
    }

    /// <summary>Runs the tests whose name contains <paramref name="filter"/>, or all. A program that dies or hangs is a failed outcome.</summary>
    public async Task<TestReport> RunAsync(string? filter, CancellationToken cancellationToken)
    {
        var events = new TestEventReader(Project);
        long begin = Stopwatch.GetTimestamp();

        // Synchronously, so that the start of the test that kills the program is told before it does. 1 is what xUnit ends with when tests failed,
        // which the events tell anyway.
        string? ending = await ExecuteAsync(
            ["-automated", "sync", .. Selection(filter)], events.ReadLine, events.KeepOutput, [0, 1], cancellationToken).ConfigureAwait(false);
        return events.Complete(ending, Stopwatch.GetElapsedTime(begin));
    }

    // Theories are taken apart before they run, so that each row has a name that a filter can meet.
    private static string[] Selection(string? filter) =>
        filter is null ? ["-preEnumerateTheories"] : ["-preEnumerateTheories", "-displayName", $"*{filter}*"];

    private async Task<string?> ExecuteAsync(
        IEnumerable<string> arguments, Action<string> onOutput, Action<string> onError, int[] goodCodes, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(FileName, [.. Arguments, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = ChildProcess.Start(start);
        var gate = new Lock();
        Task pumps = Task.WhenAll(PumpAsync(process.StandardOutput, onOutput, gate, process.StandardInput), PumpAsync(process.StandardError, onError, gate, null));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            await DrainAsync(pumps).ConfigureAwait(false);
            return string.Create(CultureInfo.InvariantCulture, $"was ended after {TimeLimit.TotalSeconds:0.###} s");
        }

        await DrainAsync(pumps).ConfigureAwait(false);
        return goodCodes.Contains(process.ExitCode) ? null : $"ended with exit code {process.ExitCode}";
    }

    // A process that a test left behind may hold the pipes open; nothing it says matters.
    private static async Task DrainAsync(Task pumps) => await Task.WhenAny(pumps, Task.Delay(s_drainLimit)).ConfigureAwait(false);

    private static async Task PumpAsync(StreamReader reader, Action<string> onLine, Lock gate, StreamWriter? acknowledgement)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            lock (gate)
            {
                onLine(line);
            }

            if (acknowledgement is not null && line.StartsWith('{'))
            {
                try
                {
                    await acknowledgement.WriteAsync("\r\n").ConfigureAwait(false);
                    await acknowledgement.FlushAsync().ConfigureAwait(false);
                }
                catch (IOException)
                {
                    // It has ended meanwhile; what it still said is read to the end.
                    acknowledgement = null;
                }
            }
        }
    }
}
