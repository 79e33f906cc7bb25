// A set of tables of one domain, as it looks to the strategy that has one for each: two kinds, which differ in what a page is without rights.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>A domain's set of tables. A mutable value; the default one stands for no set.</summary>
/// <typeparam name="TSelf">The kind itself.</typeparam>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public interface IDomainSet<TSelf, TFormat, TMemory>
    where TSelf : struct, IDomainSet<TSelf, TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    /// <summary>The tables.</summary>
    AddressSpace<TFormat, TMemory> Tables { get; }

    /// <summary>Makes a set in which user mode has what the base mapping gives it and nothing else. All or nothing.</summary>
    /// <param name="baseTables">A set in which every page has its base rights.</param>
    /// <param name="entryPages">Pages of the kernel that entry and exit need whatever set is loaded.</param>
    /// <param name="allocator">Gives table pages.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="smallRoot">Where a root goes that is smaller than a page.</param>
    /// <param name="created">The set.</param>
    [MustUseReturnValue]
    static abstract PagingError TryCreate<TAllocator>(
        AddressSpace<TFormat, TMemory> baseTables, PageRange entryPages, ref TAllocator allocator, ref TableAccount account, PhysicalAddress smallRoot, out TSelf created)
        where TAllocator : struct, ITableAllocator;

    /// <summary>Gives user mode these rights on pages on which the base mapping gives it nothing.</summary>
    void Grant(PageRange pages, LeafRights rights, ref FlushObligation owed);

    /// <summary>Takes every right on these pages from user mode.</summary>
    void Revoke(PageRange pages, ref FlushObligation owed);

    /// <summary>Maps what this kind of set holds of pages that are new in the base mapping, and makes the tables with which they can be granted.</summary>
    /// <param name="allocator">Gives table pages.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="pages">The pages.</param>
    /// <param name="firstFrame">The frame of the first page.</param>
    /// <param name="rights">The base rights.</param>
    EditResult Map<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights)
        where TAllocator : struct, ITableAllocator;

    /// <summary>What <see cref="Unmap"/> would refuse.</summary>
    /// <param name="pages">The pages.</param>
    [MustUseReturnValue]
    PagingError CheckUnmap(PageRange pages);

    /// <summary>Unmaps pages that go out of the base mapping and are granted to nobody.</summary>
    /// <param name="pages">The pages.</param>
    EditResult Unmap(PageRange pages);
}
