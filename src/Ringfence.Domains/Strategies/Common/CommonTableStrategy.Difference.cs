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
    /// whatever may go beyond the limit, is another method's.
    /// </summary>
    /// <param name="domain">The domain of the thread.</param>
    /// <param name="place">The stack of the thread, and what is known of it.</param>
    /// <param name="entryLimit">Entries at most, 1 or more.</param>
    /// <param name="cache">The translation cache of this processor.</param>
    /// <returns>Whether the thread may run.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySwitchTo<TCache>(in Domain domain, ref StackPlace place, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        if (StacksAreDomains)
        {
            return TrySwitchWithoutStack(in domain, ref place, entryLimit, ref cache);
        }

        // A stack that is the applied one is neither taken nor granted. The limit is a constant to the kernel, and no question.
        nuint entry = place.Entry;
        nuint oldEntry = _applied.Entry;
        if (entry == 0 || oldEntry == 0 || entry == oldEntry || entryLimit < KnownEntryLimit)
        {
            return TrySwitchAnyway(in domain, ref place, entryLimit, ref cache);
        }

        if (_placedPageCount != 1)
        {
            return TrySwitchManyPages(in domain, ref place, entryLimit, ref cache);
        }

        if (!domain.IsAsIn(in DomainOf(_appliedList)))
        {
            return TrySwitchToSpare(in domain, ref place, entryLimit, ref cache);
        }

        // What goes goes before what comes.
        _stackEditor.TakeBack(oldEntry);
        cache.FlushPage(_applied.FirstPage);
        _stackEditor.Grant(entry);
        _applied = place;
        return true;
    }

    // Stores of a difference, and the pages of two stacks whose entries are known: what is known never takes more.
    private const int KnownEntryLimit = RightsDifference<TFormat, TMemory>.StoreLimit + (2 * FlushObligation.WholeSetCrossoverPageCount);

    /// <summary>The same between the two domains whose difference is known.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TrySwitchToSpare<TCache>(in Domain domain, ref StackPlace place, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        int side = _appliedList;
        int spare = side ^ 1;
        if (!IsKnownSpare(in domain, spare))
        {
            return TrySwitchAnyway(in domain, ref place, entryLimit, ref cache);
        }

        _appliedList = spare;
        _stackEditor.TakeBack(_applied.Entry);
        _editor.Apply(ref _difference);
        if (!_difference.FlushNarrowed(side, 1, ref cache))
        {
            cache.FlushPage(_applied.FirstPage);
        }

        _stackEditor.Grant(place.Entry);
        _applied = place;
        return true;
    }

    /// <summary>Both, where stacks have more pages than one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TrySwitchManyPages<TCache>(in Domain domain, ref StackPlace place, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        int side = _appliedList;
        bool isOtherDomain = !domain.IsAsIn(in DomainOf(side));
        if (isOtherDomain && !IsKnownSpare(in domain, side ^ 1))
        {
            return TrySwitchAnyway(in domain, ref place, entryLimit, ref cache);
        }

        nuint count = _placedPageCount;
        nuint entry = _applied.Entry;
        for (nuint page = 0; page < count; page++)
        {
            _stackEditor.TakeBack(entry);
            entry = RightsEditor<TFormat, TMemory>.EntryAfter(entry);
        }

        bool isEverything = false;
        if (isOtherDomain)
        {
            _appliedList = side ^ 1;
            _editor.Apply(ref _difference);
            isEverything = _difference.FlushNarrowed(side, count, ref cache);
        }

        for (nuint page = 0; page < count && !isEverything; page++)
        {
            cache.FlushPage(new PageNumber(_applied.Stack.Pages.First.Value + page));
        }

        entry = place.Entry;
        for (nuint page = 0; page < count; page++)
        {
            _stackEditor.Grant(entry);
            entry = RightsEditor<TFormat, TMemory>.EntryAfter(entry);
        }

        _applied = place;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsKnownSpare(in Domain domain, int list) => _differenceStage == DifferenceStage.Known && domain.IsAsIn(in DomainOf(list));

    // Where stacks are the domain's, threads of one domain need the same.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TrySwitchWithoutStack<TCache>(in Domain domain, ref StackPlace place, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        int oldList = _appliedList;
        if (_isUnderWay || !place.Stack.IsNone || !AppliedStack.IsNone)
        {
            return TrySwitchAnyway(in domain, ref place, entryLimit, ref cache);
        }

        if (domain.IsAsIn(in DomainOf(oldList)))
        {
            return true;
        }

        if (!IsKnownSpare(in domain, oldList ^ 1) || _difference.EntryCount > (nuint)(uint)entryLimit)
        {
            return TrySwitchAnyway(in domain, ref place, entryLimit, ref cache);
        }

        _editor.Apply(ref _difference);
        _appliedList = oldList ^ 1;
        _ = _difference.FlushNarrowed(oldList, 0, ref cache);
        return true;
    }

    /// <summary>Takes the applied stack back.</summary>
    private void RevokeStack(ref FlushObligation owed)
    {
        PageRange pages = AppliedStack.Pages;
        nuint entry = _applied.Entry;
        if (entry == 0)
        {
            _stackEditor.ResetShortRun(pages, ref owed);
            return;
        }

        for (nuint page = pages.First.Value; page != pages.End.Value; page++)
        {
            _stackEditor.TakeBack(entry, new PageNumber(page), ref owed);
            entry = RightsEditor<TFormat, TMemory>.EntryAfter(entry);
        }
    }

    /// <summary>Grants a stack, and notes where its entries are if the next switch to it may go by that.</summary>
    private void GrantStack(ref StackPlace place, ref FlushObligation owed)
    {
        PageRange pages = place.Stack.Pages;
        nuint entry = place.Entry;
        if (entry == 0 && !TryPlace(pages, out entry))
        {
            _stackEditor.Set(pages.First, pages.End, LeafRights.UserReadWrite, ref owed);
            return;
        }

        place.Entry = entry;
        for (nuint left = pages.Count.Value; left != 0; left--)
        {
            _stackEditor.Grant(entry);
            entry = RightsEditor<TFormat, TMemory>.EntryAfter(entry);
        }
    }

    // A stack is as long as the first that was, and not so long that its flush would be one of everything.
    private bool TryPlace(PageRange pages, out nuint entry)
    {
        entry = 0;
        nuint count = pages.Count.Value;
        bool hasFittingLength = count == _placedPageCount || (_placedPageCount == 0 && count <= FlushObligation.WholeSetCrossoverPageCount);
        bool isPlaced = hasFittingLength && _stackEditor.TryFindUngranted(pages.First.Value, pages.End.Value, out entry);
        _placedPageCount = isPlaced ? count : _placedPageCount;
        return isPlaced;
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
            _difference.Begin(_appliedList);
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
