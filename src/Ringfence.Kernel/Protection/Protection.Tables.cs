// What domains have of page tables, and how the strategy of the image is told: each image has the code of its own strategy only, and here is where it is chosen.

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

/// <content>The strategy.</content>
public static partial class Protection
{
    private static TableStrategy s_strategy;

#if STRATEGY_COMMON
    // The user thread that was applied last, if nothing has happened since that could have changed what it may do: then there is nothing to compare. Kernel threads may have run.
    private static int s_applied = Thread.None;

#endif
    /// <summary>
    /// Makes the page tables those of a user thread that is about to run, or goes on doing so: at most <see cref="SwitchStepEntryLimit"/> entries are written. Interrupts are off; between two steps they may be
    /// served, domains and threads may change, and another thread may be chosen.
    /// </summary>
    /// <returns>Whether the thread may run in user mode. If not, repeat.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryApply(ThreadReference thread)
    {
#if STACKS_OF_DOMAIN
        s_lastApplied = thread;
#endif
#if STRATEGY_COMMON
        return thread.Target.Slot == s_applied || TryApplyAnother(thread.Target.Slot);
#else
        TranslationCache cache = default;
        return s_strategy.TryReturnTo(ref TablesOf(ref thread.Target), NumberOf(thread), ref cache) || TryApplyAnother(thread.Target.Slot);
#endif
    }

    // By the number of the slot: `ringfence report --strategies` calls it so in a stopped image.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
#if STRATEGY_COMMON
    private static bool TryApplyAnother(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        Unsafe.SkipInit(out TranslationCache cache); // has no fields
        if (!s_strategy.TrySwitchTo(in ItemAt(thread.Domain), ref thread.StackPlace, SwitchStepEntryLimit, ref cache))
        {
            s_applied = Thread.None;
            return false;
        }

        s_applied = slot;
        return true;
    }
#else
    private static bool TryApplyAnother(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        ref readonly Domain domain = ref ItemAt(thread.Domain);
        ref DomainTables tables = ref TablesAt(thread.Domain);
        TranslationCache cache = default;

        // The tool comes here at once.
        nuint number = NumberOf(ThreadTable.ReferenceTo(slot));
        if (s_strategy.TryReturnTo(ref tables, number, ref cache))
        {
            return true;
        }

#if STACKS_OF_DOMAIN
        UserStack stack = default;
#else
        UserStack stack = new(AddressLayout.UserStackPages(slot), thread.StackGeneration);
#endif
        ref TableStrategy strategy = ref s_strategy;
        if (!strategy.IsCurrent(in domain, in tables, in stack) && !strategy.TrySwitchTo(in domain, ref tables, in stack, SwitchStepEntryLimit, ref cache))
        {
            return false;
        }

        strategy.NoteReady(ref tables, number);
        return true;
    }
#endif

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

    /// <summary>Bytes of the lists of links that the strategy keeps for itself and for each of some domains; 0 where domains don't differ by leaf tables.</summary>
    public static ulong LinkListByteCount(int domainCount) =>
#if STRATEGY_LEAF_LINK
        (ulong)(uint)(LeafLinkMemory.StrategyByteCount<PagingFormat>(Windows.Count) + (domainCount * LeafLinkMemory.DomainByteCount<PagingFormat>(Windows.Count)));
#else
        0;
#endif

    private static void InitializeTables()
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
#else
        PageRange entryPages =
#if KPTI
            AddressLayout.EntryPages;
#else
            default;
#endif
        bool usesContexts =
#if FORMAT_X86_64
            ProcessContexts.AreEnabled;
#else
            false;
#endif
        s_strategy = new TableStrategy(KernelSpace.Tables, entryPages, AddressLayout.UserStacks, usesContexts);
#endif
    }

    private static void DestroyTables(int index)
    {
        TranslationCache cache = default;
        s_strategy.OnDomainDestroyed(in ItemAt(index), ref TablesAt(index), ref KernelSpace.Pool, ref cache);
    }

#if STRATEGY_COMMON
    private static DomainTables s_noTables;

    /// <summary>Makes a thread one of a domain: what the tables must allow follows when it next runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NoteDomain(ref Thread thread, int domain) => thread.Domain = domain;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref DomainTables TablesAt(int index) => ref s_noTables;

    // Nothing is made for a domain, and so nothing can be lacking.
    private static DomainError CreateTables(int index) => default;
#else
    /// <summary>Makes a thread one of a domain: what the tables must allow follows when it next runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NoteDomain(ref Thread thread, int domain)
    {
        thread.Domain = domain;
        thread.DomainTables = KernelMemory.AddressOf(ref TablesAt(domain));
    }

    /// <summary>Bytes of what the strategy keeps for each domain.</summary>
    public static int DomainTablesByteCount => Unsafe.SizeOf<DomainTables>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref DomainTables TablesAt(int index) => ref KernelMemory.At<DomainTables>(KernelTables.DomainTables, index, DomainCapacity);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref DomainTables TablesOf(ref Thread thread)
    {
#if AUDIT
        return ref TablesAt((int)((thread.DomainTables - KernelTables.DomainTables) / (nuint)(uint)DomainTablesByteCount));
#else
        return ref KernelMemory.At<DomainTables>(thread.DomainTables);
#endif
    }

    // What the strategy knows a user thread by: where stacks are the domain's, its threads are all alike.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint NumberOf(ThreadReference thread) =>
#if STACKS_OF_DOMAIN
        1;
#else
        thread.Address;
#endif

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
    private static WindowRun<PagingFormat> Windows => new(AddressLayout.Grantable);
#endif

    /// <summary>
    /// Disables interrupts for an edit of the tables, once no switch stands half way: completing it is not to be part of the edit. Such a switch was given up for the kernel thread that runs now.
    /// </summary>
    /// <returns>Whether interrupts were enabled.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool BeginEdit()
    {
        bool enabled = Processor.DisableInterrupts();
#if STRATEGY_COMMON
        s_applied = Thread.None;
        if (s_strategy.IsSwitchUnderWay)
        {
            FinishSwitch(enabled);
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

    // Apart, so that no edit that begins with it has a domain on its stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FinishSwitch(bool enabled) => Follow(default, enabled);

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
#if AUDIT
            Scheduler.CallBetweenSteps();
#endif
        }
    }
#else
    [SkipLocalsInit]
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
}
