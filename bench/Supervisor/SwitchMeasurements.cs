// Two threads of equal priority yield to each other; the figure is the instructions of one switch, system call and loop included.

using System;
using Ringfence.Bench.Contracts;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Bench.Supervisor;

internal static unsafe class SwitchMeasurements
{
    private const int RoundCount = 200;

    private static ulong s_kernelStart;
    private static ulong s_kernelEnd;

    /// <summary>Neither thread ever runs in user mode.</summary>
    public static void KernelToKernel()
    {
        int first = ThreadLifecycle.CreateKernelThread(&MeasuredYield, RoundCount, Workers.Priority);
        int second = ThreadLifecycle.CreateKernelThread(&Yield, RoundCount, Workers.Priority);
        Workers.RunBoth(first, second);
        Report.Write("switch-kernel-kernel"u8, 0, s_kernelEnd - s_kernelStart, 2 * RoundCount);
    }

    /// <summary>A user thread and a kernel thread: the tables stay as they are.</summary>
    public static void UserToKernel()
    {
        int domain = Workers.CreateDomain();
        int first = Workers.Create(domain, 0, WorkKind.Yield, RoundCount);
        int second = ThreadLifecycle.CreateKernelThread(&Yield, RoundCount, Workers.Priority);
        Finish("switch-user-kernel"u8, 0, first, second);
        Protection.DestroyDomain(domain);
    }

    /// <summary>Two user threads of one domain: stacks alone differ.</summary>
    public static void UserToUserSameDomain()
    {
        int domain = Workers.CreateDomain();
        Finish(
            "switch-user-user-same-domain"u8,
            0,
            Workers.Create(domain, 0, WorkKind.Yield, RoundCount),
            Workers.Create(domain, 1, WorkKind.Yield, RoundCount));
        Protection.DestroyDomain(domain);
    }

    /// <summary>
    /// Two domains. Of <paramref name="partitionCount"/> partitions of <paramref name="pagesEach"/> pages in each, one is shared; what every
    /// domain of this system needs besides (text, read-only data, statics) is the same in both.
    /// </summary>
    public static void UserToUserOtherDomain(ReadOnlySpan<byte> name, int partitionCount, int pagesEach)
    {
        int left = Workers.CreateDomain();
        int right = Workers.CreateDomain();
        Workers.Add(left, Workers.Pages(0, pagesEach));
        Workers.Add(right, Workers.Pages(0, pagesEach));
        for (int index = 1; index < partitionCount; index++)
        {
            Workers.Add(left, Workers.Pages(2 * index * pagesEach, pagesEach));
            Workers.Add(right, Workers.Pages(((2 * index) + 1) * pagesEach, pagesEach));
        }

        Finish(name, partitionCount, Workers.Create(left, 0, WorkKind.Yield, RoundCount), Workers.Create(right, 1, WorkKind.Yield, RoundCount));
        Protection.DestroyDomain(left);
        Protection.DestroyDomain(right);
    }

    /// <summary>
    /// Three domains in turn, each with partitions of one page as above: never back to the domain before, whose list the strategy may still hold.
    /// </summary>
    public static void RingOfThreeDomains(int partitionCount)
    {
        int first = CreateRingThread(0, partitionCount, out int firstDomain);
        int second = CreateRingThread(1, partitionCount, out int secondDomain);
        int third = CreateRingThread(2, partitionCount, out int thirdDomain);
        _ = Processor.DisableInterrupts();
        ThreadLifecycle.Start(third);
        Workers.RunBoth(first, second);
        ThreadLifecycle.Join(third);
        ref WorkOrder order = ref Workers.Order(0);
        Report.Write("switch-user-user-ring-of-three"u8, partitionCount, order.EndStamp - order.StartStamp, 3 * RoundCount);
        Protection.DestroyDomain(firstDomain);
        Protection.DestroyDomain(secondDomain);
        Protection.DestroyDomain(thirdDomain);
    }

    private static int CreateRingThread(int place, int partitionCount, out int domain)
    {
        domain = Workers.CreateDomain();
        Workers.Add(domain, Workers.Pages(0, 1));
        for (int index = 1; index < partitionCount; index++)
        {
            Workers.Add(domain, Workers.Pages((3 * index) + place, 1));
        }

        return Workers.Create(domain, place, WorkKind.Yield, RoundCount);
    }

    private static void Finish(ReadOnlySpan<byte> name, int parameter, int first, int second)
    {
        Workers.RunBoth(first, second);
        ref WorkOrder order = ref Workers.Order(0);
        Report.Write(name, parameter, order.EndStamp - order.StartStamp, 2 * RoundCount);
    }

    private static void MeasuredYield(nint rounds)
    {
        s_kernelStart = Processor.ReadTimeStamp();
        Yield(rounds);
        s_kernelEnd = Processor.ReadTimeStamp();
    }

    private static void Yield(nint rounds)
    {
        for (nint round = 0; round < rounds; round++)
        {
            ThreadLifecycle.Yield();
        }
    }
}
