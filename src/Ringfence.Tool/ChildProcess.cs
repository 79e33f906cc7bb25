// Runs the programs the command leans on (dotnet, apt-get): found on PATH, output passed through, ended when the command is.

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Tool;

/// <summary>Starts programs and finds them.</summary>
public static class ChildProcess
{
    /// <summary>
    /// The <c>dotnet</c> that runs this program, which is the one the front-door script found; otherwise the one on PATH.
    /// </summary>
    public static string DotnetHost { get; } =
        Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    /// <summary>Whether a program is on PATH.</summary>
    public static bool IsInstalled(string program)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator))
        {
            if (folder.Length != 0 && File.Exists(Path.Combine(folder, program)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Runs a program to its end and passes all of its output to <paramref name="output"/>, line by line: standard output belongs to the guest
    /// or to the test results.
    /// </summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ToolException">The program cannot be started.</exception>
    /// <exception cref="OperationCanceledException">The command was interrupted; the program has been ended.</exception>
    public static async Task<int> RunAsync(
        string program, IEnumerable<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Start(start);
        TextWriter shared = TextWriter.Synchronized(output);
        Task pumps = Task.WhenAll(PumpAsync(process.StandardOutput, shared), PumpAsync(process.StandardError, shared));
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        // A compiler server the build left behind may hold the pipe open for ever; what the build itself said is here by then.
        await Task.WhenAny(pumps, Task.Delay(TimeSpan.FromSeconds(1), cancellationToken)).ConfigureAwait(false);
        return process.ExitCode;
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="ToolException">It cannot be started.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        ArgumentNullException.ThrowIfNull(start);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw ToolException.Failure($"cannot start {start.FileName}: {failure.Message}");
        }
    }

    private static async Task PumpAsync(StreamReader reader, TextWriter output)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            await output.WriteLineAsync(line).ConfigureAwait(false);
        }
    }
}
