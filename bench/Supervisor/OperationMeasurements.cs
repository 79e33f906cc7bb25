// Operations on threads and domains, one at a time.

using Ringfence.Bench.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Bench.Supervisor;

internal static unsafe class OperationMeasurements
{
    private const int RoundCount = 200;
    private const int ThreadRoundCount = 50;

    /// <summary>From user mode into the kernel and back, nothing done there; and a yield with nobody else ready.</summary>
    public static void SystemCalls()
    {
        int domain = Workers.CreateDomain();
        Measure(domain, "null-system-call"u8, WorkKind.NullCall);
        Measure(domain, "yield-alone"u8, WorkKind.Yield);
        Protection.DestroyDomain(domain);
    }

    /// <summary>A thread's whole life, and its creation alone.</summary>
    public static void Threads()
    {
        int domain = Workers.CreateDomain();
        ulong start = Processor.ReadTimeStamp();
        for (int round = 0; round < ThreadRoundCount; round++)
        {
            int slot = Workers.Create(domain, 0, WorkKind.None, 0);
            ThreadLifecycle.Start(slot);
            ThreadLifecycle.Join(slot);
        }

        Report.Write("user-thread-create-run-exit-join"u8, 0, Processor.ReadTimeStamp() - start, ThreadRoundCount);
        start = Processor.ReadTimeStamp();
        for (int round = 0; round < ThreadRoundCount; round++)
        {
            int slot = ThreadLifecycle.CreateKernelThread(&Return, 0, Workers.Priority);
            ThreadLifecycle.Start(slot);
            ThreadLifecycle.Join(slot);
        }

        Report.Write("kernel-thread-create-run-exit-join"u8, 0, Processor.ReadTimeStamp() - start, ThreadRoundCount);
        Protection.DestroyDomain(domain);
    }

    /// <summary>Domains that are not live.</summary>
    public static void Domains()
    {
        ulong start = Processor.ReadTimeStamp();
        int domain = Protection.CreateDomain();
        Workers.Add(domain, Workers.Pages(0, 1));
        Report.Write("domain-create-one-partition"u8, 0, Processor.ReadTimeStamp() - start, 1);
        for (int held = 1; held < 15; held++)
        {
            start = Processor.ReadTimeStamp();
            Workers.Add(domain, Workers.Pages(2 * held, 1));
            if (held is 4 or 14)
            {
                Report.Write("partition-add-not-live"u8, held, Processor.ReadTimeStamp() - start, 1);
            }
        }

        Protection.DestroyDomain(domain);
    }

    private static void Measure(int domain, System.ReadOnlySpan<byte> name, WorkKind kind)
    {
        int slot = Workers.Create(domain, 0, kind, RoundCount);
        ThreadLifecycle.Start(slot);
        ThreadLifecycle.Join(slot);
        ref WorkOrder order = ref Workers.Order(0);
        Report.Write(name, 0, order.EndStamp - order.StartStamp, RoundCount);
    }

    private static void Return(nint argument)
    {
    }
}
