// The bookkeeping inside a flush obligation: a few pages, or everything. Mutable, so an edit can add page by page.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Up to <see cref="FlushObligation.WholeSetCrossoverPageCount"/> pages that must be flushed, or all pages. Pages and not runs of pages: an edit adds one
/// with a compare and a store, and the crossover bounds the list anyway.
/// </summary>
internal struct FlushSet
{
    private const int Capacity = FlushObligation.WholeSetCrossoverPageCount;
    private const int Everything = Capacity + 1;

    [InlineArray(Capacity)]
    private struct PageArray
    {
        private PageNumber _first;
    }

    private PageArray _pages;
    private int _count;

    public readonly int Count => _count == Everything ? 0 : _count;

    public readonly bool IsEverything => _count == Everything;

    public readonly bool IsEmpty => _count == 0;

    public readonly PageNumber this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _pages[index];
    }

    public void AddEverything() => _count = Everything;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(PageNumber page)
    {
        int count = _count;
        if ((uint)count < Capacity)
        {
            _pages[count] = page;
            _count = count + 1;
        }
        else
        {
            _count = Everything;
        }
    }

    public void Add(PageRange pages)
    {
        if (pages.Count.Value > Capacity)
        {
            AddEverything();
        }

        for (nuint offset = 0; offset < pages.Count.Value && !IsEverything; offset++)
        {
            Add(pages.First + new PageCount(offset));
        }
    }

    public void AddAll(in FlushSet other)
    {
        if (other.IsEverything)
        {
            AddEverything();
        }

        for (int index = 0; index < other.Count && !IsEverything; index++)
        {
            if (!Contains(other._pages[index]))
            {
                Add(other._pages[index]);
            }
        }
    }

    public readonly bool Contains(PageNumber page)
    {
        for (int index = 0; index < Count; index++)
        {
            if (_pages[index] == page)
            {
                return true;
            }
        }

        return IsEverything;
    }
}
