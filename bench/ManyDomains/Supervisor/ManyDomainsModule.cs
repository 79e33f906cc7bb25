// Makes domains of one shape and says, while there are 2, 4, 8, 16 and 32 of them, what page tables take and what a switch takes between neighbours.

using System;
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
    private const int ResidentPriority = 8;

    private static nuint s_pagesStart;
    private static int s_firstDomain;

    [RuntimeExport("KernelModuleMain")]
    private static int Main()
    {
        s_pagesStart = ImageTable.SharedPartition(0).Start;
        s_firstDomain = ComponentTable.At(Component).Domain;
        Check(Protection.RemovePartition(s_firstDomain, Pages(0, DomainPages.Count)));
        AddPage(0);
        int count = 1;
        for (int wanted = FewestDomains; wanted <= DomainPages.Count; wanted *= 2)
        {
            for (; count < wanted; count++)
            {
                CreateDomain(count);
            }

            // A thread of each domain has run before tables are counted: nothing is lacking that it needs.
            ulong instructionCount = SwitchAmong(count);
            Report("@bytes page-tables"u8, count);
            Write(TableByteCount());
            Report("\n@bench switch-among-domains"u8, count);
            Write((uint)(count * 2 * RoundCount));
            Write(instructionCount);
            KernelConsole.Write("\n"u8);

            // An interrupt of the console's would be counted with what is measured next.
            KernelConsole.Flush();
        }

        KernelConsole.Write("@end\n"u8);
        return 0;
    }

    // What the component's code needs, as its own domain has it, which is the first; and a page.
    private static void CreateDomain(int index)
    {
        int domain = Protection.CreateDomain();
        if (domain != s_firstDomain + index)
        {
            Panic.Stop("the image has no room for the domain"u8, (nuint)(uint)(s_firstDomain + index));
        }

        ref readonly Domain original = ref Protection.DomainAt(s_firstDomain);
        for (int held = 0; held < original.PartitionCount; held++)
        {
            Partition partition = original[held];
            if (partition.Pages.First != Pages(0, 1).First)
            {
                Check(Protection.AddPartition(domain, in partition));
            }
        }

        AddPage(index);
    }

    private static void AddPage(int index)
    {
        _ = Partition.TryCreate<PagingFormat>(Pages(index, 1), PartitionRights.ReadWrite, out Partition own);
        Check(Protection.AddPartition(s_firstDomain + index, in own));
    }

    // From each domain to the next and back, by two threads at a time: an image has not as many threads as this has domains.
    private static ulong SwitchAmong(int domainCount)
    {
        ulong instructionCount = 0;
        for (int index = 0; index < domainCount; index++)
        {
            instructionCount += Switch(index, (index + 1) % domainCount);
        }

        return instructionCount;
    }

    // The instructions of all rounds of two threads, by the stamps of the first.
    private static ulong Switch(int first, int second)
    {
        int one = CreateThread(first);
        int other = CreateThread(second);
        _ = Processor.DisableInterrupts();
        ThreadLifecycle.Start(one);
        ThreadLifecycle.Start(other);
        Processor.EnableInterrupts();
        ThreadLifecycle.Join(one);
        ThreadLifecycle.Join(other);
        ref readonly DomainPage page = ref Page(first);
        ref readonly DomainPage otherPage = ref Page(second);
        if (page.StartStamp >= otherPage.StartStamp || otherPage.StartStamp >= page.EndStamp || page.EndStamp >= otherPage.EndStamp)
        {
            Panic.Stop("two threads did not take turns, one of them in the domain"u8, (nuint)(uint)(s_firstDomain + first));
        }

        return page.EndStamp - page.StartStamp;
    }

    private static int CreateThread(int index)
    {
        Page(index) = default;
        return ThreadLifecycle.CreateUserThread(Component, s_firstDomain + index, 0, ResidentArgument.Of(index, RoundCount), ResidentPriority);
    }

    // The base set and what all domains have, the kernel's own included: frames, roots that are smaller, lists of links.
    private static ulong TableByteCount()
    {
        ulong domainBytes = 0;
        int domainCount = 0;
        for (int domain = 0; domain < Protection.DomainCapacity; domain++)
        {
            if (Protection.DomainAt(domain).Exists)
            {
                domainBytes += Protection.TableByteCount(domain);
                domainCount++;
            }
        }

        ulong smallRootBytes = (ulong)(uint)domainCount * KernelSpace.SmallRootByteCountOfDomain;
        if (domainBytes != KernelSpace.Pool.InUse.ByteCount + smallRootBytes)
        {
            Panic.Stop("domains say they have other table pages than were handed out; bytes that they say:"u8, (nuint)domainBytes);
        }

        return KernelSpace.TableByteCount + domainBytes + Protection.LinkListByteCount(domainCount);
    }

    private static ref DomainPage Page(int index) => ref KernelMemory.At<DomainPage>(s_pagesStart + AddressLayout.ViewOffset, (nuint)(uint)index);

    private static PageRange Pages(int first, int count)
    {
        PageNumber start = new VirtualAddress(s_pagesStart).Page + new PageCount((nuint)(uint)first);
        return PageRange.CreateTruncated(start, new PageCount((nuint)(uint)count));
    }

    private static void Check(DomainError error)
    {
        if (!error.IsNone)
        {
            Panic.Stop("a partition of a domain to be measured was refused; the value to blame:"u8, error.OffendingValue, (int)error.Code);
        }
    }

    private static void Report(ReadOnlySpan<byte> name, int domainCount)
    {
        KernelConsole.Write(name);
        KernelConsole.Write(" domains="u8);
        KernelConsole.WriteDecimal(domainCount);
    }

    private static void Write(ulong count)
    {
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(count);
    }
}
