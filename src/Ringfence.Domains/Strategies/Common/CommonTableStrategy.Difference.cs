// Two domains that take turns: after the second return the differences of their grants are known, and a switch adds them without reading or comparing anything.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>
/// The difference of the two lists. It rests on their content, on the base mapping, and on nobody else's editing granted pages, and it starts from tables that are wholly in the state of one list, or of the other. So it is forgotten when a list
/// changes and when the base mapping does, and a switch that stands half way is finished without it.
/// </content>
public partial struct CommonTableStrategy<TFormat, TMemory>
{
    private enum DifferenceStage : byte
    {
        /// <summary>A list has changed.</summary>
        New,

        /// <summary>A switch went from one list to the other since.</summary>
        Begun,

        /// <summary>Another went back. Domains that do no more than that, as where many take turns in a ring, pay for no difference.</summary>
        Returned,

        /// <summary>It is worked out.</summary>
        Known,

        /// <summary>There is no room for it, or no leaf where a grant lies.</summary>
        Unusable,
    }

    /// <summary>
    /// The switch whose edits are known, if it is one: from one user thread to another whose domain is the same or the spare one. False, and nothing is done, if it isn't. This is what a switch costs as a rule.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TrySwitchKnown<TCache>(in Domain domain, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        nuint oldFirst = _appliedStack.Pages.First.Value;
        nuint oldEnd = _appliedStack.Pages.End.Value;
        nuint first = stack.Pages.First.Value;
        nuint end = stack.Pages.End.Value;
        if (StacksAreDomains ? _isUnderWay || oldFirst != oldEnd || first != end : _stackRun.IsNone || first == end || (end > oldFirst && first < oldEnd))
        {
            return false;
        }

        DomainIdentity identity = domain.Identity;
        nuint entryTotal = (oldEnd - oldFirst) + (end - first);
        nuint narrowed = oldEnd - oldFirst;
        bool isOtherDomain = identity != _appliedDomain;
        bool isBack = _appliedList != _differenceStart;
        if (isOtherDomain)
        {
            if (_differenceStage != DifferenceStage.Known || identity != _spareDomain)
            {
                return false;
            }

            entryTotal += (nuint)(uint)_difference.EntryCount;
            narrowed += (nuint)(uint)_difference.NarrowedCount(isBack);
        }

        if (entryTotal > (nuint)(uint)entryLimit)
        {
            return false;
        }

        if (!StacksAreDomains)
        {
            _stackEditor.TakeBack(in _stackRun);
        }

        if (isOtherDomain)
        {
            _editor.Apply(in _difference, isBack);
            CompletePartitions(identity);
        }

        if (!StacksAreDomains && !_stackEditor.TryGrant(first, end, LeafRights.UserReadWrite, out _stackRun))
        {
            GrantStackAnyway(in stack, ref cache);
        }

        _appliedStack = stack;
        if (narrowed > FlushObligation.WholeSetCrossoverPageCount)
        {
            cache.FlushAll();
            return true;
        }

        for (nuint page = oldFirst; page != oldEnd; page++)
        {
            cache.FlushPage(new PageNumber(page));
        }

        if (isOtherDomain)
        {
            _difference.FlushNarrowed(isBack, ref cache);
        }

        return true;
    }

    private void GrantStack<TCache>(in UserStack stack, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        if (!_stackEditor.TryGrant(stack.Pages.First.Value, stack.Pages.End.Value, LeafRights.UserReadWrite, out _stackRun))
        {
            GrantStackAnyway(in stack, ref cache);
        }
    }

    /// <summary>Grants a stack that lies elsewhere than the last one, or in which pages differ. Once it is found, the next one there is granted the short way.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrantStackAnyway<TCache>(in UserStack stack, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        FlushObligation owed = default;
        _stackEditor.Set(stack.Pages.First, stack.Pages.End, LeafRights.UserReadWrite, ref owed);
        owed.Discharge(ref cache);
    }

    private void ForgetDifference() => _differenceStage = DifferenceStage.New;

    /// <summary>Works the difference out when two domains take turns. The tables are wholly in the state of the applied list.</summary>
    private void LearnDifference()
    {
        if (_differenceStage < DifferenceStage.Returned)
        {
            _differenceStage++;
        }
        else if (_differenceStage == DifferenceStage.Returned)
        {
            _difference.Begin();
            bool isKnown = TryNoteDifference() && _difference.TryLayOut() && TryNoteDifference();
            _differenceStart = _appliedList;
            _differenceStage = isKnown ? DifferenceStage.Known : DifferenceStage.Unusable;
        }
    }

    private bool TryNoteDifference()
    {
        ref GrantList applied = ref _lists[_appliedList];
        ref GrantList target = ref _lists[_appliedList ^ 1];
        int appliedIndex = 0;
        int targetIndex = 0;
        nuint position = 0;
        while (true)
        {
            ref Grant old = ref applied.Grants[appliedIndex];
            ref Grant next = ref target.Grants[targetIndex];
            if (old.First == Grant.EndMark && next.First == Grant.EndMark)
            {
                return true;
            }

            GrantPiece piece = GrantPiece.Find(in old, in next, position);
            position = piece.End;
            LeafRights? rights = piece.IsOfNext ? next.Rights : null;
            if (!_difference.TryNote(ref _editor, new PageNumber(piece.First), new PageNumber(position), rights))
            {
                return false;
            }

            appliedIndex += old.IsDoneAt(position) ? 1 : 0;
            targetIndex += next.IsDoneAt(position) ? 1 : 0;
        }
    }
}
