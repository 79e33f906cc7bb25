// A change of what every thread has: the base set and each domain's change together, or none does.

using System;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>Changes of the base mapping.</content>
public partial struct PerDomainStrategy<TFormat, TMemory, TSet>
{
    /// <inheritdoc/>
    public readonly EditResult MapBase<TAllocator>(
        ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights, Span<PerDomainTables<TFormat, TMemory, TSet>> domains)
        where TAllocator : struct, ITableAllocator
    {
        PagingError error = _baseTables.CheckMap(pages, firstFrame, out PageCount baseNeeded);
        PageCount needed = baseNeeded;
        for (int index = 0; index < domains.Length && error.IsNone; index++)
        {
            if (IsSet(in domains[index]))
            {
                error = domains[index].Set.CheckMap(pages, firstFrame, rights, out PageCount setNeeded);
                needed = new PageCount(needed.Value + setNeeded.Value);
            }
        }

        if (error.IsNone && baseNeeded > account.Left)
        {
            error = PagingError.OutOfTablePages(pages.First, baseNeeded, account.Left);
        }

        if (error.IsNone && needed > allocator.Available)
        {
            error = PagingError.OutOfTablePages(pages.First, needed, allocator.Available);
        }

        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        // The kernel may run on the base set whichever is loaded for user mode, so what that owes is always owed.
        FlushObligation owed = _baseTables.Map(ref allocator, ref account, pages, firstFrame, rights).Flush;
        for (int index = 0; index < domains.Length; index++)
        {
            ref PerDomainTables<TFormat, TMemory, TSet> tables = ref domains[index];
            if (IsSet(in tables))
            {
                owed = Together(in owed, in tables, tables.Set.Map(ref allocator, ref tables.Account, pages, firstFrame, rights));
            }
        }

        return new EditResult(UsesContexts ? owed.InEveryContext() : owed);
    }

    /// <inheritdoc/>
    public readonly EditResult UnmapBase(PageRange pages, Span<PerDomainTables<TFormat, TMemory, TSet>> domains)
    {
        PagingError error = _baseTables.CheckUnmap(pages);
        for (int index = 0; index < domains.Length && error.IsNone; index++)
        {
            if (IsSet(in domains[index]))
            {
                error = domains[index].Set.CheckUnmap(pages);
            }
        }

        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        FlushObligation owed = _baseTables.Unmap(pages).Flush;
        for (int index = 0; index < domains.Length; index++)
        {
            if (IsSet(in domains[index]))
            {
                owed = Together(in owed, in domains[index], domains[index].Set.Unmap(pages));
            }
        }

        return new EditResult(UsesContexts ? owed.InEveryContext() : owed);
    }

    /// <summary>
    /// What was owed, and what an edit of one more set owes: nothing if that set isn't loaded and loading it forgets what the processor held. Under contexts all is flushed at once rather than each set marked: the kernel's own pages are in every
    /// set, and so the frames are free when the obligation is discharged.
    /// </summary>
    private readonly FlushObligation Together(in FlushObligation owed, in PerDomainTables<TFormat, TMemory, TSet> tables, EditResult edit) =>
        UsesContexts || IsLoaded(in tables) ? owed.Combine(edit.Flush) : owed;

    private static bool IsSet(in PerDomainTables<TFormat, TMemory, TSet> tables) => tables.Set.Tables.Root.Value != 0;
}
