// Whose a user stack is: its thread's alone, or all threads' of its domain, as the image says. The events of a thread's life become edits here.

using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <content>User stacks.</content>
public static partial class Protection
{
    /// <summary>The stack that is a thread's alone; none for a kernel thread, and none where stacks are the domain's.</summary>
    public static UserStack StackOf(int slot) =>
#if STACKS_OF_DOMAIN
        default;
#else
        ThreadTable.At(slot).IsUser ? UserStackOf(slot) : default;
#endif

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UserStack UserStackOf(int slot) => new(AddressLayout.UserStackPages(slot), ThreadTable.At(slot).StackGeneration);

#if STACKS_OF_DOMAIN
    // The user thread that was applied last, whose user mode is set up now; none after its end.
    private static ThreadReference s_lastApplied;

    /// <summary>The user stack of a slot was cleared for a new owner, who is a user thread from now on. Interrupts are off.</summary>
    public static void OnStackReady(int slot)
    {
#if STRATEGY_COMMON
        s_applied = Thread.None;
#endif
        AddStack(ThreadTable.At(slot).Domain, UserStackOf(slot));
    }

    /// <summary>A user thread ended: its stack is nobody's from now on. Interrupts are off.</summary>
    public static void OnThreadEnded(int slot)
    {
#if STRATEGY_COMMON
        s_applied = Thread.None;
#endif
        RemoveStack(ThreadTable.At(slot).Domain, UserStackOf(slot));
        if (ThreadTable.ReferenceTo(slot) == s_lastApplied)
        {
            s_lastApplied = ThreadReference.None;
        }
    }

    private static void OnThreadMoved(int slot, int oldDomain, int domain)
    {
        UserStack stack = UserStackOf(slot);
        if (oldDomain == domain || !RemoveStack(oldDomain, in stack))
        {
            return;
        }

        AddStack(domain, in stack);
        if (ThreadTable.ReferenceTo(slot) == s_lastApplied)
        {
            // User mode as it is set up now is this thread's: it returns with its new rights and no others.
            UserStack none = default;
            Discharge(s_strategy.SwitchTo(in ItemAt(domain), ref TablesAt(domain), in none));
        }
    }

    private static void AddStack(int domain, in UserStack stack)
    {
        DomainError error = ItemAt(domain).AddStack(in stack);
        if (!error.IsNone)
        {
            Panic.Stop("a domain has no room for the stack of a thread; the value to blame:"u8, error.OffendingValue, (int)error.Code);
        }

        Partition pages = Partition.ForStack(in stack);
        EditResult result = s_strategy.OnPartitionAdded(ref KernelSpace.Pool, in ItemAt(domain), ref TablesAt(domain), in pages);
        if (!result.Succeeded)
        {
            Panic.Stop("a domain has no table for the stack of a thread; table pages left:"u8, result.Error.TablesAvailable.Value, (int)result.Error.Code);
        }

        Discharge(result.Flush);
    }

    // False if the domain doesn't hold it: a thread that was ended or moved before its stack was ready.
    private static bool RemoveStack(int domain, in UserStack stack)
    {
        if (!ItemAt(domain).RemoveStack(in stack).IsNone)
        {
            return false;
        }

        Partition pages = Partition.ForStack(in stack);
        Discharge(s_strategy.OnPartitionRemoved(in ItemAt(domain), ref TablesAt(domain), in pages));
        return true;
    }
#else
    /// <summary>The user stack of a slot was cleared for a new owner. It is granted when its thread runs; nothing is known of it until then.</summary>
    public static void OnStackReady(int slot)
    {
#if STRATEGY_COMMON
        ThreadTable.At(slot).StackPlace = new StackPlace(UserStackOf(slot));
#endif
    }

    /// <summary>A user thread ended: its stack is nobody's from now on. Interrupts are off.</summary>
    public static void OnThreadEnded(int slot)
    {
        UserStack stack = UserStackOf(slot);
#if STRATEGY_COMMON
        s_applied = Thread.None;
        FlushObligation owed = default;
        s_strategy.OnStackFreed(in stack, ref owed);
        Discharge(in owed);
#else
        int domain = ThreadTable.At(slot).Domain;
        Discharge(s_strategy.OnStackFreed(in ItemAt(domain), ref TablesAt(domain), in stack));
#endif
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OnThreadMoved(int slot, int oldDomain, int domain)
    {
        UserStack stack = UserStackOf(slot);
#if STRATEGY_COMMON
        // No edit, and so no obligation, unless user mode as it is set up now is this thread's.
        if (!s_strategy.IsApplied(in stack))
        {
            return;
        }

#endif
        Discharge(s_strategy.OnThreadMoved(in ItemAt(oldDomain), ref TablesAt(oldDomain), in ItemAt(domain), ref TablesAt(domain), in stack));
    }
#endif
}
