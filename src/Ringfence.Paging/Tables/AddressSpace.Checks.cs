// An edit of several sets is all or nothing only if every set is asked before any is changed.

namespace Ringfence.Paging;

/// <content>What an edit would say, and tables made ahead of the leaves.</content>
public readonly partial struct AddressSpace<TFormat, TMemory>
{
    /// <summary>What <see cref="Map"/> would refuse, table pages left out of account. Nothing is changed.</summary>
    /// <param name="range">The pages.</param>
    /// <param name="firstFrame">The frame of the first page.</param>
    /// <param name="tablesNeeded">Table pages that it would take.</param>
    /// <returns>The errors of <see cref="Map"/> but <see cref="PagingErrorCode.OutOfTablePages"/>.</returns>
    [MustUseReturnValue]
    public PagingError CheckMap(PageRange range, FrameNumber firstFrame, out PageCount tablesNeeded) =>
        CheckMappable(range, firstFrame, 0, TFormat.Leaf(0), out tablesNeeded);

    /// <summary>What <see cref="Unmap"/> would refuse. Nothing is changed.</summary>
    /// <param name="range">The pages.</param>
    /// <returns>The errors of <see cref="Unmap"/>.</returns>
    [MustUseReturnValue]
    public PagingError CheckUnmap(PageRange range) => CheckMapped(range);

    /// <summary>Makes the tables that <see cref="Map"/> would make, and maps nothing: so that a leaf can appear there later without an allocation.</summary>
    /// <param name="allocator">Gives the tables that are missing.</param>
    /// <param name="account">Whose they are.</param>
    /// <param name="range">The pages.</param>
    /// <returns>The errors of <see cref="Map"/>.</returns>
    public EditResult MakeTables<TAllocator>(ref TAllocator allocator, ref TableAccount account, PageRange range)
        where TAllocator : struct, ITableAllocator
    {
        PagingError error = CheckMap(range, default, out PageCount tablesNeeded);
        if (error.IsNone)
        {
            error = Reserve(ref allocator, ref account, range.First, tablesNeeded);
        }

        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        PageNumber page = range.First;
        nuint remaining = range.Count.Value;
        bool directoryPointerChanged = false;
        while (remaining != 0)
        {
            _ = FindOrMakeTable(ref allocator, page, level: 0, ref directoryPointerChanged);
            nuint run = PagesWithinEntry(page, 1, remaining);
            page += new PageCount(run);
            remaining -= run;
        }

        return new EditResult(new FlushObligation(default, needsDirectoryPointerReload: directoryPointerChanged));
    }
}
