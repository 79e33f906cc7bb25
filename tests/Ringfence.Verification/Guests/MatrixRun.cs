// One boot of the image AccessMatrix, until so many states were run.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;

namespace Ringfence.Verification.Guests;

/// <summary>A run that has ended.</summary>
/// <param name="Format">The guest's format.</param>
/// <param name="Emulator">What it ran on, in words.</param>
/// <param name="Log">What it said.</param>
/// <param name="Findings">What is wrong with it; empty if nothing is.</param>
/// <param name="Duration">How long it took.</param>
public sealed record MatrixRun(GuestFormat Format, string Emulator, MatrixLog Log, IReadOnlyList<string> Findings, TimeSpan Duration)
{
    private const int MemoryMiB = 32;

    private static readonly string s_repositoryRoot = typeof(MatrixRun).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>
    /// Runs under QEMU, on the richest processor that it has. The width of 40 bits leaves bits of every kind to be reserved; that of QEMU's IA-32
    /// processors is 36 and can't be chosen.
    /// </summary>
    /// <param name="format">The format.</param>
    /// <param name="stateLimit">The run ends with the block in which this many states are reached, or when there are no more.</param>
    /// <param name="timeLimit">When it ends as failed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<MatrixRun> UnderQemuAsync(GuestFormat format, long stateLimit, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(format);
        string processor = format == GuestFormat.X8664 ? "max,phys-bits=40" : "max";
        await using QemuMachine machine = QemuMachine.Start(new()
        {
            ImagePath = ImageOf(format),
            Format = format,
            Processor = processor,
            MemoryMiB = MemoryMiB,
            TimeLimit = timeLimit,
        });
        return await FollowAsync(
            format, $"QEMU {processor}", KnownDifferences.Qemu, stateLimit, machine.ReadLinesAsync(cancellationToken), machine.Stop, machine.Ending).ConfigureAwait(false);
    }

    /// <summary>Runs under Bochs.</summary>
    /// <param name="format">The format.</param>
    /// <param name="stateLimit">The run ends with the block in which this many states are reached, or when there are no more.</param>
    /// <param name="timeLimit">When it ends as failed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<MatrixRun> UnderBochsAsync(GuestFormat format, long stateLimit, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        var options = new BochsOptions { ImagePath = ImageOf(format), Format = format, MemoryMiB = MemoryMiB, TimeLimit = timeLimit };
        await using BochsMachine machine = await BochsMachine.StartAsync(options, cancellationToken).ConfigureAwait(false);
        return await FollowAsync(
            format, $"Bochs {options.Processor}", KnownDifferences.Bochs, stateLimit, machine.ReadLinesAsync(cancellationToken), machine.Stop, machine.Ending).ConfigureAwait(false);
    }

    /// <summary>The figures in a line, and a line for each finding.</summary>
    public override string ToString()
    {
        long different = Log.Differences.Values.Sum();
        string summary = $"{Format.Name,-7} {Emulator} ({Log.Processor}): {Log.StateCount:N0} states{(Log.IsComplete ? ", all there are," : string.Empty)} in "
            + $"{Duration.TotalSeconds:N0} s, {different:N0} known differences of {Log.Differences.Count} classes";
        return Findings.Count == 0 ? summary : $"{summary}; wrong:\n  {string.Join("\n  ", Findings)}";
    }

    private static string ImageOf(GuestFormat format) => ImageFiles.Locate(s_repositoryRoot, "AccessMatrix", new ImageVariant(format)).Image;

    private static async Task<MatrixRun> FollowAsync(
        GuestFormat format, string emulator, IReadOnlyList<KnownDifference> known, long stateLimit, IAsyncEnumerable<string> lines, Action stop, Task<GuestExit> ending)
    {
        var log = new MatrixLog();
        long start = Stopwatch.GetTimestamp();
        bool isEnough = false;
        await foreach (string line in lines.ConfigureAwait(false))
        {
            // What the guest says while it is being stopped is no longer counted.
            if (!isEnough && log.Read(line) && log.StateCount >= stateLimit)
            {
                isEnough = true;
                stop();
            }
        }

        GuestExit exit = await ending.ConfigureAwait(false);
        IReadOnlyList<string> findings = MatrixJudgement.Judge(log, format, known);
        return new(
            format,
            emulator,
            log,
            isEnough || log.IsComplete ? findings : [$"{exit}. The console: {log.LastWords}", .. findings],
            Stopwatch.GetElapsedTime(start));
    }
}
