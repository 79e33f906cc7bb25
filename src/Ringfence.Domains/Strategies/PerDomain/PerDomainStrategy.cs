// One set of page tables for each domain: a switch between domains loads another root, and edits nothing but the stack, if that is another one.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// The strategy <c>PerDomain</c>, with <see cref="SharedSet{TFormat,TMemory}"/> <c>SharedSubtree</c>; with <see cref="UserSet{TFormat,TMemory}"/> and <see cref="SparseUserSet{TFormat,TMemory}"/> their variants for processors that
/// leak what is mapped. Partitions are granted in their domain's set when they are added, whether or not it is loaded; a set
/// that is not loaded owes no flush, because loading it forgets what the processor held. Where the processor keeps translations of several sets (PCID), such a set is marked, and only the load of a marked one forgets.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
/// <typeparam name="TSet">The kind of set.</typeparam>
public partial struct PerDomainStrategy<TFormat, TMemory, TSet> : ITableStrategy<TFormat, TMemory, PerDomainTables<TFormat, TMemory, TSet>>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
    where TSet : struct, IDomainSet<TSet, TFormat, TMemory>
{
    private readonly AddressSpace<TFormat, TMemory> _baseTables;
    private readonly EverySetPages _everySet;

    // The root that user mode runs on; the base set's at boot and after the loaded set was destroyed.
    private TableAddress _loadedRoot;

    // One bit for each number that no domain has.
    private ulong _freeContexts;
    private readonly bool _usesContexts;

    /// <summary>A strategy beside the base set, which is loaded and in which every page has its base rights. It is copied, or shared, for each domain; nothing is granted in it.</summary>
    /// <param name="baseTables">The base set.</param>
    /// <param name="entryPages">Pages of the kernel that <see cref="UserSet{TFormat,TMemory}"/> and <see cref="SparseUserSet{TFormat,TMemory}"/> hold for entry and exit; empty for the other kinds.</param>
    /// <param name="stackPages">
    /// All user stacks, mapped in the base set, with what lies between them: <see cref="SharedSet{TFormat,TMemory}"/> and <see cref="SparseUserSet{TFormat,TMemory}"/> have tables of their own for them, so that no switch lacks one. Of no
    /// meaning for the other kinds.
    /// </param>
    /// <param name="usesContexts">
    /// Whether CR4.PCIDE is set, with the base set loaded under number 0: loads then go by <see cref="ITranslationCache.LoadContext"/>. Of no meaning in formats without contexts.
    /// </param>
    public PerDomainStrategy(AddressSpace<TFormat, TMemory> baseTables, PageRange entryPages, PageRange stackPages, bool usesContexts = false)
    {
        _freeContexts = usesContexts ? AllContexts : 0;
        _usesContexts = usesContexts;
        _baseTables = baseTables;
        _everySet = new EverySetPages(entryPages, stackPages);
        _loadedRoot = new TableAddress(baseTables.Root);
    }

    /// <summary>The root that is loaded, or will be once the last obligation is discharged.</summary>
    public readonly PhysicalAddress LoadedRoot => new(_loadedRoot.Value);

    /// <inheritdoc/>
    public PagingError OnDomainCreated<TAllocator>(ref TAllocator allocator, ref PerDomainTables<TFormat, TMemory, TSet> tables, PhysicalAddress place)
        where TAllocator : struct, ITableAllocator
    {
        tables = default;
        tables.Account = TableAccount.Unlimited;
        PagingError error = TSet.TryCreate(_baseTables, in _everySet, ref allocator, ref tables.Account, place, out tables.Set);
        if (!error.IsNone)
        {
            return error;
        }

        tables.Root = new TableAddress(tables.Set.Tables.Root);
        if (UsesContexts)
        {
            TakeContext(ref tables);
        }

        return default;
    }

    /// <inheritdoc/>
    public void OnDomainDestroyed<TAllocator, TCache>(
        in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, ref TAllocator allocator, ref TCache cache)
        where TAllocator : struct, ITableAllocator
        where TCache : struct, ITranslationCache
    {
        // Kernel threads run on the set of the last user thread. It goes off the processor before its pages go.
        FlushObligation flush = default;
        if (IsLoaded(in tables))
        {
            _loadedRoot = new TableAddress(_baseTables.Root);

            // What changes in the base set is flushed in every context at once.
            flush = UsesContexts ? FlushObligation.ForRoot(new ContextRoot(_baseTables.Root, BaseContext, keepsTranslations: true)) : FlushObligation.ForRoot(_baseTables.Root);
        }

        if (UsesContexts)
        {
            GiveBackContext(in tables);
        }

        tables.Set.Tables.DetachSet(flush).Discharge(ref cache, ref allocator, ref tables.Account);
        tables = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsCurrent(in Domain domain, in PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack) =>
        IsLoaded(in tables) && Grants(in tables, in stack);

    /// <inheritdoc/>
    public FlushObligation SwitchTo(in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack)
    {
        FlushObligation owed = default;
        _ = TrySwitchTo(in domain, ref tables, in stack, int.MaxValue, ref owed);
        return owed;
    }

    /// <inheritdoc/>
    public SwitchStep SwitchTo(in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack, int entryLimit)
    {
        FlushObligation owed = default;
        bool isComplete = TrySwitchTo(in domain, ref tables, in stack, entryLimit, ref owed);
        return new SwitchStep(isComplete, in owed);
    }

    /// <inheritdoc/>
    public bool TrySwitchTo(in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack, int entryLimit, ref FlushObligation owed)
    {
        bool isLoaded = IsLoaded(in tables);
        if (!Grants(in tables, in stack))
        {
            tables.ReadyFor = 0;

            // What a set owes that isn't loaded is done by loading it.
            nuint left = (nuint)(uint)entryLimit;
            FlushObligation ofOtherSet = default;
            bool isFinished = StackChange.TryFinish(ref tables.Set, ref tables.Stack, in stack, ref left, ref isLoaded ? ref owed : ref ofOtherSet);
            Postpone(ref tables, in ofOtherSet);
            if (!isFinished)
            {
                return false;
            }
        }

        if (!isLoaded)
        {
            _loadedRoot = tables.Root;
            if (UsesContexts)
            {
                OweLoad(ref tables, ref owed);
            }
            else
            {
                // Does what either set owes, too.
                owed = FlushObligation.ForRoot(tables.Set.Tables.Root);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public readonly EditResult OnPartitionAdded<TAllocator>(
        ref TAllocator allocator, in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, in Partition partition)
        where TAllocator : struct, ITableAllocator
    {
        FlushObligation owed = default;
        PagingError error = tables.Set.Prepare(ref allocator, ref tables.Account, partition.Pages, ref owed);
        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        tables.Set.Grant(partition.Pages, partition.LeafRights, ref owed);
        if (IsLoaded(in tables))
        {
            return new EditResult(owed);
        }

        Postpone(ref tables, in owed);
        return new EditResult(FlushObligation.None);
    }

    /// <inheritdoc/>
    public readonly FlushObligation OnPartitionRemoved(in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, in Partition partition)
    {
        FlushObligation owed = default;
        tables.Set.Revoke(partition.Pages, ref owed);
        if (IsLoaded(in tables))
        {
            return owed;
        }

        Postpone(ref tables, in owed);
        return FlushObligation.None;
    }

    /// <inheritdoc/>
    public FlushObligation OnThreadMoved(
        in Domain oldDomain, ref PerDomainTables<TFormat, TMemory, TSet> oldTables, in Domain newDomain, ref PerDomainTables<TFormat, TMemory, TSet> newTables, in UserStack stack)
    {
        if (oldDomain.Identity == newDomain.Identity)
        {
            return FlushObligation.None;
        }

        bool isLive = !stack.IsNone && IsCurrent(in oldDomain, in oldTables, in stack);
        FlushObligation owed = OnStackFreed(in oldDomain, ref oldTables, in stack);
        if (!isLive)
        {
            return owed;
        }

        // The old set isn't loaded from here on.
        Postpone(ref oldTables, in owed);
        return SwitchTo(in newDomain, ref newTables, in stack);
    }

    /// <inheritdoc/>
    public readonly FlushObligation OnStackFreed(in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack)
    {
        FlushObligation owed = default;

        // By the generation, also when a switch to or from this stack stopped half way.
        if (stack.Generation == tables.Stack.Generation && stack.Pages.Overlaps(tables.Stack.Pages))
        {
            tables.Set.Revoke(tables.Stack.Pages, ref owed);
            tables.Stack = default;
            tables.ReadyFor = 0;
        }

        if (IsLoaded(in tables))
        {
            return owed;
        }

        Postpone(ref tables, in owed);
        return FlushObligation.None;
    }

    /// <inheritdoc/>
    public readonly AddressSpace<TFormat, TMemory> UserTables(in PerDomainTables<TFormat, TMemory, TSet> tables) => tables.Set.Tables;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsLoaded(in PerDomainTables<TFormat, TMemory, TSet> tables) => tables.Root.Value == _loadedRoot.Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Grants(in PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack) =>
        DomainCapacity.StacksAreDomains
        || (tables.Stack.Pages.First.Value == stack.Pages.First.Value
        && tables.Stack.Generation == stack.Generation
        && tables.Stack.Pages.End.Value == stack.Pages.End.Value);
}
