// Runs the compiler and the assembler, as many at a time as there are processors.

using System.ComponentModel;
using System.Diagnostics;

namespace Ringfence.ImageBuilder.Compilation;

/// <summary>What a tool left: its exit code and all that it wrote.</summary>
internal readonly record struct ToolResult(int ExitCode, string Output);

/// <summary>Starts tools and waits for them.</summary>
internal static class ToolProcess
{
    private static readonly SemaphoreSlim s_places = new(Environment.ProcessorCount);

    /// <summary>Runs <paramref name="program"/>; standard error is put behind standard output.</summary>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments)
    {
        await s_places.WaitAsync().ConfigureAwait(false);
        try
        {
            ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
            output += await errors.ConfigureAwait(false);
            await process.WaitForExitAsync().ConfigureAwait(false);
            return new ToolResult(process.ExitCode, output);
        }
        catch (Win32Exception exception)
        {
            throw new BuildFailedException("RF2013", program, $"This tool could not be started: {exception.Message}");
        }
        finally
        {
            s_places.Release();
        }
    }
}
