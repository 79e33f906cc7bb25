// One set of tables whose leaf tables take turns: a switch between domains stores a few links and flushes once, however many pages and partitions there are.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// The strategy <c>LeafLink</c>. Root and upper tables are everybody's. All that can be granted, and all user stacks, lie in windows that the build plans; a domain has a leaf table of its own for each window in which its threads have a
/// right, and the base table in all others. Own tables are edited whether or not they are linked. What isn't linked owes no flush: the relinking that took it from the processor's view owed everything. No leaf in a window is global,
/// so that this flush is one write of CR3.
/// <para>A table once made stays the domain's until its end, also when the last partition in its window was removed.</para>
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
/// <typeparam name="TWindows">The plan of windows.</typeparam>
public partial struct LeafLinkStrategy<TFormat, TMemory, TWindows> : ITableStrategy<TFormat, TMemory, LeafLinkTables>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
    where TWindows : struct, IWindowPlan
{
    private readonly LinkedWindows<TFormat, TMemory, TWindows> _windows;
    private readonly PageRange _stackPages;

    // The place of the list that is linked as a whole, or a value that no list has: some windows are then one domain's and some another's.
    private nuint _linked;

    /// <summary>A strategy for the set that is loaded, in which every page has its base rights. Before anything else it has to be told to <see cref="Initialize"/>.</summary>
    /// <param name="tables">The set.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="stackPages">Pages among which all user stacks are, wholly in windows: each domain has tables for them from the beginning. Empty where stacks are the domain's.</param>
    /// <param name="place">Memory of the caller's for the strategy alone, <see cref="LeafLinkMemory.StrategyByteCount"/> bytes, aligned to 8, reached as tables are.</param>
    public LeafLinkStrategy(AddressSpace<TFormat, TMemory> tables, TWindows windows, PageRange stackPages, PhysicalAddress place)
    {
        _windows = new LinkedWindows<TFormat, TMemory, TWindows>(tables, windows, new TableAddress(place));
        _stackPages = stackPages;
        _linked = (nuint)place.Value;
    }

    // Links that a switch stores without letting anyone in between. More windows than that take steps each time.
    private const int LinksAtOnce = 128;

    // No list is there: they are aligned.
    private static nuint NoList => nuint.MaxValue;

    /// <summary>Makes the leaf tables that windows lack and notes where their links are: once, before the first domain, while nothing is granted.</summary>
    /// <param name="allocator">Gives the tables.</param>
    /// <param name="account">Whose they are: those of the base mapping.</param>
    /// <returns>The errors of <see cref="AddressSpace{TFormat,TMemory}.MakeTables"/>, after which windows before the one to blame have theirs.</returns>
    public readonly EditResult Initialize<TAllocator>(ref TAllocator allocator, ref TableAccount account)
        where TAllocator : struct, ITableAllocator
    {
        FlushObligation owed = default;
        for (int window = 0; window < _windows.Count; window++)
        {
            if (_windows.TryNote(window))
            {
                continue;
            }

            EditResult made = _windows.Tables.MakeTables(ref allocator, ref account, PageRange.OnePage(_windows.FirstPage(window)));
            if (!made.Succeeded)
            {
                return made;
            }

            owed = owed.Combine(made.Flush);
            _ = _windows.TryNote(window);
        }

        return new EditResult(owed);
    }

    /// <inheritdoc/>
    public readonly PagingError OnDomainCreated<TAllocator>(ref TAllocator allocator, ref LeafLinkTables tables, PhysicalAddress place)
        where TAllocator : struct, ITableAllocator
    {
        tables = default;
        tables.Account = TableAccount.Unlimited;
        PagingError error = CountMissing(_windows.BasePlace, _stackPages, out PageCount missing);
        if (error.IsNone)
        {
            error = AddressSpace<TFormat, TMemory>.ReserveLeafTables(ref allocator, ref tables.Account, _stackPages.First, missing);
        }

        if (!error.IsNone)
        {
            return error;
        }

        tables.Place = new TableAddress(place);
        TableAddressList<TFormat, TMemory> own = _windows.ListAt(tables.Place);
        for (int window = 0; window < _windows.Count; window++)
        {
            own.Write(window, _windows.BaseTable(window));
        }

        MakeMissing(ref allocator, tables.Place, _stackPages);
        return default;
    }

    /// <inheritdoc/>
    public void OnDomainDestroyed<TAllocator, TCache>(in Domain domain, ref LeafLinkTables tables, ref TAllocator allocator, ref TCache cache)
        where TAllocator : struct, ITableAllocator
        where TCache : struct, ITranslationCache
    {
        // Also when a switch to or from it stopped half way: whatever is linked of it goes off the processor before its pages go.
        OwnLeafTables<TFormat, TMemory, TWindows> own = OwnTables(in tables);
        FlushObligation flush = default;
        for (int window = 0; window < _windows.Count; window++)
        {
            if (own.IsOwn(window) && own.IsLinked(window) && _windows.TryRelink(window, _windows.BaseTable(window)))
            {
                flush = AddressSpace<TFormat, TMemory>.OwedForRelinking;
            }
        }

        _linked = IsLinked(in tables) ? _windows.BasePlace.Value : _linked;
        for (int window = 0; window < _windows.Count; window++)
        {
            if (own.IsOwn(window))
            {
                // One flush, before the first page.
                _windows.Tables.ReleaseLeafTable(own.Table(window), flush).Discharge(ref cache, ref allocator, ref tables.Account);
                flush = default;
            }
        }

        tables = default;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsCurrent(in Domain domain, in LeafLinkTables tables, in UserStack stack) => IsLinked(in tables) && Grants(in tables, in stack);

    /// <inheritdoc/>
    public FlushObligation SwitchTo(in Domain domain, ref LeafLinkTables tables, in UserStack stack)
    {
        FlushObligation owed = default;
        _ = TrySwitchTo(in domain, ref tables, in stack, int.MaxValue, ref owed);
        return owed;
    }

    /// <inheritdoc/>
    public SwitchStep SwitchTo(in Domain domain, ref LeafLinkTables tables, in UserStack stack, int entryLimit)
    {
        FlushObligation owed = default;
        bool isComplete = TrySwitchTo(in domain, ref tables, in stack, entryLimit, ref owed);
        return new SwitchStep(isComplete, in owed);
    }

    /// <inheritdoc/>
    public bool TrySwitchTo(in Domain domain, ref LeafLinkTables tables, in UserStack stack, int entryLimit, ref FlushObligation owed)
    {
        nuint left = (nuint)(uint)entryLimit;
        if (!Grants(in tables, in stack))
        {
            tables.ReadyFor = 0;
            OwnLeafTables<TFormat, TMemory, TWindows> own = OwnTables(in tables);
            if (!StackChange.TryFinish(ref own, ref tables.Stack, in stack, ref left, ref owed))
            {
                return false;
            }
        }

        return IsLinked(in tables) || TryLink(tables.Place, left, ref owed);
    }

    /// <inheritdoc/>
    public readonly EditResult OnPartitionAdded<TAllocator>(ref TAllocator allocator, in Domain domain, ref LeafLinkTables tables, in Partition partition)
        where TAllocator : struct, ITableAllocator
    {
        PagingError error = CountMissing(tables.Place, partition.Pages, out PageCount missing);
        if (error.IsNone)
        {
            error = AddressSpace<TFormat, TMemory>.ReserveLeafTables(ref allocator, ref tables.Account, partition.Pages.First, missing);
        }

        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        // New tables are granted in before they are linked.
        MakeMissing(ref allocator, tables.Place, partition.Pages);
        FlushObligation owed = default;
        OwnTables(in tables).Grant(partition.Pages, partition.LeafRights, ref owed);
        if (missing != PageCount.Zero && IsLinked(in tables))
        {
            _ = TryStoreLinks(tables.Place, nuint.MaxValue, ref owed);
        }

        return new EditResult(owed);
    }

    /// <inheritdoc/>
    public readonly FlushObligation OnPartitionRemoved(in Domain domain, ref LeafLinkTables tables, in Partition partition)
    {
        FlushObligation owed = default;
        OwnTables(in tables).Revoke(partition.Pages, ref owed);
        return owed;
    }

    /// <inheritdoc/>
    public FlushObligation OnThreadMoved(in Domain oldDomain, ref LeafLinkTables oldTables, in Domain newDomain, ref LeafLinkTables newTables, in UserStack stack)
    {
        if (oldDomain.Identity == newDomain.Identity)
        {
            return FlushObligation.None;
        }

        bool isLive = !stack.IsNone && IsCurrent(in oldDomain, in oldTables, in stack);
        FlushObligation owed = OnStackFreed(in oldDomain, ref oldTables, in stack);
        return isLive ? owed.Combine(SwitchTo(in newDomain, ref newTables, in stack)) : owed;
    }

    /// <inheritdoc/>
    public readonly FlushObligation OnStackFreed(in Domain domain, ref LeafLinkTables tables, in UserStack stack)
    {
        FlushObligation owed = default;

        // By the generation, also when a switch to or from this stack stopped half way.
        if (stack.Generation == tables.Stack.Generation && stack.Pages.Overlaps(tables.Stack.Pages))
        {
            OwnTables(in tables).Revoke(tables.Stack.Pages, ref owed);
            tables.Stack = default;
            tables.ReadyFor = 0;
        }

        return owed;
    }

    /// <inheritdoc/>
    public readonly AddressSpace<TFormat, TMemory> UserTables(in LeafLinkTables tables) => _windows.Tables;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsLinked(in LeafLinkTables tables) => tables.Place.Value == _linked;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Grants(in LeafLinkTables tables, in UserStack stack) =>
        DomainCapacity.StacksAreDomains
        || (tables.Stack.Pages.First.Value == stack.Pages.First.Value
        && tables.Stack.Generation == stack.Generation
        && tables.Stack.Pages.End.Value == stack.Pages.End.Value);

    private readonly OwnLeafTables<TFormat, TMemory, TWindows> OwnTables(in LeafLinkTables tables) => new(_windows, tables.Place);
}
