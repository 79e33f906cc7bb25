// The set of KPTI for a domain that takes only the tables it needs: what would be an empty table isn't there.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// What <see cref="UserSet{TFormat,TMemory}"/> holds, in tables on the way to what is mapped, to the stacks, and to each partition that the domain had so far. It is the variant of <c>SharedSubtree</c> for processors that leak what is
/// mapped: tables of the base set can't be shared with user mode there. A table that was made for a partition stays until the domain is destroyed.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public struct SparseUserSet<TFormat, TMemory> : IDomainSet<SparseUserSet<TFormat, TMemory>, TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly UserSet<TFormat, TMemory> _set;

    private SparseUserSet(UserSet<TFormat, TMemory> set) => _set = set;

    /// <inheritdoc/>
    public readonly AddressSpace<TFormat, TMemory> Tables => _set.Tables;

    /// <inheritdoc/>
    static PagingError IDomainSet<SparseUserSet<TFormat, TMemory>, TFormat, TMemory>.TryCreate<TAllocator>(
        AddressSpace<TFormat, TMemory> baseTables, in EverySetPages everySet, ref TAllocator allocator, ref TableAccount account, PhysicalAddress smallRoot, out SparseUserSet<TFormat, TMemory> created)
    {
        PagingError error = UserSet<TFormat, TMemory>.TryCreate(
            baseTables, new UserModeLeaves(everySet.Entry, everySet.Stacks), ref allocator, ref account, smallRoot, out UserSet<TFormat, TMemory> set);
        created = new SparseUserSet<TFormat, TMemory>(set);
        return error;
    }

    /// <inheritdoc/>
    public readonly PagingError Prepare<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, ref FlushObligation owed)
        where TAllocator : struct, ITableAllocator
    {
        EditResult made = Tables.MakeTables(ref allocator, ref account, pages);
        owed = owed.Combine(made.Flush);
        return made.Error;
    }

    /// <inheritdoc/>
    public readonly void Grant(PageRange pages, LeafRights rights, ref FlushObligation owed) => _set.Grant(pages, rights, ref owed);

    /// <inheritdoc/>
    public readonly void Revoke(PageRange pages, ref FlushObligation owed) => _set.Revoke(pages, ref owed);

    /// <inheritdoc/>
    public readonly PagingError CheckMap(PageRange pages, FrameNumber firstFrame, LeafRights rights, out PageCount tablesNeeded)
    {
        tablesNeeded = PageCount.Zero;
        return rights.IsUser ? _set.CheckMap(pages, firstFrame, rights, out tablesNeeded) : default;
    }

    /// <inheritdoc/>
    public readonly EditResult Map<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights)
        where TAllocator : struct, ITableAllocator =>
        rights.IsUser ? _set.Map(ref allocator, ref account, pages, firstFrame, rights) : default;

    /// <inheritdoc/>
    public readonly PagingError CheckUnmap(PageRange pages) => default;

    /// <inheritdoc/>
    public readonly EditResult Unmap(PageRange pages) => _set.Unmap(pages);
}
