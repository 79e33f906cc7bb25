// Domains, and what the page tables must allow while a thread of one runs. The strategy behind it is the image's; this file is
// where the kernel's events (a switch, a move, an end) become its edits.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

#pragma warning disable IDE0065 // Outside of the namespace these could not refer to the alias of the format.
#if STRATEGY_COMMON
using DomainTables = NoDomainTables;
using TableStrategy = CommonTableStrategy<PagingFormat, IdentityTableMemory>;
#elif STRATEGY_LEAF_LINK
using DomainTables = LeafLinkTables;
using TableStrategy = LeafLinkStrategy<PagingFormat, IdentityTableMemory, WindowRun<PagingFormat>>;
#elif STRATEGY_SHARED_SUBTREE && KPTI
using DomainTables = PerDomainTables<PagingFormat, IdentityTableMemory, SparseUserSet<PagingFormat, IdentityTableMemory>>;
using TableStrategy = PerDomainStrategy<PagingFormat, IdentityTableMemory, SparseUserSet<PagingFormat, IdentityTableMemory>>;
#elif STRATEGY_SHARED_SUBTREE
using DomainTables = PerDomainTables<PagingFormat, IdentityTableMemory, SharedSet<PagingFormat, IdentityTableMemory>>;
using TableStrategy = PerDomainStrategy<PagingFormat, IdentityTableMemory, SharedSet<PagingFormat, IdentityTableMemory>>;
#elif KPTI
using DomainTables = PerDomainTables<PagingFormat, IdentityTableMemory, UserSet<PagingFormat, IdentityTableMemory>>;
using TableStrategy = PerDomainStrategy<PagingFormat, IdentityTableMemory, UserSet<PagingFormat, IdentityTableMemory>>;
#else
using DomainTables = PerDomainTables<PagingFormat, IdentityTableMemory, FullSet<PagingFormat, IdentityTableMemory>>;
using TableStrategy = PerDomainStrategy<PagingFormat, IdentityTableMemory, FullSet<PagingFormat, IdentityTableMemory>>;
#endif
#if KPTI
using TranslationCache = UserTranslationCache;
#else
using TranslationCache = ProcessorTranslationCache;
#endif
#pragma warning restore IDE0065

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
    private static TableStrategy s_strategy;

    /// <summary>Takes over the tables, in which every page has its base rights, and creates the default domain.</summary>
    public static void Initialize()
    {
#if STRATEGY_COMMON
        s_strategy.Initialize(KernelSpace.Tables);
#elif STRATEGY_LEAF_LINK
        s_strategy = new TableStrategy(KernelSpace.Tables, Windows, AddressLayout.UserStacks, new PhysicalAddress(KernelTables.LinkLists));
        TableAccount account = TableAccount.Unlimited;
        EditResult noted = s_strategy.Initialize(ref KernelSpace.Pool, ref account);
        if (!noted.Succeeded || account.InUse != PageCount.Zero)
        {
            Panic.Stop("the image lacks a leaf table where pages can be granted, at"u8, noted.Error.Page.Address.Value);
        }

        Discharge(noted.Flush);
#elif KPTI
        s_strategy = new TableStrategy(KernelSpace.Tables, AddressLayout.EntryPages, AddressLayout.UserStacks);
#else
        s_strategy = new TableStrategy(KernelSpace.Tables, entryPages: default, AddressLayout.UserStacks);
#endif
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
            TranslationCache cache = default;
            s_strategy.OnDomainDestroyed(in ItemAt(index), ref TablesAt(index), ref KernelSpace.Pool, ref cache);
            ItemAt(index).Destroy();
        }

        Processor.RestoreInterrupts(enabled);
        return error.IsNone;
    }

    /// <summary>Adds a partition to a domain; its threads have it from their next user instruction on.</summary>
    /// <returns>
    /// <see cref="DomainErrorCode.NoSuchDomain"/>, what <see cref="Domain.Add"/> says, or <see cref="DomainErrorCode.OutOfTablePages"/>; after an error nothing has changed.
    /// </returns>
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
            thread.Domain = domain;
            if (thread.IsUser)
            {
                OnThreadMoved(slot, oldDomain, domain);
            }
        }

        Processor.RestoreInterrupts(enabled);
        return error;
    }

    /// <summary>
    /// Makes the page tables those of a user thread that is about to run, or goes on doing so: at most <see cref="SwitchStepEntryLimit"/> entries are written. Interrupts are off; between two steps they may be
    /// served, domains and threads may change, and another thread may be chosen.
    /// </summary>
    /// <returns>Whether the thread may run in user mode. If not, repeat.</returns>
    public static bool TryApply(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        ref readonly Domain domain = ref ItemAt(thread.Domain);
        ref DomainTables tables = ref TablesAt(thread.Domain);
#if STACKS_OF_DOMAIN
        s_lastApplied = slot;
        UserStack stack = default;
#else
        UserStack stack = new(AddressLayout.UserStackPages(slot), thread.StackGeneration);
#endif
        if (s_strategy.IsCurrent(in domain, in tables, in stack))
        {
            return true;
        }

        FlushObligation owed = default;
        bool isComplete = s_strategy.TrySwitchTo(in domain, ref tables, in stack, SwitchStepEntryLimit, ref owed);
        TranslationCache cache = default;
        owed.Discharge(ref cache);
        return isComplete;
    }

#if ARCHITECTURE_IA32
    /// <summary>
    /// A task switch has loaded the base set (SDM vol. 3A, 7.3: CR3 comes from the new task's segment and is saved in none). The set that user mode ran on is loaded again, as the
    /// strategy believes it is. Where the kernel always runs on the base set, it is entry and exit that load the other.
    /// </summary>
    public static void ReloadAfterTaskSwitch()
    {
#if ROOT_PER_DOMAIN && !KPTI
        Processor.WriteControl3((nuint)s_strategy.LoadedRoot.Value);
#endif
    }
#endif

    /// <summary>The set of tables on which threads of a domain run in user mode.</summary>
    public static AddressSpace<PagingFormat, IdentityTableMemory> UserTables(int domain) => s_strategy.UserTables(in TablesAt(domain));

    /// <summary>Bytes of table pages, and of smaller roots, that a domain has for itself.</summary>
    public static ulong TableByteCount(int domain)
    {
#if STRATEGY_COMMON
        return 0;
#else
        return ItemAt(domain).Exists ? TablesAt(domain).PageCount.ByteCount + KernelSpace.SmallRootByteCountOfDomain : 0;
#endif
    }

    /// <summary>The stack that is a thread's alone; none for a kernel thread, and none where stacks are the domain's.</summary>
    public static UserStack StackOf(int slot) =>
#if STACKS_OF_DOMAIN
        default;
#else
        ThreadTable.At(slot).IsUser ? UserStackOf(slot) : default;
#endif

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
        UserTables(ThreadTable.At(Scheduler.Current).Domain).EffectiveRights(new VirtualAddress(address), access, Privilege.User, controls);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Domain ItemAt(int index) => ref KernelMemory.At<Domain>(KernelTables.Domains, index, DomainCapacity);

#if STRATEGY_COMMON
    private static DomainTables s_noTables;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref DomainTables TablesAt(int index) => ref s_noTables;
#else
    /// <summary>Bytes of what the strategy keeps for each domain.</summary>
    public static int DomainTablesByteCount => Unsafe.SizeOf<DomainTables>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref DomainTables TablesAt(int index) => ref KernelMemory.At<DomainTables>(KernelTables.DomainTables, index, DomainCapacity);
#endif

#if STRATEGY_COMMON
    // Nothing is made for a domain, and so nothing can be lacking.
    private static DomainError CreateTables(int index) => default;
#else
    private static DomainError CreateTables(int index) =>
        DomainError.From(s_strategy.OnDomainCreated(ref KernelSpace.Pool, ref TablesAt(index), PlaceAt(index)));

    // What the strategy keeps for a domain beside its table pages: a root that takes no page, or a list of links.
    private static PhysicalAddress PlaceAt(int index) =>
#if STRATEGY_LEAF_LINK
        new(KernelTables.LinkLists + (nuint)(uint)LeafLinkMemory.StrategyByteCount<PagingFormat>(Windows.Count) + (nuint)(uint)(index * LeafLinkMemory.DomainByteCount<PagingFormat>(Windows.Count)));
#elif FORMAT_PAE
        new(KernelTables.SmallRoots + ((nuint)(uint)index * (nuint)FormatGeometry<PagingFormat>.RootByteCount));
#else
        default;
#endif
#endif

#if STRATEGY_LEAF_LINK
    private static WindowRun<PagingFormat> Windows => new(AddressLayout.Windows);

#endif
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

    /// <summary>
    /// Disables interrupts for an edit of the tables, once no switch stands half way: completing it is not to be part of the edit. Such a switch was given up for the kernel thread that runs now.
    /// </summary>
    /// <returns>Whether interrupts were enabled.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool BeginEdit()
    {
        bool enabled = Processor.DisableInterrupts();
#if STRATEGY_COMMON
        if (s_strategy.IsSwitchUnderWay)
        {
            Follow(default, enabled);
        }

#endif
        return enabled;
    }

#if STRATEGY_COMMON
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DomainError OnPartitionAdded(int domain, in Partition partition, bool enabled)
    {
        OnPartitionRemoved(domain, in partition, enabled);
        return default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OnPartitionRemoved(int domain, in Partition partition, bool enabled)
    {
        if (s_strategy.IsOutOfDate(in ItemAt(domain)))
        {
            Follow(in ItemAt(domain), enabled);
        }
    }

    // Interrupts are let in between two steps, and others may run meanwhile; threads of the domain then make its content theirs before they do.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Follow(in Domain domain, bool enabled)
    {
        while (true)
        {
            FlushObligation owed = default;
            bool isComplete = s_strategy.TryFollow(in domain, SwitchStepEntryLimit, ref owed);
            Discharge(in owed);
            if (isComplete)
            {
                return;
            }

            Processor.RestoreInterrupts(enabled);
            _ = Processor.DisableInterrupts();
        }
    }
#else
    private static DomainError OnPartitionAdded(int domain, in Partition partition, bool enabled)
    {
        EditResult result = s_strategy.OnPartitionAdded(ref KernelSpace.Pool, in ItemAt(domain), ref TablesAt(domain), in partition);
        Discharge(result.Flush);
        if (!result.Succeeded)
        {
            _ = ItemAt(domain).Remove(partition.Pages, out _);
        }

        return DomainError.From(result.Error);
    }

    private static void OnPartitionRemoved(int domain, in Partition partition, bool enabled) =>
        Discharge(s_strategy.OnPartitionRemoved(in ItemAt(domain), ref TablesAt(domain), in partition));
#endif

    private static void Discharge(in FlushObligation obligation)
    {
        TranslationCache cache = default;
        obligation.Discharge(ref cache);
    }

    private readonly struct GrantableMap : IGrantableMap
    {
        public GrantObstacle FindObstacle(PageRange pages)
        {
            GrantObstacle obstacle = AddressLayout.BaseMapping.FindObstacle(pages);
            nuint address = obstacle.Page.Address.Value;
            bool isLastGuard = address == AddressLayout.ViewStart - PageSize.ByteCount;
            bool isGuard = obstacle.Kind == GrantObstacleKind.NotMapped && (isLastGuard || AddressLayout.FindGuard(address) >= 0);
            return isGuard ? new GrantObstacle(GrantObstacleKind.Guard, obstacle.Page) : obstacle;
        }
    }
}
