// The footprint application: every domain is visited in turn, twice round, by a user thread that is ended at the next domain's fence. What is
// measured is the image's memory, by its map, and here what its page tables take.

using System;
using System.Runtime;
using Ringfence.Domains;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Bench.Footprint.Supervisor;

internal static class FootprintModule
{
    private const int RoundCount = 2;
    private const int Component = 0;
    private const int VisitorPriority = 8;

    private static int DomainCount =>
        (int)((ImageTable.SharedPartition(0).End - ImageTable.SharedPartition(0).Start) / PageSize.ByteCount);

    [RuntimeExport("KernelModuleMain")]
    private static int Main()
    {
#if COUNT
        // The first thing done here: what lies behind is the boot.
        ulong instructionCount = Processor.ReadTimeStamp() - EventCounter.SinceBoot.BootStamp;
        KernelConsole.Write("@bench boot-entry-to-main - 1 "u8);
        KernelConsole.WriteDecimal(instructionCount);
        KernelConsole.Write("\n"u8);
#endif
        ulong tableBytesAtBoot = KernelSpace.TableByteCount;
        int firstDomain = CreateDomains();
        for (int round = 0; round < RoundCount; round++)
        {
            for (int index = 0; index < DomainCount; index++)
            {
                Visit(firstDomain + index, index);
            }
        }

        Report("page-tables-at-boot"u8, tableBytesAtBoot);
        Report("page-tables-of-domains"u8, TableBytesOfDomains());
        KernelConsole.Write("@end\n"u8);
        return 0;
    }

    // The kernel's own domain included.
    private static ulong TableBytesOfDomains()
    {
        ulong bytes = 0;
        for (int domain = 0; domain < Protection.DomainCapacity; domain++)
        {
            bytes += Protection.TableByteCount(domain);
        }

        return bytes;
    }

    // The component's own domain is the first. Each has what the component's code needs and one page of its own.
    private static int CreateDomains()
    {
        int first = ComponentTable.At(Component).Domain;
        PageRange allPages = PageRange.FromFirstToEnd(PageOf(0), PageOf(DomainCount));
        Check(Protection.RemovePartition(first, allPages));
        for (int index = 1; index < DomainCount; index++)
        {
            int domain = Protection.CreateDomain();
            if (domain != first + index)
            {
                Panic.Stop("the image has no room for the domain"u8, (nuint)(uint)(first + index));
            }

            ref readonly Domain original = ref Protection.DomainAt(first);
            for (int held = 0; held < original.PartitionCount; held++)
            {
                Partition partition = original[held];
                Check(Protection.AddPartition(domain, in partition));
            }
        }

        for (int index = 0; index < DomainCount; index++)
        {
            PageRange page = PageRange.FromFirstToEnd(PageOf(index), PageOf(index + 1));
            _ = Partition.TryCreate<PagingFormat>(page, PartitionRights.ReadWrite, out Partition partition);
            Check(Protection.AddPartition(first + index, in partition));
        }

        return first;
    }

    private static void Visit(int domain, int index)
    {
        int slot = ThreadLifecycle.CreateUserThread(Component, domain, 0, (nuint)(uint)index, VisitorPriority);
        ThreadLifecycle.Start(slot);
        ThreadLifecycle.Join(slot);
        ref Thread visitor = ref ThreadTable.At(slot);

        // Alone, a domain is its own neighbour.
        nuint next = PageOf((index + 1) % DomainCount).Address.Value;
        bool isRight = DomainCount == 1 ? !visitor.HasFaulted : visitor.HasFaulted && visitor.Fault.IsPageFault && visitor.Fault.Address == next;
        if (!isRight || KernelMemory.Bytes(PageOf(index).Address.Value + AddressLayout.ViewOffset, 1)[0] != index + 1)
        {
            Panic.Stop("a visit did not end as it should, in domain"u8, (nuint)(uint)domain);
        }
    }

    private static PageNumber PageOf(int index) =>
        new VirtualAddress(ImageTable.SharedPartition(0).Start).Page + new PageCount((nuint)(uint)index);

    private static void Check(DomainError error)
    {
        if (!error.IsNone)
        {
            Panic.Stop("a partition of the footprint application was refused; the value to blame:"u8, error.OffendingValue, (int)error.Code);
        }
    }

    private static void Report(ReadOnlySpan<byte> name, ulong byteCount)
    {
        KernelConsole.Write("@bytes "u8);
        KernelConsole.Write(name);
        KernelConsole.Write(" domains="u8);
        KernelConsole.WriteDecimal(DomainCount);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(byteCount);
        KernelConsole.Write("\n"u8);
    }
}
