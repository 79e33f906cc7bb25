// A set with nothing of the kernel in it but what entry and exit need (KPTI): what isn't mapped can't be leaked by a processor that reads first and checks afterwards.

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
        AddressSpace<TFormat, TMemory> baseTables, PageRange entryPages, ref TAllocator allocator, ref TableAccount account, PhysicalAddress smallRoot, out UserSet<TFormat, TMemory> created)
    {
        PagingError error = baseTables.CreateCopy(
            ref allocator, ref account, new UserModeLeaves(entryPages), smallRoot, out AddressSpace<TFormat, TMemory> tables);
        created = error.IsNone ? new UserSet<TFormat, TMemory>(baseTables, tables) : default;
        return error;
    }

    /// <inheritdoc/>
    public readonly void Grant(PageRange pages, LeafRights rights, ref FlushObligation owed) => _editor.Show(pages.First, pages.End, rights, ref owed);

    /// <inheritdoc/>
    public readonly void Revoke(PageRange pages, ref FlushObligation owed) => _editor.Hide(pages.First, pages.End, ref owed);

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

    private readonly struct UserModeLeaves(PageRange entryPages) : ILeafFilter
    {
        private readonly PageRange _entryPages = entryPages;

        public bool Keeps(PageNumber page, LeafRights rights) => rights.IsUser || _entryPages.Contains(page);
    }
}
