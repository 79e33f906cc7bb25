// In images built with the audit, every return to user mode compares every entry of the page tables with what the law demands.

#if AUDIT
using System.Runtime;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>The guest's own check of the law.</summary>
public static class ReturnAudit
{
    /// <summary>Audits made since boot.</summary>
    public static uint Count { get; private set; }

    /// <summary>Compares the live tables with the law for the current thread. Interrupts are off.</summary>
    [RuntimeExport("KernelReturningToUser")]
    public static void Check()
    {
        int slot = Scheduler.Current;
        UserStack stack = Protection.StackOf(slot);
        PageRange window = PageRange.FromFirstToEnd(default, new PageNumber(AddressLayout.LeafTablesEnd / PageSize.ByteCount));
        AddressSpace<PagingFormat, IdentityTableMemory> tables = Protection.UserTables(ThreadTable.At(slot).Domain);
        TableAudit<PagingFormat, IdentityTableMemory> audit = new(tables, window);
        Count++;
        LongestEdit.End();
        if (Processor.ReadControl3() != (nuint)tables.Root.Value)
        {
            Panic.Stop("user mode would run on another set of tables than its domain's, whose root is at"u8, (nuint)tables.Root.Value);
        }

        if (!audit.TryFindMismatch(
            in Protection.DomainAt(ThreadTable.At(slot).Domain), in stack, AddressLayout.BaseMapping, out AuditMismatch mismatch))
        {
            return;
        }

        KernelConsole.Write("\naudit: page "u8);
        KernelConsole.WriteHexadecimal(mismatch.Page.Address.Value);
        KernelConsole.Write(" should be "u8);
        KernelConsole.WriteHexadecimal((nuint)mismatch.ExpectedEntry);
        KernelConsole.Write(" but is "u8);
        KernelConsole.WriteHexadecimal((nuint)mismatch.FoundEntry);
        Panic.Stop("the page tables don't obey the law; audit number"u8, Count);
    }
}
#endif
