// The cursor of a range edit that is done in steps, so that no interrupt waits for a whole range.

namespace Ringfence.Paging;

/// <summary>An edit of rights that is under way: what is still to be done, and with which target.</summary>
public struct RightsEdit
{
    internal RightsTarget Target;

    private RightsEdit(PageRange range, RightsTarget target)
    {
        Remaining = range;
        Target = target;
    }

    /// <summary>An edit that gives the range these live rights; see <see cref="AddressSpace{TFormat,TMemory}.Step"/>.</summary>
    public static RightsEdit Set<TFormat>(PageRange range, LeafRights rights)
        where TFormat : struct, IPagingFormat => new(range, RightsTarget.Live<TFormat>(rights));

    /// <summary>An edit that gives each page of the range its base rights again.</summary>
    public static RightsEdit Reset(PageRange range) => new(range, RightsTarget.Base);

    /// <summary>An edit that gives the range these rights, live and base.</summary>
    public static RightsEdit SetBase<TFormat>(PageRange range, LeafRights rights)
        where TFormat : struct, IPagingFormat => new(range, RightsTarget.LiveAndBase<TFormat>(rights));

    /// <summary>The pages not done yet.</summary>
    public PageRange Remaining { get; private set; }

    /// <summary>Whether every page is done.</summary>
    public readonly bool IsComplete => Remaining.IsEmpty;

    internal void Advance(PageCount count) =>
        Remaining = PageRange.FromFirstToEnd(Remaining.First + count, Remaining.End);
}
