// Makes 2, 4, 8, 16 and 32 domains of one shape and measures, while so many are there, a switch between the first and the last of them.

using System.Runtime;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Bench.ManyDomains.Supervisor;

internal static class ManyDomainsModule
{
    private const int FewestDomains = 2;
    private const int RoundCount = 200;
    private const int Component = 0;
    private const int NeighbourPriority = 8;

    private static nuint s_pagesStart;

    [RuntimeExport("KernelModuleMain")]
    private static int Main()
    {
        s_pagesStart = ImageTable.SharedPartition(0).Start;
        int first = CreateDomain(0);
        int count = 1;
        for (int wanted = FewestDomains; wanted <= DomainPages.Count; wanted *= 2)
        {
            for (; count < wanted; count++)
            {
                int domain = CreateDomain(count);
                if (domain != first + count)
                {
                    Panic.Stop("the image has no room for the domain"u8, (nuint)(uint)(first + count));
                }
            }

            Report(count, Switch(first, first + count - 1, count - 1));
        }

        KernelConsole.Write("@end\n"u8);
        return 0;
    }

    // What the component's code needs, and a page of its own, which a thread writes before anything is measured: the domain is one that can be used.
    private static int CreateDomain(int index)
    {
        int domain = Protection.CreateDomain();
        ref readonly Domain original = ref Protection.DomainAt(ComponentTable.At(Component).Domain);
        for (int held = 0; held < original.PartitionCount; held++)
        {
            Partition partition = original[held];
            if (partition.Pages.First != PageOf(0))
            {
                Check(Protection.AddPartition(domain, in partition));
            }
        }

        _ = Partition.TryCreate<PagingFormat>(PageRange.FromFirstToEnd(PageOf(index), PageOf(index + 1)), PartitionRights.ReadWrite, out Partition own);
        Check(Protection.AddPartition(domain, in own));
        int visitor = CreateThread(domain, index, rounds: 0);
        ThreadLifecycle.Start(visitor);
        ThreadLifecycle.Join(visitor);
        if (Page(index).EndStamp == 0)
        {
            Panic.Stop("a thread did not write the page of its domain"u8, (nuint)(uint)domain);
        }

        return domain;
    }

    // The instructions of all rounds of two threads, by the stamps of the first.
    private static ulong Switch(int first, int last, int lastIndex)
    {
        int one = CreateThread(first, 0, RoundCount);
        int other = CreateThread(last, lastIndex, RoundCount);
        _ = Processor.DisableInterrupts();
        ThreadLifecycle.Start(one);
        ThreadLifecycle.Start(other);
        Processor.EnableInterrupts();
        ThreadLifecycle.Join(one);
        ThreadLifecycle.Join(other);
        return Page(0).EndStamp - Page(0).StartStamp;
    }

    private static int CreateThread(int domain, int index, int rounds) =>
        ThreadLifecycle.CreateUserThread(Component, domain, 0, NeighbourArgument.Of(index, rounds), NeighbourPriority);

    private static ref DomainPage Page(int index) => ref KernelMemory.At<DomainPage>(s_pagesStart + AddressLayout.ViewOffset, (nuint)(uint)index);

    private static PageNumber PageOf(int index) => new VirtualAddress(s_pagesStart).Page + new PageCount((nuint)(uint)index);

    private static void Check(DomainError error)
    {
        if (!error.IsNone)
        {
            Panic.Stop("a partition of a domain to be measured was refused; the value to blame:"u8, error.OffendingValue, (int)error.Code);
        }
    }

    private static void Report(int domainCount, ulong instructionCount)
    {
        KernelConsole.Write("@bench switch-among-domains domains="u8);
        KernelConsole.WriteDecimal(domainCount);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(2 * RoundCount);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(instructionCount);
        KernelConsole.Write("\n"u8);

        // An interrupt of the console's would be counted with what is measured next.
        KernelConsole.Flush();
    }
}
