// The contract of all strategies, met by the one that keeps nothing for a domain.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>What <see cref="CommonTableStrategy{TFormat,TMemory}"/> keeps for each domain: nothing.</summary>
public readonly struct NoDomainTables;

/// <content>The contract.</content>
public partial struct CommonTableStrategy<TFormat, TMemory>
{
    /// <inheritdoc/>
    public readonly PagingError OnDomainCreated<TAllocator>(ref TAllocator allocator, ref NoDomainTables tables, PhysicalAddress place)
        where TAllocator : struct, ITableAllocator => default;

    /// <inheritdoc/>
    public void OnDomainDestroyed<TAllocator, TCache>(in Domain domain, ref NoDomainTables tables, ref TAllocator allocator, ref TCache cache)
        where TAllocator : struct, ITableAllocator
        where TCache : struct, ITranslationCache => OnDomainDestroyed(in domain).Discharge(ref cache);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsCurrent(in Domain domain, in NoDomainTables tables, in UserStack stack) => IsCurrent(in domain, in stack);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FlushObligation SwitchTo(in Domain domain, ref NoDomainTables tables, in UserStack stack) => SwitchTo(in domain, in stack);

    /// <inheritdoc/>
    public SwitchStep SwitchTo(in Domain domain, ref NoDomainTables tables, in UserStack stack, int entryLimit) => SwitchTo(in domain, in stack, entryLimit);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySwitchTo(in Domain domain, ref NoDomainTables tables, in UserStack stack, int entryLimit, ref FlushObligation owed) =>
        TrySwitchTo(in domain, in stack, entryLimit, ref owed);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySwitchTo<TCache>(in Domain domain, ref NoDomainTables tables, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache => TrySwitchTo(in domain, in stack, entryLimit, ref cache);

    /// <inheritdoc/>
    public EditResult OnPartitionAdded<TAllocator>(ref TAllocator allocator, in Domain domain, ref NoDomainTables tables, in Partition partition)
        where TAllocator : struct, ITableAllocator => new(OnPartitionAdded(in domain));

    /// <inheritdoc/>
    public FlushObligation OnPartitionRemoved(in Domain domain, ref NoDomainTables tables, in Partition partition) => OnPartitionRemoved(in domain);

    /// <inheritdoc/>
    public FlushObligation OnThreadMoved(in Domain oldDomain, ref NoDomainTables oldTables, in Domain newDomain, ref NoDomainTables newTables, in UserStack stack) =>
        OnThreadMoved(in newDomain, in stack);

    /// <inheritdoc/>
    public FlushObligation OnStackFreed(in Domain domain, ref NoDomainTables tables, in UserStack stack) => OnStackFreed(in stack);

    /// <inheritdoc/>
    public readonly AddressSpace<TFormat, TMemory> UserTables(in NoDomainTables tables) => Tables;

    /// <inheritdoc/>
    public EditResult MapBase<TAllocator>(
        ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights, Span<NoDomainTables> domains)
        where TAllocator : struct, ITableAllocator
    {
        ForgetDifference();
        return Tables.Map(ref allocator, ref account, pages, firstFrame, rights);
    }

    /// <inheritdoc/>
    public EditResult UnmapBase(PageRange pages, Span<NoDomainTables> domains)
    {
        ForgetDifference();
        return Tables.Unmap(pages);
    }
}
