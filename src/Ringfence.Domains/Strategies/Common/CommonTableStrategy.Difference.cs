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

    /// <summary>Whether a switch to the domain that was applied before this one would be made by what is known of the two.</summary>
    public readonly bool KnowsDifference => _differenceStage == DifferenceStage.Known;

    /// <summary>
    /// A step of a switch that flushes what it narrows: what a kernel's switch calls. From one user thread to another whose domain is the same, or the spare one from which the difference is known, it does what it knows; anything else, and
    /// whatever goes beyond the limit, is another method's.
    /// </summary>
    /// <param name="domain">The domain of the thread.</param>
    /// <param name="stack">The stack of the thread.</param>
    /// <param name="entryLimit">Entries at most, 1 or more.</param>
    /// <param name="cache">The translation cache of this processor.</param>
    /// <returns>Whether the thread may run.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySwitchTo<TCache>(in Domain domain, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        nuint oldFirst = _appliedStack.Pages.First.Value;
        nuint first = stack.Pages.First.Value;
        nuint end = stack.Pages.End.Value;

        // The stack that is granted, if it is known how: no switch is under way then. The other one is to be as long, in the same leaf table, and apart from it.
        nuint count = _stackRun.Count;
        nuint index = 0;
        if (StacksAreDomains
            ? _isUnderWay || first != end || !_appliedStack.IsNone
            : first + count != end || count == 0 || (first + count > oldFirst && first < oldFirst + count) || !_stackEditor.IsInReach(_stackRun.Reach, first, out index))
        {
            return TrySwitchAnyway(in domain, first, end, stack.Generation, entryLimit, ref cache);
        }

        if (domain.IsAsIn(in _appliedDomain))
        {
            if (2 * count > (nuint)(uint)entryLimit)
            {
                return TrySwitchAnyway(in domain, first, end, stack.Generation, entryLimit, ref cache);
            }

            if (!StacksAreDomains)
            {
                _stackEditor.TakeBack(in _stackRun);
                FlushStack(oldFirst, count, ref cache);
            }
        }
        else
        {
            if (_differenceStage != DifferenceStage.Known
                || !domain.IsAsIn(in _spareDomain)
                || (2 * count) + _difference.EntryCount > (nuint)(uint)entryLimit)
            {
                return TrySwitchAnyway(in domain, first, end, stack.Generation, entryLimit, ref cache);
            }

            SwitchToSpare(ref cache);
        }

        // What goes has gone before what comes.
        if (!StacksAreDomains)
        {
            if (!_stackEditor.TryGrantAgain(ref _stackRun, index, LeafRights.UserReadWrite))
            {
                GrantStackAnyway(first, first + count, ref cache);
            }

            _appliedStack = new UserStack(PageRange.CreateUnchecked(new PageNumber(first), new PageNumber(first + count)), stack.Generation);
        }

        return true;
    }

    /// <summary>Takes the stack back, makes the spare list the applied one by what is known of their difference, and flushes for both.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SwitchToSpare<TCache>(ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        nuint count = _stackRun.Count;
        if (!StacksAreDomains)
        {
            _stackEditor.TakeBack(in _stackRun);
        }

        bool isEverything = ApplyDifference(count, ref cache);
        if (!StacksAreDomains && !isEverything)
        {
            FlushStack(_appliedStack.Pages.First.Value, count, ref cache);
        }
    }

    /// <summary>Makes the spare list the applied one, and flushes for that.</summary>
    /// <param name="narrowed">How many more pages are to be flushed.</param>
    /// <param name="cache">The translation cache of this processor.</param>
    /// <returns>Whether so many pages were narrowed, together with those, that everything was flushed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ApplyDifference<TCache>(nuint narrowed, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        _editor.Apply(ref _difference);
        ExchangeLists();
        return _difference.FlushNarrowed(narrowed, ref cache);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FlushStack<TCache>(nuint first, nuint count, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        // No more than are flushed one by one: GrantStack sees to that.
        do
        {
            cache.FlushPage(new PageNumber(first));
            first++;
        }
        while (--count != 0);
    }

    private void GrantStack(in UserStack stack, ref FlushObligation owed)
    {
        _stackRun = default;
        if (stack.Pages.Count.Value > FlushObligation.WholeSetCrossoverPageCount
            || !_stackEditor.TryGrant(stack.Pages.First.Value, stack.Pages.End.Value, LeafRights.UserReadWrite, out _stackRun))
        {
            _stackEditor.Set(stack.Pages.First, stack.Pages.End, LeafRights.UserReadWrite, ref owed);
        }
    }

    /// <summary>Grants a stack that lies elsewhere than the last one, or in which pages differ. Once it is found, the next one there is granted the short way.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrantStackAnyway<TCache>(nuint first, nuint end, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        FlushObligation owed = default;
        _stackEditor.Set(new PageNumber(first), new PageNumber(end), LeafRights.UserReadWrite, ref owed);
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
