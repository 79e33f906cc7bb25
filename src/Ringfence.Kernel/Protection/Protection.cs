// Domains, and what the page tables must allow while a thread of one runs. The strategy behind it is the image's; this file is
// where the kernel's events (a switch, a move, an end) become its edits.

using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>The domains of the machine and the live page tables. Every edit happens with interrupts off.</summary>
public static partial class Protection
{
    /// <summary>Domains that can exist at once, the default one included: as many as the image has room for.</summary>
    public static int DomainCapacity => (int)ImageTable.Description.DomainCapacity;

    /// <summary>Partitions that a domain can hold, as many as the image was built for.</summary>
    public static int PartitionCapacity => Domains.DomainCapacity.PartitionCount;

    /// <summary>Entries of page tables that a switch writes at most before interrupts are let in.</summary>
    public const int SwitchStepEntryLimit = CommonTableStrategy<PagingFormat, IdentityTableMemory>.DefaultStepEntryLimit;

    /// <summary>Index of the domain in which every kernel thread starts: no partitions.</summary>
    public const int DefaultDomain = 0;

    private static DomainNumberSource s_numbers;

    /// <summary>Takes over the tables, in which every page has its base rights, and creates the default domain.</summary>
    public static void Initialize()
    {
        InitializeTables();
        if (CreateDomain() != DefaultDomain)
        {
            Panic.Stop("the image has no room for the default domain"u8);
        }
    }

    /// <summary>The domain <paramref name="index"/>, 0 to <see cref="DomainCapacity"/> - 1. It may not exist. Read only: changes go through the methods here.</summary>
    public static ref readonly Domain DomainAt(int index) => ref ItemAt(index);

    /// <summary>Creates a domain without partitions. -1 if there is no room for it.</summary>
    public static int CreateDomain() => CreateDomain(out _);

    /// <summary>Creates a domain without partitions, or changes nothing.</summary>
    /// <param name="error"><see cref="DomainErrorCode.NoFreeDomain"/>, <see cref="DomainErrorCode.OutOfTablePages"/>, or none.</param>
    /// <returns>Its index; -1 after an error.</returns>
    public static int CreateDomain(out DomainError error)
    {
        bool enabled = Processor.DisableInterrupts();
        int index = 0;
        while (index < DomainCapacity && ItemAt(index).Exists)
        {
            index++;
        }

        error = index == DomainCapacity ? DomainError.ForDomainCapacity(index) : CreateTables(index);
        if (error.IsNone)
        {
            ItemAt(index).Create(ref s_numbers);
        }

        Processor.RestoreInterrupts(enabled);
        return error.IsNone ? index : -1;
    }

    /// <summary>Destroys a domain and revokes what it had. False, and nothing happens, for the default domain or one that a thread is in.</summary>
    public static bool DestroyDomain(int index) => DestroyDomain(index, out _);

    /// <summary>Destroys a domain and revokes what it had, or changes nothing.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="error"><see cref="DomainErrorCode.NoSuchDomain"/>, <see cref="DomainErrorCode.DomainInUse"/> (also for the default domain), or none.</param>
    /// <returns>Whether it was destroyed.</returns>
    public static bool DestroyDomain(int index, out DomainError error)
    {
        bool enabled = BeginEdit();
        error = !Exists(index) ? DomainError.ForMissingDomain(index)
            : index == DefaultDomain || HasThreads(index) ? DomainError.ForDomainInUse(index)
            : default;
        if (error.IsNone)
        {
            DestroyTables(index);
            ItemAt(index).Destroy();
        }

        Processor.RestoreInterrupts(enabled);
        return error.IsNone;
    }

    /// <summary>Adds a partition to a domain; its threads have it from their next user instruction on.</summary>
    /// <returns>
    /// <see cref="DomainErrorCode.NoSuchDomain"/>, what <see cref="Domain.Add"/> says, or <see cref="DomainErrorCode.OutOfTablePages"/>; after an error nothing has changed.
    /// </returns>
    [SkipLocalsInit]
    public static DomainError AddPartition(int domain, in Partition partition)
    {
        bool enabled = BeginEdit();
        DomainError error = Exists(domain) ? ItemAt(domain).Add(in partition, default(GrantableMap)) : DomainError.ForMissingDomain(domain);
        if (error.IsNone)
        {
            error = OnPartitionAdded(domain, in partition, enabled);
        }

        Processor.RestoreInterrupts(enabled);
        return error;
    }

    /// <summary>Removes the partition with exactly these pages from a domain; its threads have lost it from their next user instruction on.</summary>
    /// <returns><see cref="DomainErrorCode.NoSuchDomain"/>, or what <see cref="Domain.Remove"/> says; after an error nothing has changed.</returns>
    public static DomainError RemovePartition(int domain, PageRange pages)
    {
        bool enabled = BeginEdit();
        Partition removed = default;
        DomainError error = Exists(domain) ? ItemAt(domain).Remove(pages, out removed) : DomainError.ForMissingDomain(domain);
        if (error.IsNone)
        {
            OnPartitionRemoved(domain, in removed, enabled);
        }

        Processor.RestoreInterrupts(enabled);
        return error;
    }

    /// <summary>Moves a thread to another domain, in one step; also the running one, and also while it runs.</summary>
    /// <returns><see cref="DomainErrorCode.NoSuchThread"/> (also for one that has ended), <see cref="DomainErrorCode.NoSuchDomain"/>, or none; after an error nothing has changed.</returns>
    public static DomainError MoveThread(int slot, int domain)
    {
        bool enabled = BeginEdit();
        DomainError error = !ThreadTable.IsAlive(slot) ? DomainError.ForMissingThread(slot)
            : !Exists(domain) ? DomainError.ForMissingDomain(domain)
            : default;
        if (error.IsNone)
        {
            ref Thread thread = ref ThreadTable.At(slot);
            int oldDomain = thread.Domain;
            NoteDomain(ref thread, domain);
            if (thread.IsUser)
            {
                OnThreadMoved(slot, oldDomain, domain);
            }
        }

        Processor.RestoreInterrupts(enabled);
        return error;
    }

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

    /// <summary>Whether there is a domain of this index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Exists(int domain) => (uint)domain < (uint)DomainCapacity && ItemAt(domain).Exists;

    private static AccessDecision DecisionFor(nuint address, Access access, ProcessorControls controls) =>
        UserTables(Scheduler.CurrentThread.Domain).EffectiveRights(new VirtualAddress(address), access, Privilege.User, controls);

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

    private readonly struct GrantableMap : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages)
        {
            GrantObstacle obstacle = AddressLayout.BaseMapping.FindObstacle(pages);
            return obstacle.Kind == GrantObstacleKind.NotMapped && IsGuard(obstacle.Page.Address.Value) ? new GrantObstacle(GrantObstacleKind.Guard, obstacle.Page) : obstacle;
        }

        private static bool IsGuard(nuint address) => address == AddressLayout.ViewStart - PageSize.ByteCount || AddressLayout.FindGuard(address) >= 0;
    }
}
