// Threads of equal priority yield to each other; the figure is the instructions of one switch, system call and loop included.

using System;
using Ringfence.Bench.Contracts;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Bench.Supervisor;

internal static unsafe class SwitchMeasurements
{
    private const int RoundCount = 200;

    /// <summary>Neither thread ever runs in user mode.</summary>
    public static void KernelToKernel()
    {
        int first = ThreadLifecycle.CreateKernelThread(&MeasuredYield, RoundCount, Workers.Priority);
        int second = ThreadLifecycle.CreateKernelThread(&Yield, RoundCount, Workers.Priority);
        Workers.RunBoth(first, second);
        Measurement.Report("switch-kernel-kernel"u8, Parameters.None, 2 * RoundCount);
    }

    /// <summary>A user thread and a kernel thread: the tables stay as they are.</summary>
    public static void UserToKernel()
    {
        int domain = Workers.CreateDomain();
        int first = Workers.Create(domain, 0, WorkKind.Yield, RoundCount, isMeasured: true);
        int second = ThreadLifecycle.CreateKernelThread(&Yield, RoundCount, Workers.Priority);
        Workers.RunBoth(first, second);
        Report("switch-user-kernel"u8, Parameters.None, 2);
        Protection.DestroyDomain(domain);
    }

    /// <summary>Two user threads of one domain: stacks alone differ.</summary>
    public static void UserToUserSameDomain()
    {
        int domain = Workers.CreateDomain();
        int first = Workers.Create(domain, 0, WorkKind.Yield, RoundCount, isMeasured: true);
        int second = Workers.Create(domain, 1, WorkKind.Yield, RoundCount, isMeasured: false);
        Workers.RunBoth(first, second);
        Report("switch-user-user-same-domain"u8, Parameters.None, 2);
        Protection.DestroyDomain(domain);
    }

    /// <summary>
    /// Two domains. Of <paramref name="partitionCount"/> partitions of <paramref name="pagesEach"/> pages in each, one is shared; what every
    /// domain of this system needs besides (text, read-only data, statics) is the same in both.
    /// </summary>
    public static void UserToUserOtherDomain(int partitionCount, int pagesEach) => UserToUser(
        "switch-user-user-other-domain"u8,
        new Parameters("partitions"u8, partitionCount, "pagesPerPartition"u8, pagesEach),
        partitionCount,
        pagesEach,
        PartitionRights.ReadWrite);

    /// <summary>The same with partitions that can be executed: under PAE that is another word of an entry.</summary>
    public static void UserToUserOtherCode(int partitionCount) => UserToUser(
        "switch-user-user-other-code"u8, new Parameters("partitions"u8, partitionCount), partitionCount, 1, PartitionRights.ReadExecute);

    /// <summary>
    /// Three domains in turn, each with partitions of one page as above: never back to the domain before, whose list the strategy may still hold.
    /// </summary>
    public static void RingOfThreeDomains(int partitionCount)
    {
        int first = Workers.CreateNeighbour(0, 3, partitionCount, 1, PartitionRights.ReadWrite, WorkKind.Yield, RoundCount, out int firstDomain);
        int second = Workers.CreateNeighbour(1, 3, partitionCount, 1, PartitionRights.ReadWrite, WorkKind.Yield, RoundCount, out int secondDomain);
        int third = Workers.CreateNeighbour(2, 3, partitionCount, 1, PartitionRights.ReadWrite, WorkKind.Yield, RoundCount, out int thirdDomain);
        _ = Processor.DisableInterrupts();
        ThreadLifecycle.Start(third);
        Workers.RunBoth(first, second);
        ThreadLifecycle.Join(third);
        Report("switch-user-user-ring-of-three"u8, new Parameters("partitions"u8, partitionCount), 3);
        Protection.DestroyDomain(firstDomain);
        Protection.DestroyDomain(secondDomain);
        Protection.DestroyDomain(thirdDomain);
    }

    private static void UserToUser(ReadOnlySpan<byte> name, Parameters parameters, int partitionCount, int pagesEach, PartitionRights rights)
    {
        int first = Workers.CreateNeighbour(0, 2, partitionCount, pagesEach, rights, WorkKind.Yield, RoundCount, out int firstDomain);
        int second = Workers.CreateNeighbour(1, 2, partitionCount, pagesEach, rights, WorkKind.Yield, RoundCount, out int secondDomain);
        Workers.RunBoth(first, second);
        Report(name, parameters, 2);
        Protection.DestroyDomain(firstDomain);
        Protection.DestroyDomain(secondDomain);
    }

    private static void Report(ReadOnlySpan<byte> name, Parameters parameters, int threadCount) =>
        Measurement.Report(name, parameters, threadCount * RoundCount, Workers.MeasuredInstructions);

    private static void MeasuredYield(nint rounds)
    {
        Measurement.Begin();
        Yield(rounds);
        Measurement.End();
    }

    private static void Yield(nint rounds)
    {
        for (nint round = 0; round < rounds; round++)
        {
            ThreadLifecycle.Yield();
        }
    }
}
