// Domains and user threads for the measurements.

using Ringfence.Bench.Contracts;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Bench.Supervisor;

internal static class Workers
{
    /// <summary>Priority of everything that is measured: below the supervisor's own.</summary>
    public const int Priority = 8;

    /// <summary>The component whose code the workers run.</summary>
    public const int Component = 0;

    private const int OrdersPartition = 0;
    private const int PagesPartition = 1;

    /// <summary>The kernel's view of an order.</summary>
    public static ref WorkOrder Order(int index) =>
        ref KernelMemory.At<WorkOrder>(ImageTable.SharedPartition(OrdersPartition).Start + AddressLayout.ViewOffset, (nuint)(uint)index);

    /// <summary>Some of the pages that can be handed out.</summary>
    public static Partition Pages(int first, int count) => Pages(first, count, PartitionRights.ReadWrite);

    /// <summary>Some of them with other rights.</summary>
    public static Partition Pages(int first, int count, PartitionRights rights)
    {
        PageNumber start = new VirtualAddress(ImageTable.SharedPartition(PagesPartition).Start).Page + new PageCount((nuint)(uint)first);
        PageRange range = PageRange.CreateTruncated(start, new PageCount((nuint)(uint)count));
        _ = Partition.TryCreate<PagingFormat>(range, rights, out Partition partition);
        return partition;
    }

    /// <summary>A domain with what every worker needs: text, read-only data, statics and orders.</summary>
    public static int CreateDomain()
    {
        int domain = Protection.CreateDomain();
        ref readonly Domain original = ref Protection.DomainAt(ComponentTable.At(Component).Domain);
        PageNumber handedOut = new VirtualAddress(ImageTable.SharedPartition(PagesPartition).Start).Page;
        for (int index = 0; index < original.PartitionCount; index++)
        {
            Partition partition = original[index];
            if (partition.Pages.First != handedOut)
            {
                Add(domain, partition);
            }
        }

        return domain;
    }

    /// <summary>Adds a partition that is known to fit.</summary>
    public static void Add(int domain, Partition partition)
    {
        DomainError error = Protection.AddPartition(domain, in partition);
        if (!error.IsNone)
        {
            Panic.Stop("the bench asked for a partition that was refused; the value to blame:"u8, error.OffendingValue, (int)error.Code);
        }
    }

    /// <summary>Creates a user thread with an order. Not started. One of those that run together is measured, and that is order 0.</summary>
    public static int Create(int domain, int order, WorkKind kind, int repeatCount, bool isMeasured, int priority = Priority)
    {
        Order(order) = new WorkOrder { Kind = kind, RepeatCount = repeatCount, IsMeasured = isMeasured };
        return ThreadLifecycle.CreateUserThread(Component, domain, 0, (nuint)(uint)order, priority);
    }

    /// <summary>
    /// Creates a user thread in a domain of its own, one of <paramref name="domainCount"/> whose first partition is shared and whose others lie
    /// interleaved. Not started; the one at place 0 is measured.
    /// </summary>
    public static int CreateNeighbour(
        int place, int domainCount, int partitionCount, int pagesEach, PartitionRights rights, WorkKind kind, int repeatCount, out int domain)
    {
        domain = CreateDomain();
        Add(domain, Pages(0, pagesEach, rights));
        for (int index = 1; index < partitionCount; index++)
        {
            Add(domain, Pages(((domainCount * index) + place) * pagesEach, pagesEach, rights));
        }

        return Create(domain, place, kind, repeatCount, isMeasured: place == 0);
    }

    /// <summary>Instructions from the begin to the end of the measured worker's loop.</summary>
    public static ulong MeasuredInstructions => Order(0).EndStamp - Order(0).StartStamp;

    /// <summary>Runs two started threads to their ends.</summary>
    public static void RunBoth(int first, int second)
    {
        _ = Processor.DisableInterrupts();
        ThreadLifecycle.Start(first);
        ThreadLifecycle.Start(second);
        Processor.EnableInterrupts();
        ThreadLifecycle.Join(first);
        ThreadLifecycle.Join(second);
    }
}
