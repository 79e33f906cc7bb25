// Runs random programs, and shrinks one that goes wrong.

using System;
using System.Threading;
using CsCheck;
using Ringfence.Paging;

namespace Ringfence.Verification.Randomised;

/// <summary>Random programs on one format.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class EditPrograms<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>The first thing that goes wrong in a program, or null.</summary>
    /// <param name="program">The program.</param>
    /// <param name="mistake">A mistake to be found.</param>
    /// <param name="successCount">Operations that were not refused.</param>
    public static string? Violation(EditProgram program, EditMistake mistake, out int successCount)
    {
        EditMachine<TFormat> machine = new(program, mistake);
        for (int index = 0; index < program.Operations.Length; index++)
        {
            if (machine.Do(program.Operations[index]) is { } violation)
            {
                successCount = machine.SuccessCount;
                return $"operation {index} ({program.Operations[index]}): {violation}";
            }
        }

        successCount = machine.SuccessCount;
        return null;
    }

    /// <summary>Runs so many programs. One that goes wrong is made shorter as long as it goes wrong, then thrown with its seed.</summary>
    /// <param name="count">Programs.</param>
    /// <param name="mistake">A mistake to be found.</param>
    /// <param name="threads">Threads; as many as there are processors unless said otherwise.</param>
    /// <returns>Operations that were not refused.</returns>
    /// <exception cref="CsCheckException">A program goes wrong.</exception>
    public static long Sample(long count, EditMistake mistake = EditMistake.None, int threads = -1)
    {
        long total = 0;
        EditProgram.Any.Sample(
            program =>
            {
                string? violation = Violation(program, mistake, out int successCount);
                Interlocked.Add(ref total, successCount);
                if (violation is not null)
                {
                    throw new InvalidOperationException(violation);
                }
            },
            iter: count,
            threads: threads);
        return total;
    }
}
