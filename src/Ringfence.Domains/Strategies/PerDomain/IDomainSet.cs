// A set of tables of one domain, as it looks to the strategy that has one for each: kinds that differ in what a page is without rights, and in which tables are the domain's own.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>A domain's set of tables. A mutable value; the default one stands for no set.</summary>
/// <typeparam name="TSelf">The kind itself.</typeparam>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public interface IDomainSet<TSelf, TFormat, TMemory> : IPageGrants
    where TSelf : struct, IDomainSet<TSelf, TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    /// <summary>The tables.</summary>
    AddressSpace<TFormat, TMemory> Tables { get; }

    /// <summary>Makes a set in which user mode has what the base mapping gives it and nothing else. All or nothing.</summary>
    /// <param name="baseTables">A set in which every page has its base rights.</param>
    /// <param name="everySet">Pages that concern every set: with the tables that it makes, any stack can be granted.</param>
    /// <param name="allocator">Gives table pages.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="smallRoot">Where a root goes that is smaller than a page.</param>
    /// <param name="created">The set.</param>
    [MustUseReturnValue]
    static abstract PagingError TryCreate<TAllocator>(
        AddressSpace<TFormat, TMemory> baseTables, in EverySetPages everySet, ref TAllocator allocator, ref TableAccount account, PhysicalAddress smallRoot, out TSelf created)
        where TAllocator : struct, ITableAllocator;

    /// <summary>Makes the tables with which these pages can be granted, those that the set lacks. All or nothing.</summary>
    /// <param name="allocator">Gives table pages.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="pages">The pages, mapped in the base set.</param>
    /// <param name="owed">Gains what the change owes.</param>
    /// <returns><see cref="PagingErrorCode.OutOfTablePages"/> with the pages needed and the pages left, or none.</returns>
    [MustUseReturnValue]
    PagingError Prepare<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, ref FlushObligation owed)
        where TAllocator : struct, ITableAllocator;

    /// <summary>What <see cref="Map"/> would refuse, table pages left out of account.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="firstFrame">The frame of the first page.</param>
    /// <param name="rights">The base rights.</param>
    /// <param name="tablesNeeded">Table pages that it would take.</param>
    [MustUseReturnValue]
    PagingError CheckMap(PageRange pages, FrameNumber firstFrame, LeafRights rights, out PageCount tablesNeeded);

    /// <summary>Maps what this kind of set holds of pages that are new in the base mapping, which has them already.</summary>
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

    /// <summary>Unmaps pages that went out of the base mapping and are granted to nobody.</summary>
    /// <param name="pages">The pages.</param>
    EditResult Unmap(PageRange pages);
}
