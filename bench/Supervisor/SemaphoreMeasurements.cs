// Two threads of equal priority in turn: each gives the semaphore for which the other waits, and takes the one that the other gives.

using System;
using Ringfence.Bench.Contracts;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Bench.Supervisor;

internal static unsafe class SemaphoreMeasurements
{
    private const int RoundCount = 200;

    // The worker's semaphores, in the order of their names: Ping and Pong.
    private const int Ping = 0;
    private const int Pong = 1;

    /// <summary>Neither thread ever runs in user mode.</summary>
    public static void KernelToKernel()
    {
        int first = ThreadLifecycle.CreateKernelThread(&Serve, RoundCount, Workers.Priority);
        int second = ThreadLifecycle.CreateKernelThread(&Return, RoundCount, Workers.Priority);
        Workers.RunBoth(second, first);
        Measurement.Report("semaphore-kernel-kernel"u8, Parameters.None, 2 * RoundCount);
    }

    /// <summary>Two user threads of one domain.</summary>
    public static void UserToUserSameDomain()
    {
        int domain = Workers.CreateDomain();
        int first = Workers.Create(domain, 0, WorkKind.Serve, RoundCount, isMeasured: true);
        int second = Workers.Create(domain, 1, WorkKind.Return, RoundCount, isMeasured: false);
        Workers.RunBoth(second, first);
        Report("semaphore-user-user-same-domain"u8, Parameters.None);
        Protection.DestroyDomain(domain);
    }

    /// <summary>Two user threads in domains as at a switch between domains.</summary>
    public static void UserToUserOtherDomain(int partitionCount)
    {
        int first = Workers.CreateNeighbour(0, 2, partitionCount, 1, PartitionRights.ReadWrite, WorkKind.Serve, RoundCount, out int firstDomain);
        int second = Workers.CreateNeighbour(1, 2, partitionCount, 1, PartitionRights.ReadWrite, WorkKind.Return, RoundCount, out int secondDomain);
        Workers.RunBoth(second, first);
        Report("semaphore-user-user-other-domain"u8, new Parameters("partitions"u8, partitionCount, "pagesPerPartition"u8, 1));
        Protection.DestroyDomain(firstDomain);
        Protection.DestroyDomain(secondDomain);
    }

    private static void Report(ReadOnlySpan<byte> name, Parameters parameters) =>
        Measurement.Report(name, parameters, 2 * RoundCount, Workers.MeasuredInstructions);

    private static void Serve(nint rounds)
    {
        Measurement.Begin();
        for (nint round = 0; round < rounds; round++)
        {
            Give(Ping);
            Take(Pong);
        }

        Measurement.End();
    }

    private static void Return(nint rounds)
    {
        for (nint round = 0; round < rounds; round++)
        {
            Take(Ping);
            Give(Pong);
        }
    }

    private static void Give(int semaphore)
    {
        bool enabled = Processor.DisableInterrupts();
        _ = Semaphores.Give(semaphore, Thread.NoComponent);
        Scheduler.SwitchIfWanted();
        Processor.RestoreInterrupts(enabled);
    }

    private static void Take(int semaphore)
    {
        bool enabled = Processor.DisableInterrupts();
        _ = Semaphores.Take(semaphore, uint.MaxValue, Thread.NoComponent);
        Processor.RestoreInterrupts(enabled);
    }
}
