// A worker from outside: asked, watched and replaced.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Mutation.Running;

/// <summary>A test on the library as it is.</summary>
/// <param name="Index">Its place among all tests.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsSearch">Whether it searches for a counterexample, for seconds.</param>
/// <param name="Milliseconds">How long it takes.</param>
/// <param name="Turns">Turns of the library's loops.</param>
/// <param name="Members">The members that it enters.</param>
internal sealed record SurveyedTest(int Index, string Name, bool IsSearch, long Milliseconds, long Turns, IReadOnlySet<int> Members);

/// <summary>What became of a mutant.</summary>
/// <param name="Killer">The test that noticed it; null if none did.</param>
/// <param name="Ending">How: by failing, by an end of the process, or by not ending; empty when it survived.</param>
internal sealed record Verdict(SurveyedTest? Killer, string Ending);

/// <summary>Starts a worker and asks it.</summary>
internal sealed class WorkerProcess(string program, IReadOnlyList<string> arguments) : IDisposable
{
    // Of the worker's own processor time, so that a busy machine makes no difference.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private const int PatienceFactor = 20;
    private const long TurnsOnTop = 1_000_000;

    private Process? _process;
    private string _lastError = string.Empty;

    /// <summary>Runs every test once, or every one that is no search.</summary>
    /// <exception cref="InvalidOperationException">A test fails on the library as it is.</exception>
    public IReadOnlyList<SurveyedTest> Survey(bool withSearches, CancellationToken cancellationToken)
    {
        Process process = Start();
        process.StandardInput.WriteLine(withSearches ? $"survey {Worker.WithSearches}" : "survey quickly");
        List<SurveyedTest> tests = [];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"the tests could not be run: {_lastError}");
            if (line == "end")
            {
                return tests;
            }

            string[] fields = line.Split('\t');
            if (fields[7].Length != 0)
            {
                throw new InvalidOperationException($"{fields[3]} fails without a mutant: {fields[7]}");
            }

            HashSet<int> members = [.. fields[6].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number)];
            tests.Add(new SurveyedTest(
                Number(fields[1]), fields[3], bool.Parse(fields[2]), Number(fields[4]), long.Parse(fields[5], CultureInfo.InvariantCulture), members));
        }
    }

    /// <summary>Runs tests against a mutant, in this order, until one notices it.</summary>
    public Verdict Judge(int mutant, IReadOnlyList<SurveyedTest> tests, CancellationToken cancellationToken)
    {
        Process process = Start();
        Dictionary<int, SurveyedTest> known = tests.ToDictionary(static test => test.Index);
        string list = string.Join(',', tests.Select(static test => $"{test.Index}:{(test.Turns * PatienceFactor) + TurnsOnTop}"));
        SurveyedTest current = tests[0];
        TimeSpan begun = process.TotalProcessorTime;
        try
        {
            process.StandardInput.WriteLine($"run {mutant} {list}");
            while (true)
            {
                Task<string?> answer = process.StandardOutput.ReadLineAsync(cancellationToken).AsTask();
                while (!answer.Wait(s_look, cancellationToken))
                {
                    if (process.TotalProcessorTime - begun > s_patience + TimeSpan.FromMilliseconds(current.Milliseconds * PatienceFactor))
                    {
                        Stop();
                        return new Verdict(current, "did not end");
                    }
                }

                if (answer.Result is not { } line)
                {
                    Stop();
                    return new Verdict(current, "the process ended");
                }

                string[] fields = line.Split('\t');
                switch (fields[0])
                {
                    case "at":
                        current = known[Number(fields[1])];
                        begun = process.TotalProcessorTime;
                        break;
                    case "killed":
                        return new Verdict(known[Number(fields[1])], "failed");
                    default:
                        return new Verdict(null, string.Empty);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException && process.HasExited)
        {
            Stop();
            return new Verdict(current, "the process ended");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private Process Start()
    {
        if (_process is null)
        {
            ProcessStartInfo start = new("dotnet", [program, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    // Every mutant is new code that runs for moments.
                    ["DOTNET_TieredPGO"] = "0",
                    ["DOTNET_GCHeapHardLimit"] = "0x40000000",
                    ["DOTNET_DbgEnableMiniDump"] = "0",
                },
            };
            _process = Process.Start(start)!;
            _process.ErrorDataReceived += (_, said) => _lastError = said.Data is { Length: > 0 } && _lastError.Length == 0 ? said.Data : _lastError;
            _process.BeginErrorReadLine();
        }

        return _process;
    }

    private void Stop()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
