// The table at the end of a run: who could reach what, which threads lived, and what the page tables cost.

using System;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Writes the closing tables.</summary>
public static class ClosingReport
{
    private const int NameWidth = 16;
    private const int PartitionWidth = 45; // an address and the longest name in use, "Gateway read-only data"

    /// <summary>Writes all of them.</summary>
    public static void Write()
    {
        WritePartitions();
        WriteComponents();
        WriteTableCost();
#if AUDIT
        StackUse.Write();
#endif
    }

    private static void WritePartitions()
    {
        KernelConsole.Write("\n"u8);
        KernelConsole.WritePadded("partition"u8, PartitionWidth);
        for (int index = 0; index < ComponentTable.Count; index++)
        {
            KernelConsole.WritePadded(ComponentTable.NameOf(index), NameWidth);
        }

        KernelConsole.Write("\n"u8);
        for (int owner = 0; owner < ComponentTable.Count; owner++)
        {
            ref readonly ComponentDescription component = ref ImageTable.Component(owner);
            WritePartition(ComponentTable.NameOf(owner), " text"u8, component.TextStart, component.TextEnd);
            WritePartition(ComponentTable.NameOf(owner), " read-only data"u8, component.ReadOnlyStart, component.ReadOnlyEnd);
            WritePartition(ComponentTable.NameOf(owner), " statics"u8, component.StaticsStart, component.StaticsEnd);
        }

        for (int index = 0; index < (int)ImageTable.Description.SharedPartitionCount; index++)
        {
            ref readonly SharedPartitionDescription shared = ref ImageTable.SharedPartition(index);
            WritePartition(ImageTable.Name(shared.Name, shared.NameLength), " (shared)"u8, shared.Start, shared.End);
        }
    }

    private static void WritePartition(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> kind, nuint start, nuint end)
    {
        if (start == end)
        {
            return;
        }

        KernelConsole.WriteHexadecimal(start);
        KernelConsole.Write(" "u8);
        KernelConsole.Write(owner);
        KernelConsole.WritePadded(kind, PartitionWidth - 3 - (nuint.Size * 2) - owner.Length);
        for (int index = 0; index < ComponentTable.Count; index++)
        {
            ref readonly Domain domain = ref Protection.DomainAt(ComponentTable.At(index).Domain);
            int held = domain.IndexOf(new VirtualAddress(start).Page);
            KernelConsole.WritePadded(held < 0 ? "-"u8 : NameOf(domain[held].Rights), NameWidth);
        }

        KernelConsole.Write("\n"u8);
    }

    private static ReadOnlySpan<byte> NameOf(PartitionRights rights) => rights switch
    {
        PartitionRights.ReadWrite => "read-write"u8,
        PartitionRights.ReadExecute => "read-execute"u8,
        _ => FormatGeometry<PagingFormat>.HasExecuteDisable ? "read"u8 : "read(-execute)"u8,
    };

    private static void WriteComponents()
    {
        KernelConsole.Write("\n"u8);
        KernelConsole.WritePadded("component"u8, NameWidth);
        KernelConsole.Write("domain  state     faults  restarts  exit code\n"u8);
        for (int index = 0; index < ComponentTable.Count; index++)
        {
            ref Component component = ref ComponentTable.At(index);
            KernelConsole.WritePadded(ComponentTable.NameOf(index), NameWidth);
            KernelConsole.WriteDecimalPadded((ulong)component.Domain, 6);
            KernelConsole.Write("  "u8);
            KernelConsole.WritePadded(component.State == ComponentState.Finished ? "finished"u8 : "stopped"u8, 8);
            KernelConsole.WriteDecimalPadded((ulong)component.FaultCount, 8);
            KernelConsole.WriteDecimalPadded((ulong)component.RestartCount, 10);
            KernelConsole.Write("  "u8);
            KernelConsole.WriteDecimal(component.ExitCode);
            KernelConsole.Write("\n"u8);
        }
    }

    private static void WriteTableCost()
    {
        ulong kernel = KernelSpace.TableByteCount;
        ulong total = kernel;
        int domainCount = 0;
        KernelConsole.Write("\npage tables under "u8);
        KernelConsole.Write(BootReport.StrategyName);
        KernelConsole.Write(": the kernel's set "u8);
        KernelConsole.WriteDecimal(kernel);
        for (int domain = 0; domain < Protection.DomainCapacity; domain++)
        {
            if (Protection.DomainAt(domain).Exists)
            {
                ulong own = Protection.TableByteCount(domain);
                KernelConsole.Write(", domain "u8);
                KernelConsole.WriteDecimal(domain);
                KernelConsole.Write(" "u8);
                KernelConsole.WriteDecimal(own);
                total += own;
                domainCount++;
            }
        }

        KernelConsole.Write(", in total "u8);
        KernelConsole.WriteDecimal(total);
        KernelConsole.Write(" bytes; under "u8);
        KernelConsole.Write(OtherStrategyName);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(OtherStrategyByteCount(kernel, domainCount));
        KernelConsole.Write(" bytes\nthreads: "u8);
        KernelConsole.WriteDecimal(ThreadTable.Capacity);
        KernelConsole.Write(" slots, "u8);
        KernelConsole.WriteDecimal(Scheduler.SwitchCount);
        KernelConsole.Write(" switches in "u8);
        KernelConsole.WriteDecimal(Clock.Ticks);
        KernelConsole.Write(" ticks\n"u8);
    }

    // What the same domains would take under the strategy that this image was not built for: a set of theirs maps the same addresses as the kernel's, and so is as large.
#if STRATEGY_COMMON
    private static ReadOnlySpan<byte> OtherStrategyName => "per-domain"u8;

    private static ulong OtherStrategyByteCount(ulong set, int domainCount) => set * (ulong)(1 + domainCount);
#else
    private static ReadOnlySpan<byte> OtherStrategyName => "common"u8;

    private static ulong OtherStrategyByteCount(ulong set, int domainCount) => set;
#endif
}
