// A set with all of the kernel in it: the kernel runs on it too, and an entry from user mode changes no set.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>A copy of the base mapping in which a domain's pages have a domain's rights.</summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public struct FullSet<TFormat, TMemory> : IDomainSet<FullSet<TFormat, TMemory>, TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private RightsEditor<TFormat, TMemory> _editor;

    private FullSet(AddressSpace<TFormat, TMemory> tables) => _editor = new RightsEditor<TFormat, TMemory>(tables);

    /// <inheritdoc/>
    public readonly AddressSpace<TFormat, TMemory> Tables => _editor.Tables;

    /// <inheritdoc/>
    static PagingError IDomainSet<FullSet<TFormat, TMemory>, TFormat, TMemory>.TryCreate<TAllocator>(
        AddressSpace<TFormat, TMemory> baseTables, in EverySetPages everySet, ref TAllocator allocator, ref TableAccount account, PhysicalAddress smallRoot, out FullSet<TFormat, TMemory> created)
    {
        PagingError error = baseTables.CreateCopy(ref allocator, ref account, default(EveryLeaf), smallRoot, out AddressSpace<TFormat, TMemory> tables);
        created = error.IsNone ? new FullSet<TFormat, TMemory>(tables) : default;
        return error;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PagingError Prepare<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, ref FlushObligation owed)
        where TAllocator : struct, ITableAllocator => default;

    /// <inheritdoc/>
    public void Grant(PageRange pages, LeafRights rights, ref FlushObligation owed) => _editor.SetShortRun(pages, rights, ref owed);

    /// <inheritdoc/>
    public void Revoke(PageRange pages, ref FlushObligation owed) => _editor.ResetShortRun(pages, ref owed);

    /// <inheritdoc/>
    public readonly PagingError CheckMap(PageRange pages, FrameNumber firstFrame, LeafRights rights, out PageCount tablesNeeded) =>
        Tables.CheckMap(pages, firstFrame, out tablesNeeded);

    /// <inheritdoc/>
    public readonly EditResult Map<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights)
        where TAllocator : struct, ITableAllocator => Tables.Map(ref allocator, ref account, pages, firstFrame, rights);

    /// <inheritdoc/>
    public readonly PagingError CheckUnmap(PageRange pages) => Tables.CheckUnmap(pages);

    /// <inheritdoc/>
    public readonly EditResult Unmap(PageRange pages) => Tables.Unmap(pages);
}
