// `ringfence verify random`: a million random programs on the real geometries.

using System;
using System.IO;
using System.Threading;
using CsCheck;
using Ringfence.Paging;
using Ringfence.Paging.Tests.Example;

namespace Ringfence.Verification.Randomised;

/// <summary>The law holds after every step of random programs, on every format.</summary>
public sealed class RandomVerification : IVerification
{
    private const int FormatCount = 4;
    private const long ProgramsPerFormat = 260_000;
    private const long ProgramsPerBatch = 13_000;

    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public bool Run(TextWriter output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        long start = Environment.TickCount64;
        bool holds = Run<Ia32Format>(output, cancellationToken)
            && Run<PaeFormat>(output, cancellationToken)
            && Run<FourLevelFormat>(output, cancellationToken)
            && Run<FiveLevelFormat>(output, cancellationToken);
        if (holds)
        {
            double seconds = (Environment.TickCount64 - start) / 1000.0;
            long total = FormatCount * ProgramsPerFormat;
            output.WriteLine($"random: {total:N0} programs of up to {EditProgram.LongestProgram} operations hold, {total / seconds:N0} a second");
        }

        return holds;
    }

    private static bool Run<TFormat>(TextWriter output, CancellationToken cancellationToken)
        where TFormat : struct, IPagingFormat
    {
        long start = Environment.TickCount64;
        long edits = 0;
        try
        {
            for (long done = 0; done < ProgramsPerFormat; done += ProgramsPerBatch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                edits += EditPrograms<TFormat>.Sample(ProgramsPerBatch);
            }
        }
        catch (CsCheckException failure)
        {
            output.WriteLine($"{typeof(TFormat).Name}: {failure.Message}\n{failure.InnerException?.Message}");
            return false;
        }

        double seconds = (Environment.TickCount64 - start) / 1000.0;
        output.WriteLine(
            $"{typeof(TFormat).Name,-16} {ProgramsPerFormat,9:N0} programs, {edits,11:N0} edits that were not refused, {ProgramsPerFormat / seconds,7:N0} programs a second");
        return true;
    }
}
