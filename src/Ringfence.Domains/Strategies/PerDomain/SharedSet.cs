// A set that shares every table in which nothing differs from the base mapping: a domain takes the tables on the way to its pages, and no others.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// A root of the domain's own, and tables of its own on the way to the stacks and to each partition that it had so far; all others are the base set's. With it the strategy is <c>SharedSubtree</c>. A table that was taken for a partition
/// stays the domain's until the domain is destroyed. What is new in the base mapping appears by itself wherever its table is shared.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public struct SharedSet<TFormat, TMemory> : IDomainSet<SharedSet<TFormat, TMemory>, TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly AddressSpace<TFormat, TMemory> _baseTables;
    private RightsEditor<TFormat, TMemory> _editor;

    private SharedSet(AddressSpace<TFormat, TMemory> baseTables, AddressSpace<TFormat, TMemory> tables)
    {
        _baseTables = baseTables;
        _editor = new RightsEditor<TFormat, TMemory>(tables);
    }

    /// <inheritdoc/>
    public readonly AddressSpace<TFormat, TMemory> Tables => _editor.Tables;

    /// <inheritdoc/>
    static PagingError IDomainSet<SharedSet<TFormat, TMemory>, TFormat, TMemory>.TryCreate<TAllocator>(
        AddressSpace<TFormat, TMemory> baseTables, in EverySetPages everySet, ref TAllocator allocator, ref TableAccount account, PhysicalAddress smallRoot, out SharedSet<TFormat, TMemory> created)
    {
        PagingError error = baseTables.CreateSharing(ref allocator, ref account, everySet.Stacks, smallRoot, out AddressSpace<TFormat, TMemory> tables);
        created = error.IsNone ? new SharedSet<TFormat, TMemory>(baseTables, tables) : default;
        return error;
    }

    /// <inheritdoc/>
    public PagingError Prepare<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, ref FlushObligation owed)
        where TAllocator : struct, ITableAllocator
    {
        // The table that the editor remembers is the set's own, and stays.
        if (_editor.TryReach(pages))
        {
            return default;
        }

        EditResult unshared = Tables.UnshareTables(ref allocator, ref account, pages);
        owed = owed.Combine(unshared.Flush);
        return unshared.Error;
    }

    /// <inheritdoc/>
    public void Grant(PageRange pages, LeafRights rights, ref FlushObligation owed) => _editor.SetShortRun(pages, rights, ref owed);

    /// <inheritdoc/>
    public void Revoke(PageRange pages, ref FlushObligation owed) => _editor.ResetShortRun(pages, ref owed);

    /// <inheritdoc/>
    public readonly PagingError CheckMap(PageRange pages, FrameNumber firstFrame, LeafRights rights, out PageCount tablesNeeded)
    {
        tablesNeeded = PageCount.Zero;
        return default;
    }

    /// <inheritdoc/>
    public readonly EditResult Map<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights)
        where TAllocator : struct, ITableAllocator => new(Tables.FollowSource(_baseTables, pages));

    /// <inheritdoc/>
    public readonly PagingError CheckUnmap(PageRange pages) => default;

    /// <inheritdoc/>
    public readonly EditResult Unmap(PageRange pages) => new(Tables.FollowSource(_baseTables, pages));
}
