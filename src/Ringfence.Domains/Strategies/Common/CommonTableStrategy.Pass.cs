// The pass over the grants of two domains, side by side: what only one of them has is taken or given, what both have is left alone.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>Editing what differs between the applied list and the target.</content>
public partial struct CommonTableStrategy<TFormat, TMemory>
{
    /// <summary>
    /// One upward pass over both lists, editing what differs. Below the position the tables hold the target, from it on what was applied before: at every
    /// moment each page has the rights of the one or of the other, never more. False when the limit ended it.
    /// </summary>
    private bool EditPartitions(ref nuint entryLimit, ref FlushObligation owed)
    {
        ref GrantList applied = ref _lists[_appliedList];
        ref GrantList target = ref _lists[_appliedList ^ 1];

        // Where the limit leaves room for every page of both, none is looked at along the way.
        nuint pageTotal = applied.PageTotal + target.PageTotal;
        bool isUnlimited = pageTotal <= entryLimit;
        nuint limit = isUnlimited ? pageTotal : entryLimit;
        entryLimit -= limit;
        bool isComplete = true;
        while (isComplete)
        {
            ref Grant old = ref applied.Grants[_progress.AppliedIndex];
            ref Grant next = ref target.Grants[_progress.TargetIndex];
            if (old.First == Grant.EndMark && next.First == Grant.EndMark)
            {
                break;
            }

            isComplete = EditPiece(in old, in next, ref limit, ref owed);
            if (isComplete && isUnlimited && EditWhole(ref applied, ref target, ref owed))
            {
                break;
            }
        }

        entryLimit += isUnlimited ? 0 : limit;
        return isComplete;
    }

    /// <summary>
    /// The pass as long as no two grants overlap without being equal, which is to the end as a rule: a grant of one list alone is edited whole, equal ones are
    /// passed. Stops before a grant that is begun, before an overlap, before an edit that isn't done by simple stores, and at the end. No limit and
    /// no calls: this loop is what a switch between domains costs.
    /// </summary>
    /// <returns>Whether it came to the end of both.</returns>
    private bool EditWhole(ref GrantList applied, ref GrantList target, ref FlushObligation owed)
    {
        // By reference: the marks end both lists before their arrays do.
        ref Grant old = ref Unsafe.Add(ref Unsafe.As<GrantList.GrantArray, Grant>(ref applied.Grants), _progress.AppliedIndex);
        ref Grant next = ref Unsafe.Add(ref Unsafe.As<GrantList.GrantArray, Grant>(ref target.Grants), _progress.TargetIndex);
        if (old.First < _progress.Position.Value || next.First < _progress.Position.Value)
        {
            return false;
        }

        while (true)
        {
            if (old.First == next.First)
            {
                if (old.First == Grant.EndMark)
                {
                    return true;
                }

                if (old.End != next.End || old.Rights != next.Rights)
                {
                    break;
                }

                old = ref Unsafe.Add(ref old, 1);
                next = ref Unsafe.Add(ref next, 1);
            }
            else if (old.First < next.First)
            {
                if (old.End > next.First || !_editor.TryReset(old.First, old.End, ref owed))
                {
                    break;
                }

                old = ref Unsafe.Add(ref old, 1);
            }
            else
            {
                if (next.End > old.First || !_editor.TrySet(next.First, next.End, next.Rights, ref owed))
                {
                    break;
                }

                next = ref Unsafe.Add(ref next, 1);
            }
        }

        _progress.AppliedIndex = IndexOf(ref applied, ref old);
        _progress.TargetIndex = IndexOf(ref target, ref next);
        return false;
    }

    private static int IndexOf(ref GrantList list, ref Grant grant) =>
        (int)(Unsafe.ByteOffset(ref Unsafe.As<GrantList.GrantArray, Grant>(ref list.Grants), ref grant) / Unsafe.SizeOf<Grant>());

    /// <summary>
    /// The pass over the next pages that belong to one of the two grants, or to both, throughout. False when the limit ended it.
    /// </summary>
    private bool EditPiece(in Grant old, in Grant next, ref nuint entryLimit, ref FlushObligation owed)
    {
        GrantPiece piece = GrantPiece.Find(in old, in next, _progress.Position.Value);
        PageNumber first = new(piece.First);
        PageNumber end = new(piece.End);
        PageNumber stop = end;

        // Rights that have the same bits in this format are the same: visiting their entries would be for nothing.
        if (!(piece.IsOfBoth && EntryRights.Live<TFormat>(old.Rights) == EntryRights.Live<TFormat>(next.Rights)))
        {
            stop = Clip(first, end, ref entryLimit);
            if (stop != first && piece.IsOfNext)
            {
                _editor.Set(first, stop, next.Rights, ref owed);
            }
            else if (stop != first)
            {
                _editor.Reset(first, stop, ref owed);
            }
        }

        _progress.Position = stop;
        _progress.AppliedIndex += old.IsDoneAt(stop.Value) ? 1 : 0;
        _progress.TargetIndex += next.IsDoneAt(stop.Value) ? 1 : 0;
        return stop == end;
    }
}
