// The plan of a kernel whose grantable pages and stacks follow on one another.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Consecutive windows.</summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
public readonly struct WindowRun<TFormat> : IWindowPlan
    where TFormat : struct, IPagingFormat
{
    private readonly PageNumber _first;

    /// <summary>All windows in which these pages lie; none for an empty range.</summary>
    public WindowRun(PageRange pages)
    {
        nuint span = TFormat.Level(1).EntrySpan.Value;
        _first = new PageNumber(pages.First.Value & ~(span - 1));
        Count = pages.IsEmpty ? 0 : (int)((pages.End.Value - _first.Value + span - 1) / span);
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public PageNumber FirstPage(int window) => new(_first.Value + ((nuint)(uint)window * TFormat.Level(1).EntrySpan.Value));

    /// <inheritdoc/>
    public int IndexOf(PageNumber page)
    {
        nuint window = (page.Value - _first.Value) / TFormat.Level(1).EntrySpan.Value;
        return page >= _first && window < (nuint)(uint)Count ? (int)window : -1;
    }
}
