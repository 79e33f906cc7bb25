// One step of the pass over two lists of grants: the next pages that one of them grants, or both, throughout.

namespace Ringfence.Domains;

/// <summary>Consecutive pages that belong to a grant of the old list, or to one of the next list, or to one of each.</summary>
internal readonly struct GrantPiece
{
    private GrantPiece(nuint first, nuint end, bool isOfOld, bool isOfNext)
    {
        First = first;
        End = end;
        IsOfBoth = isOfOld && isOfNext;
        IsOfNext = isOfNext;
    }

    public nuint First { get; }

    public nuint End { get; }

    /// <summary>Whether the next list grants the pages, too. They have their base rights otherwise.</summary>
    public bool IsOfNext { get; }

    public bool IsOfBoth { get; }

    /// <summary>The lowest piece that lies at or above a page.</summary>
    /// <param name="old">The first grant of the old list that is not wholly below, or its mark.</param>
    /// <param name="next">That of the next list. Not both are marks.</param>
    /// <param name="position">The page.</param>
    public static GrantPiece Find(in Grant old, in Grant next, nuint position)
    {
        nuint before = old.First > position ? old.First : position;
        nuint after = next.First > position ? next.First : position;
        return before < after ? new GrantPiece(before, old.End < after ? old.End : after, isOfOld: true, isOfNext: false)
            : after < before ? new GrantPiece(after, next.End < before ? next.End : before, isOfOld: false, isOfNext: true)
            : new GrantPiece(before, old.End < next.End ? old.End : next.End, isOfOld: true, isOfNext: true);
    }
}
