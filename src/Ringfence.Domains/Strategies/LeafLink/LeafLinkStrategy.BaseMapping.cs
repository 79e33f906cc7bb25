// A change of what every thread has: in a window the base table and every domain's own table change together, whichever is linked.

using System;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>Changes of the base mapping.</content>
public partial struct LeafLinkStrategy<TFormat, TMemory, TWindows>
{
    /// <inheritdoc/>
    public readonly EditResult MapBase<TAllocator>(
        ref TAllocator allocator, ref TableAccount account, PageRange pages, FrameNumber firstFrame, LeafRights rights, Span<LeafLinkTables> domains)
        where TAllocator : struct, ITableAllocator
    {
        // All tables of a window map the same pages, so the linked one speaks for them.
        PagingError error = _windows.Tables.CheckMap(pages, firstFrame, out PageCount needed);
        PageCount left = allocator.Available < account.Left ? allocator.Available : account.Left;
        if (error.IsNone && needed > left)
        {
            error = PagingError.OutOfTablePages(pages.First, needed, left);
        }

        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        FlushObligation owed = default;
        PageNumber page = pages.First;
        while (page < pages.End)
        {
            PageRange piece = _windows.PieceFrom(page, pages.End, out int window);
            FrameNumber frame = firstFrame + new PageCount(page.Value - pages.First.Value);
            if (window < 0)
            {
                owed = owed.Combine(_windows.Tables.Map(ref allocator, ref account, piece, frame, rights).Flush);
            }
            else
            {
                _windows.Tables.MapInTable(_windows.BaseTable(window), piece, frame, rights);
                for (int domain = 0; domain < domains.Length; domain++)
                {
                    if (HasOwn(in domains[domain], window))
                    {
                        _windows.Tables.MapInTable(OwnTables(in domains[domain]).Table(window), piece, frame, rights);
                    }
                }
            }

            page = piece.End;
        }

        return new EditResult(owed);
    }

    /// <inheritdoc/>
    public readonly EditResult UnmapBase(PageRange pages, Span<LeafLinkTables> domains)
    {
        PagingError error = _windows.Tables.CheckUnmap(pages);
        if (!error.IsNone)
        {
            return new EditResult(error);
        }

        FlushObligation owed = default;
        PageNumber page = pages.First;
        while (page < pages.End)
        {
            PageRange piece = _windows.PieceFrom(page, pages.End, out int window);
            if (window < 0)
            {
                owed = owed.Combine(_windows.Tables.Unmap(piece).Flush);
            }
            else
            {
                Unmap(_windows.BaseTable(window), piece, window, ref owed);
                for (int domain = 0; domain < domains.Length; domain++)
                {
                    if (HasOwn(in domains[domain], window))
                    {
                        Unmap(OwnTables(in domains[domain]).Table(window), piece, window, ref owed);
                    }
                }
            }

            page = piece.End;
        }

        return new EditResult(owed);
    }

    private readonly void Unmap(TableAddress table, PageRange pages, int window, ref FlushObligation owed)
    {
        FlushObligation ofUnlinked = default;
        bool isLinked = table.Value == _windows.Linked(window).Value;
        _windows.Tables.UnmapInTable(table, pages, ref isLinked ? ref owed : ref ofUnlinked);
    }

    private readonly bool HasOwn(in LeafLinkTables tables, int window) => tables.Exists && OwnTables(in tables).IsOwn(window);
}
