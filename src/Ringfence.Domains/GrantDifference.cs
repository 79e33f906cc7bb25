// Where two grant lists differ, found in one upward pass over both.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// A position in the comparison of what is applied with what shall be. Below the position the tables hold the target, from it on
/// what was applied before: at every moment each page has the rights of the one or of the other, never more.
/// </summary>
internal struct GrantDifference
{
    private PageNumber _position;
    private int _appliedIndex;
    private int _targetIndex;

    /// <summary>
    /// Moves to the next pages whose entries differ between the lists. False when there are none left.
    /// </summary>
    /// <param name="applied">What the tables hold from the position on.</param>
    /// <param name="target">What they shall hold.</param>
    /// <param name="pages">Consecutive pages of one leaf rights before and one after.</param>
    /// <param name="isGranted">Whether the target grants the pages; otherwise they return to their base rights.</param>
    /// <param name="rights">The rights that the target grants.</param>
    public bool TryMoveNext<TFormat>(in GrantList applied, in GrantList target, out PageRange pages, out bool isGranted, out LeafRights rights)
        where TFormat : struct, IPagingFormat
    {
        while (true)
        {
            SkipPassed(in applied, ref _appliedIndex);
            SkipPassed(in target, ref _targetIndex);
            bool hasApplied = _appliedIndex < applied.Count;
            bool hasTarget = _targetIndex < target.Count;
            if (!hasApplied && !hasTarget)
            {
                pages = default;
                isGranted = false;
                rights = default;
                return false;
            }

            Grant before = hasApplied ? applied[_appliedIndex] : default;
            Grant after = hasTarget ? target[_targetIndex] : default;
            bool inBefore = hasApplied && before.Pages.First <= _position;
            bool inAfter = hasTarget && after.Pages.First <= _position;
            PageNumber end = Nearest(hasApplied, inBefore ? before.Pages.End : before.Pages.First, hasTarget, inAfter ? after.Pages.End : after.Pages.First);

            // Rights that have the same bits in this format are the same: rewriting them would be a store for nothing.
            bool isSame = inBefore == inAfter
                && (!inBefore || EntryRights.Live<TFormat>(before.Rights) == EntryRights.Live<TFormat>(after.Rights));
            if (!isSame)
            {
                pages = PageRange.FromFirstToEnd(_position, end);
                isGranted = inAfter;
                rights = after.Rights;
                return true;
            }

            _position = end;
        }
    }

    /// <summary>Everything below <paramref name="position"/> is done.</summary>
    public void MoveTo(PageNumber position) => _position = position;

    private readonly void SkipPassed(in GrantList list, ref int index)
    {
        while (index < list.Count && list[index].Pages.End <= _position)
        {
            index++;
        }
    }

    private static PageNumber Nearest(bool hasFirst, PageNumber first, bool hasSecond, PageNumber second) =>
        !hasSecond || (hasFirst && first < second) ? first : second;
}
