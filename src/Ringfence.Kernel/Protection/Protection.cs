// Domains, and what the page tables must allow while a thread of one runs. The strategy behind it is the image's; this file is
// where the kernel's events (a switch, a move, an end) become its edits.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>The domains of the machine and the live page tables. Every edit happens with interrupts off.</summary>
public static class Protection
{
    /// <summary>Domains that can exist at once, the default one included: as many as the image has room for.</summary>
    public static int DomainCapacity => (int)ImageTable.Description.DomainCapacity;

    /// <summary>Index of the domain in which every kernel thread starts: no partitions.</summary>
    public const int DefaultDomain = 0;

    private static DomainNumberSource s_numbers;
    private static CommonTableStrategy<PagingFormat, IdentityTableMemory> s_strategy;

    /// <summary>Takes over the tables, in which every page has its base rights, and creates the default domain.</summary>
    public static void Initialize()
    {
        s_strategy = new CommonTableStrategy<PagingFormat, IdentityTableMemory>(KernelSpace.Tables);
        ItemAt(DefaultDomain).Create(ref s_numbers);
    }

    /// <summary>The domain <paramref name="index"/>, 0 to <see cref="DomainCapacity"/> - 1. It may not exist. Read only: changes go through the methods here.</summary>
    public static ref readonly Domain DomainAt(int index) => ref ItemAt(index);

    /// <summary>Creates a domain without partitions. -1 if none is left.</summary>
    public static int CreateDomain()
    {
        bool enabled = Processor.DisableInterrupts();
        int found = -1;
        for (int index = 0; index < DomainCapacity && found < 0; index++)
        {
            if (!ItemAt(index).Exists)
            {
                ItemAt(index).Create(ref s_numbers);
                found = index;
            }
        }

        Processor.RestoreInterrupts(enabled);
        return found;
    }

    /// <summary>Destroys a domain and revokes what it had. False, and nothing happens, for the default domain or one that a thread is in.</summary>
    public static bool DestroyDomain(int index)
    {
        bool enabled = Processor.DisableInterrupts();
        bool isIdle = index != DefaultDomain && ItemAt(index).Exists && !HasThreads(index);
        if (isIdle)
        {
            Discharge(s_strategy.OnDomainDestroyed(in ItemAt(index)));
            ItemAt(index).Destroy();
        }

        Processor.RestoreInterrupts(enabled);
        return isIdle;
    }

    /// <summary>Adds a partition to a domain; its threads have it from their next user instruction on.</summary>
    public static DomainError AddPartition(int domain, in Partition partition)
    {
        bool enabled = Processor.DisableInterrupts();
        DomainError error = ItemAt(domain).Add(in partition, default(GrantableMap));
        if (error.IsNone)
        {
            Discharge(s_strategy.OnPartitionAdded(in ItemAt(domain)));
        }

        Processor.RestoreInterrupts(enabled);
        return error;
    }

    /// <summary>Removes the partition with exactly these pages from a domain; its threads have lost it from their next user instruction on.</summary>
    public static DomainError RemovePartition(int domain, PageRange pages)
    {
        bool enabled = Processor.DisableInterrupts();
        DomainError error = ItemAt(domain).Remove(pages, out _);
        if (error.IsNone)
        {
            Discharge(s_strategy.OnPartitionRemoved(in ItemAt(domain)));
        }

        Processor.RestoreInterrupts(enabled);
        return error;
    }

    /// <summary>Moves a thread to another domain, in one step; also the running one, and also while it runs.</summary>
    public static void MoveThread(int slot, int domain)
    {
        bool enabled = Processor.DisableInterrupts();
        ref Thread thread = ref ThreadTable.At(slot);
        thread.Domain = domain;
        if (thread.IsUser)
        {
            Discharge(s_strategy.OnThreadMoved(in ItemAt(domain), StackOf(slot)));
        }

        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>Makes the page tables those of a user thread that is about to run. Interrupts are off.</summary>
    public static void Apply(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        ref readonly Domain domain = ref ItemAt(thread.Domain);
        UserStack stack = new(AddressLayout.UserStackPages(slot), thread.StackGeneration);
        if (!s_strategy.IsCurrent(in domain, in stack))
        {
            Discharge(s_strategy.SwitchTo(in domain, in stack));
        }
    }

    /// <summary>A user thread ended: its stack is nobody's from now on. Interrupts are off.</summary>
    public static void OnThreadEnded(int slot) => Discharge(s_strategy.OnThreadExited(StackOf(slot)));

    /// <summary>The user stack that a thread owns; none for a kernel thread.</summary>
    public static UserStack StackOf(int slot) =>
        ThreadTable.At(slot).IsUser ? new UserStack(AddressLayout.UserStackPages(slot), ThreadTable.At(slot).StackGeneration) : default;

    /// <summary>Whether the law lets a thread access these bytes, now, in its domain and with its stack.</summary>
    public static LawVerdict Check(int slot, VirtualAddress address, nuint byteCount, Access access)
    {
        UserStack stack = StackOf(slot);
        return Law.Check<PagingFormat>(
            in ItemAt(ThreadTable.At(slot).Domain), in stack, AddressLayout.BaseMapping, address, byteCount, access);
    }

    /// <summary>
    /// Whether the live tables let user mode make this access after all: then the processor faulted on a narrower entry that it had
    /// cached, and the access is simply made again.
    /// </summary>
    public static bool IsSpuriousFault(nuint address, Access access)
    {
        ProcessorControls controls = new(writeProtect: true, noExecuteEnable: FormatGeometry<PagingFormat>.HasExecuteDisable);
        return DecisionFor(address, access, controls).IsAllowed;
    }

    /// <summary>What the live tables say about an access of user mode: the level and the bit that deny it.</summary>
    public static AccessDecision Explain(nuint address, Access access)
    {
        ProcessorControls controls = new(writeProtect: true, noExecuteEnable: FormatGeometry<PagingFormat>.HasExecuteDisable);
        return DecisionFor(address, access, controls);
    }

    private static AccessDecision DecisionFor(nuint address, Access access, ProcessorControls controls) =>
        KernelSpace.Tables.EffectiveRights(new VirtualAddress(address), access, Privilege.User, controls);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Domain ItemAt(int index) => ref KernelMemory.At<Domain>(KernelTables.Domains, index, DomainCapacity);

    private static bool HasThreads(int domain)
    {
        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            ref Thread thread = ref ThreadTable.At(slot);
            if (thread.Domain == domain && thread.State is not (ThreadState.Free or ThreadState.Ended))
            {
                return true;
            }
        }

        return false;
    }

    private static void Discharge(in FlushObligation obligation)
    {
        ProcessorTranslationCache cache = default;
        obligation.Discharge(ref cache);
    }

    private readonly struct GrantableMap : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages)
        {
            GrantObstacle obstacle = AddressLayout.BaseMapping.FindObstacle(pages);
            bool isGuard = obstacle.Kind == GrantObstacleKind.NotMapped && AddressLayout.FindGuard(obstacle.Page.Address.Value) >= 0;
            return isGuard ? new GrantObstacle(GrantObstacleKind.Guard, obstacle.Page) : obstacle;
        }
    }
}
