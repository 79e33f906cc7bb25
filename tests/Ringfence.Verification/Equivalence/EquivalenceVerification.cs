// `ringfence verify strategies`: a million operations of kernels, each on every strategy at once.

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Paging;

namespace Ringfence.Verification.Equivalence;

/// <summary>At every return to user mode every strategy gives the rights that the law gives, on every format.</summary>
public sealed class EquivalenceVerification : IVerification
{
    private const int FormatCount = 3;
    private const long ProgramsPerFormat = 7_500;

    /// <inheritdoc/>
    public string Name => "strategies";

    /// <inheritdoc/>
    public bool Run(TextWriter output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        long start = Environment.TickCount64;
        long operations = 0;
        bool holds = Run<Ia32Format>(output, ref operations, cancellationToken)
            && Run<PaeFormat>(output, ref operations, cancellationToken)
            && Run<FourLevelFormat>(output, ref operations, cancellationToken);
        if (holds)
        {
            double seconds = (Environment.TickCount64 - start) / 1000.0;
            output.WriteLine(
                $"strategies: {FormatCount * ProgramsPerFormat:N0} programs, {operations:N0} operations on each of {LockstepPrograms<PaeFormat>.StrategyNames.Length} strategies hold, {operations / seconds:N0} a second");
        }

        return holds;
    }

    private static bool Run<TFormat>(TextWriter output, ref long operationTotal, CancellationToken cancellationToken)
        where TFormat : struct, IPagingFormat
    {
        long start = Environment.TickCount64;
        long operations = 0;
        long returns = 0;
        long refusals = 0;
        string? violation = null;
        ParallelOptions options = new() { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        _ = Parallel.For(1, ProgramsPerFormat + 1, options, (seed, state) =>
        {
            LockstepOutcome outcome = LockstepPrograms<TFormat>.Run(seed);
            Interlocked.Add(ref operations, outcome.OperationCount);
            Interlocked.Add(ref returns, outcome.ReturnCount);
            Interlocked.Add(ref refusals, outcome.RefusalCount);
            if (outcome.Violation is not null)
            {
                Interlocked.CompareExchange(ref violation, outcome.Violation, null);
                state.Stop();
            }
        });
        operationTotal += operations;
        double seconds = (Environment.TickCount64 - start) / 1000.0;
        output.WriteLine(violation is not null
            ? $"{typeof(TFormat).Name}: {violation}"
            : $"{typeof(TFormat).Name,-16} {operations,9:N0} operations, {returns,9:N0} returns to user mode on each strategy, {refusals,6:N0} refusals for lack of table pages or outside windows, {operations / seconds,7:N0} operations a second");
        return violation is null;
    }
}
