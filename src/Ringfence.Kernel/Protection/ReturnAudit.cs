// In images built with the audit, every return to user mode compares every entry of the page tables with what the law demands.

#if AUDIT
using System;
using System.Runtime;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>The guest's own check of the law.</summary>
public static unsafe class ReturnAudit
{
    /// <summary>
    /// For tests: called before each audit, in the place of an interrupt handler or a system call that changes something at the last moment; null for nothing. The thread returns without
    /// another switch.
    /// </summary>
    public static delegate*<void> BeforeReturn { get; set; }

    /// <summary>Audits made since boot.</summary>
    public static uint Count { get; private set; }

    /// <summary>Compares the live tables with the law for the current thread. Interrupts are off.</summary>
    [CallsThroughPointer]
    [RuntimeExport("KernelReturningToUser")]
    public static void Check()
    {
        if (Processor.DisableInterrupts())
        {
            Panic.Stop("a system call's handler has left interrupts on"u8);
        }

        if (SupervisorAccess.IsOpen)
        {
            Panic.Stop("an entry has left AC set: SMAP is open"u8);
        }

        if (BeforeReturn != null)
        {
            BeforeReturn();
        }

#if STRATEGY_COMMON
        CheckPlaces();
#endif
        int slot = Scheduler.Current;
        UserStack stack = Protection.StackOf(slot);
        PageRange window = PageRange.FromFirstToEnd(default, new PageNumber(AddressLayout.LeafTablesEnd / PageSize.ByteCount));
        AddressSpace<PagingFormat, IdentityTableMemory> tables = Protection.UserTables(ThreadTable.At(slot).Domain);
        AuditMismatch mismatch;
        Count++;
        LongestEdit.End();
        if (UserRoot.Value != tables.Root.Value)
        {
            Panic.Stop("user mode would run on another set of tables than its domain's, whose root is at"u8, (nuint)tables.Root.Value);
        }

#if KPTI
        // The kernel stays on its own set, which gives user mode nothing whoever runs.
        if (Processor.ReadControl3() != (nuint)KernelSpace.Tables.Root.Value)
        {
            Panic.Stop("the kernel runs on another set of tables than its own, with CR3"u8, Processor.ReadControl3());
        }

        if (Count % KernelAuditPeriod == 1)
        {
            TableAudit<PagingFormat, IdentityTableMemory> kernelAudit = new(KernelSpace.Tables, window);
            if (kernelAudit.TryFindMismatch(in s_noDomain, default, AddressLayout.BaseMapping, out mismatch))
            {
                Stop(in mismatch, "the kernel's page tables are not the base mapping; audit number"u8);
            }
        }

        TableAudit<PagingFormat, IdentityTableMemory> audit = new(tables, window, AddressLayout.EntryPages);
#else
        TableAudit<PagingFormat, IdentityTableMemory> audit = new(tables, window);
#endif
        if (audit.TryFindMismatch(in Protection.DomainAt(ThreadTable.At(slot).Domain), in stack, AddressLayout.BaseMapping, out mismatch))
        {
            Stop(in mismatch, "the page tables don't obey the law; audit number"u8);
        }
#if !STRATEGY_COMMON

        Protection.AuditNotes();
#endif
    }

#if KPTI
    // The kernel's set is edited by nobody and user mode doesn't run on it: a mistake there lasts, and is found soon. Audited at every return it would take so long in an emulator that
    // the next tick is due at the first user instruction.
    private const uint KernelAuditPeriod = 32;

#pragma warning disable CS0649 // a domain that has nothing
    private static readonly Domain s_noDomain;
#pragma warning restore CS0649

    private static PhysicalAddress UserRoot => UserTranslationCache.NotedRoot;
#elif FORMAT_X86_64
    private static PhysicalAddress UserRoot => new ContextRoot(Processor.ReadControl3()).Root;
#else
    private static PhysicalAddress UserRoot => new(Processor.ReadControl3());
#endif

#if STRATEGY_COMMON
    // Of every thread: a place that is wrong would be edited at the next switch to it, and nothing would look at it before.
    private static void CheckPlaces()
    {
        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            ref Thread thread = ref ThreadTable.At(slot);
            nuint entry = thread.StackPlace.Entry;
            if (!thread.IsUser || !ThreadTable.IsAlive(slot) || entry == 0)
            {
                continue;
            }

            UserStack stack = Protection.StackOf(slot);
            if (thread.StackPlace.Stack != stack)
            {
                Panic.Stop("what is known of a user stack is another one's, in slot"u8, (nuint)slot);
            }

            // No other entry has this frame and these base rights.
            if (*(nuint*)entry != (nuint)KernelSpace.Tables.Translate(stack.Pages.First.Address).Entry)
            {
                Panic.Stop("a user stack's entry isn't where a switch would edit it, in slot"u8, (nuint)slot);
            }
        }
    }
#endif

    private static void Stop(in AuditMismatch mismatch, ReadOnlySpan<byte> what)
    {
        KernelConsole.Write("\naudit: page "u8);
        KernelConsole.WriteHexadecimal(mismatch.Page.Address.Value);
        KernelConsole.Write(" should be "u8);
        KernelConsole.WriteHexadecimal((nuint)mismatch.ExpectedEntry);
        KernelConsole.Write(" but is "u8);
        KernelConsole.WriteHexadecimal((nuint)mismatch.FoundEntry);
        Panic.Stop(what, Count);
    }
}
#endif
