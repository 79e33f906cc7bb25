// A set with nothing of the kernel in it but what entry and exit need (KPTI): what isn't mapped can't be leaked by a processor that reads first and checks afterwards.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// What user mode reaches of the base mapping, the entry pages, and a domain's pages with a domain's rights. The kernel runs on the base set, which grants nothing to anybody. That takes one set a domain where
/// a set for the kernel beside each would take two, and what the kernel can reach doesn't depend on which domain ran last.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
public struct UserSet<TFormat, TMemory> : IDomainSet<UserSet<TFormat, TMemory>, TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly MappingEditor<TFormat, TMemory> _editor;

    private UserSet(AddressSpace<TFormat, TMemory> baseTables, AddressSpace<TFormat, TMemory> tables) =>
        _editor = new MappingEditor<TFormat, TMemory>(baseTables, tables);

    /// <inheritdoc/>
    public readonly AddressSpace<TFormat, TMemory> Tables => _editor.Tables;

    /// <inheritdoc/>
    static PagingError IDomainSet<UserSet<TFormat, TMemory>, TFormat, TMemory>.TryCreate<TAllocator>(
        AddressSpace<TFormat, TMemory> baseTables, in EverySetPages everySet, ref TAllocator allocator, ref TableAccount account, PhysicalAddress smallRoot, out UserSet<TFormat, TMemory> created)
    {
        // A table wherever the base set has one.
        PageRange everywhere = PageRange.CreateTruncated(default, new PageCount(nuint.MaxValue));
        return TryCreate(baseTables, new UserModeLeaves(everySet.Entry, everywhere), ref allocator, ref account, smallRoot, out created);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PagingError Prepare<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, ref FlushObligation owed)
        where TAllocator : struct, ITableAllocator => default;

    /// <inheritdoc/>
    public readonly void Grant(PageRange pages, LeafRights rights, ref FlushObligation owed) => _editor.Show(pages.First, pages.End, rights, ref owed);

    /// <inheritdoc/>
    public readonly void Revoke(PageRange pages, ref FlushObligation owed) => _editor.Hide(pages.First, pages.End, ref owed);

    /// <inheritdoc/>
    public readonly PagingError CheckMap(PageRange pages, FrameNumber firstFrame, LeafRights rights, out PageCount tablesNeeded) =>
        Tables.CheckMap(pages, firstFrame, out tablesNeeded);

    /// <inheritdoc/>
    public readonly EditResult Map<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights)
        where TAllocator : struct, ITableAllocator =>
        rights.IsUser
            ? Tables.Map(ref allocator, ref account, pages, firstFrame, rights)
            : Tables.MakeTables(ref allocator, ref account, pages);

    /// <inheritdoc/>
    public readonly PagingError CheckUnmap(PageRange pages) => default;

    /// <inheritdoc/>
    public readonly EditResult Unmap(PageRange pages)
    {
        FlushObligation owed = default;
        if (!pages.IsEmpty)
        {
            Revoke(pages, ref owed);
        }

        return new EditResult(owed);
    }

    /// <summary>Makes a set with these leaves and tables.</summary>
    [MustUseReturnValue]
    internal static PagingError TryCreate<TAllocator>(
        AddressSpace<TFormat, TMemory> baseTables, UserModeLeaves leaves, ref TAllocator allocator, ref TableAccount account, PhysicalAddress smallRoot, out UserSet<TFormat, TMemory> created)
        where TAllocator : struct, ITableAllocator
    {
        PagingError error = baseTables.CreateCopy(ref allocator, ref account, leaves, smallRoot, out AddressSpace<TFormat, TMemory> tables);
        created = error.IsNone ? new UserSet<TFormat, TMemory>(baseTables, tables) : default;
        return error;
    }
}
