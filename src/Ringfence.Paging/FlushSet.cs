// The bookkeeping inside a flush obligation: a few runs of pages, or everything. Mutable, so an edit can add page by page.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Up to <see cref="RunCapacity"/> disjoint runs of pages that must be flushed, or all pages.</summary>
internal struct FlushSet
{
    // A switch that needs invalidation touches a stack and one to three partitions; more runs than this are worth one full flush.
    internal const int RunCapacity = 4;

    [InlineArray(RunCapacity)]
    private struct RunArray
    {
        private PageRange _first;
    }

    private RunArray _runs;
    private byte _runCount;
    private bool _isEverything;

    public readonly int RunCount => _runCount;

    public readonly bool IsEverything => _isEverything;

    public readonly PageRange this[int index] => _runs[index];

    public readonly nuint PageTotal
    {
        get
        {
            nuint total = 0;
            for (int index = 0; index < _runCount; index++)
            {
                total += _runs[index].Count.Value;
            }

            return total;
        }
    }

    public void AddEverything()
    {
        _isEverything = true;
        _runCount = 0;
    }

    public void Add(PageRange pages)
    {
        if (_isEverything || pages.IsEmpty)
        {
            return;
        }

        // Edits go upwards, so the last run is nearly always the one that grows.
        if (_runCount != 0)
        {
            PageRange last = _runs[_runCount - 1];
            if (pages.First >= last.First && pages.First <= last.End)
            {
                _runs[_runCount - 1] = PageRange.FromFirstToEnd(last.First, pages.End > last.End ? pages.End : last.End);
                GiveUpBeyondCrossover();
                return;
            }
        }

        if (_runCount == RunCapacity)
        {
            AddEverything();
            return;
        }

        _runs[_runCount++] = pages;
        GiveUpBeyondCrossover();
    }

    public void AddAll(in FlushSet other)
    {
        if (other._isEverything)
        {
            AddEverything();
            return;
        }

        for (int index = 0; index < other._runCount; index++)
        {
            Add(other._runs[index]);
        }
    }

    private void GiveUpBeyondCrossover()
    {
        if (PageTotal > FlushObligation.WholeSetCrossoverPageCount)
        {
            AddEverything();
        }
    }
}
