// Runs random programs, and shrinks one that goes wrong.

using System;
using CsCheck;
using Ringfence.Paging;

namespace Ringfence.Verification.Randomised;

/// <summary>Random programs on one format.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class EditPrograms<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>The first thing that goes wrong in a program, or null.</summary>
    public static string? Violation(EditProgram program, EditMistake mistake = EditMistake.None)
    {
        EditMachine<TFormat> machine = new(program, mistake);
        for (int index = 0; index < program.Operations.Length; index++)
        {
            if (machine.Do(program.Operations[index]) is { } violation)
            {
                return $"operation {index} ({program.Operations[index]}): {violation}";
            }
        }

        return null;
    }

    /// <summary>Runs so many programs. One that goes wrong is made shorter as long as it goes wrong, then thrown with its seed.</summary>
    /// <exception cref="CsCheckException">A program goes wrong.</exception>
    public static void Sample(long count, EditMistake mistake = EditMistake.None, int threads = -1) =>
        EditProgram.Any.Sample(
            program =>
            {
                if (Violation(program, mistake) is { } violation)
                {
                    throw new InvalidOperationException(violation);
                }
            },
            iter: count,
            threads: threads);
}
