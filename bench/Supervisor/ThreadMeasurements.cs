// A thread's life, and the steps of it that stand alone.

using Ringfence.Bench.Contracts;
using Ringfence.Kernel;

namespace Ringfence.Bench.Supervisor;

internal static unsafe class ThreadMeasurements
{
    private const int RoundCount = 50;

    /// <summary>Creation alone. The thread is ended unmeasured, so that a slot is free for the next.</summary>
    public static void CreateUserThread()
    {
        int domain = Workers.CreateDomain();
        for (int round = 0; round < RoundCount; round++)
        {
            Measurement.Begin();
            int slot = ThreadLifecycle.CreateUserThread(Workers.Component, domain, 0, 0, Workers.Priority);
            Measurement.End();
            ThreadLifecycle.EndOther(slot);
            ThreadLifecycle.Join(slot);
        }

        Measurement.Report("user-thread-create"u8, Parameters.None, RoundCount);
        Protection.DestroyDomain(domain);
    }

    /// <summary>A new thread, not yet started, goes to another domain.</summary>
    public static void MoveNewUserThread()
    {
        int domain = Workers.CreateDomain();
        int other = Workers.CreateDomain();
        for (int round = 0; round < RoundCount; round++)
        {
            int slot = ThreadLifecycle.CreateUserThread(Workers.Component, domain, 0, 0, Workers.Priority);
            Measurement.Begin();
            Protection.MoveThread(slot, other);
            Measurement.End();
            ThreadLifecycle.EndOther(slot);
            ThreadLifecycle.Join(slot);
        }

        Measurement.Report("user-thread-move-to-domain"u8, Parameters.None, RoundCount);
        Protection.DestroyDomain(domain);
        Protection.DestroyDomain(other);
    }

    /// <summary>A user thread from creation to the return of the join.</summary>
    public static void UserThreadLife()
    {
        int domain = Workers.CreateDomain();
        Workers.Order(0) = new WorkOrder { Kind = WorkKind.None };
        Measurement.Begin();
        for (int round = 0; round < RoundCount; round++)
        {
            int slot = ThreadLifecycle.CreateUserThread(Workers.Component, domain, 0, 0, Workers.Priority);
            ThreadLifecycle.Start(slot);
            ThreadLifecycle.Join(slot);
        }

        Measurement.End();
        Measurement.Report("user-thread-create-to-join"u8, Parameters.None, RoundCount);
        Protection.DestroyDomain(domain);
    }

    /// <summary>The same of a kernel thread.</summary>
    public static void KernelThreadLife()
    {
        Measurement.Begin();
        for (int round = 0; round < RoundCount; round++)
        {
            int slot = ThreadLifecycle.CreateKernelThread(&Return, 0, Workers.Priority);
            ThreadLifecycle.Start(slot);
            ThreadLifecycle.Join(slot);
        }

        Measurement.End();
        Measurement.Report("kernel-thread-create-to-join"u8, Parameters.None, RoundCount);
    }

    private static void Return(nint argument)
    {
    }
}
