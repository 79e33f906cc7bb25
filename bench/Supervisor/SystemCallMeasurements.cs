// Calls from user mode, made in a loop by a worker that nobody competes with.

using System;
using Ringfence.Bench.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Bench.Supervisor;

internal static class SystemCallMeasurements
{
    private const int RoundCount = 200;
    private const int MostArguments = 5;

    /// <summary>Every call that is measured.</summary>
    public static void All()
    {
        int domain = Workers.CreateDomain();
        Measure(domain, "null-system-call"u8, WorkKind.NullCall);
        for (int count = 0; count <= MostArguments; count++)
        {
            MeasureArguments(domain, count);
        }

        Measure(domain, "semaphore-count"u8, WorkKind.Count);
        Measure(domain, "yield-alone"u8, WorkKind.Yield);
        Protection.DestroyDomain(domain);
    }

    // The loop looks at the number each time, which is a few instructions more than a call takes.
    private static void MeasureArguments(int domain, int count)
    {
        int slot = Workers.Create(domain, 0, WorkKind.Arguments, RoundCount, isMeasured: true);
        Workers.Order(0).ArgumentCount = count;
        ThreadLifecycle.Start(slot);
        ThreadLifecycle.Join(slot);
        Measurement.Report("system-call"u8, new Parameters("arguments"u8, count), RoundCount, Workers.MeasuredInstructions);
    }

    private static void Measure(int domain, ReadOnlySpan<byte> name, WorkKind kind)
    {
        int slot = Workers.Create(domain, 0, kind, RoundCount, isMeasured: true);
        ThreadLifecycle.Start(slot);
        ThreadLifecycle.Join(slot);
        Measurement.Report(name, Parameters.None, RoundCount, Workers.MeasuredInstructions);
    }
}
