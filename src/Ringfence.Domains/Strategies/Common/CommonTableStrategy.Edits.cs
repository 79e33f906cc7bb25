// The edits of a switch: what goes, what differs between the two domains, what comes.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>Carrying a switch out, whole or in steps.</content>
public partial struct CommonTableStrategy<TFormat, TMemory>
{
    /// <summary>
    /// A step in which all pages of both domains and both stacks are compared, if the limit allows that: the same edits in the same order as <see cref="Advance"/> makes, without its bookkeeping. What is learned on the way is known at the
    /// next switch.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TrySwitchAnyway<TCache>(in Domain domain, ref StackPlace place, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        UserStack stack = place.Stack;
        if (IsCurrent(in domain, in stack))
        {
            return true;
        }

        FlushObligation owed = default;
        bool isComplete = (!_isUnderWay && AreStraight(AppliedStack.Pages, stack.Pages) && TrySwitchWhole(in domain, ref place, (nuint)(uint)entryLimit, ref owed))
            || StepTo(in domain, in stack, entryLimit, ref owed);
        owed.Discharge(ref cache);
        return isComplete;
    }

    /// <summary>Whether the edits of the two stacks are one run each that has nothing to do with the other, or there is no old one, whose thread has ended. With stacks in the domains there are none of them.</summary>
    private static bool AreStraight(PageRange old, PageRange pages) => StacksAreDomains
        ? old.IsEmpty && pages.IsEmpty
        : !pages.IsEmpty && !old.Overlaps(pages);

    /// <summary>False, and nothing is done, if a page more may differ than the limit allows.</summary>
    private bool TrySwitchWhole(in Domain domain, ref StackPlace place, nuint entryLimit, ref FlushObligation owed)
    {
        bool isOtherDomain = domain.Identity != AppliedDomain;
        nuint entryTotal = AppliedStack.Pages.Count.Value + place.Stack.Pages.Count.Value;
        if (isOtherDomain)
        {
            LoadUnlessHeld(in domain);
            entryTotal += _differenceStage == DifferenceStage.Known
                ? _difference.EntryCount
                : _lists[0].PageTotal + _lists[1].PageTotal;
        }

        if (entryTotal > entryLimit)
        {
            return false;
        }

        if (!StacksAreDomains && !AppliedStack.IsNone)
        {
            RevokeStack(ref owed);
        }

        if (isOtherDomain)
        {
            SwitchPartitions(ref owed);
        }

        if (!StacksAreDomains)
        {
            GrantStack(ref place, ref owed);
        }

        _applied = place;
        return true;
    }

    private void SwitchPartitions(ref FlushObligation owed)
    {
        // Now that no stack is granted the tables are in the state of the applied list, which the difference starts from.
        LearnDifference();
        if (_differenceStage == DifferenceStage.Known)
        {
            OwedFlushes flushes = new(in owed);
            _editor.Apply(ref _difference);
            _ = _difference.FlushNarrowed(_appliedList, 0, ref flushes);
            ExchangeLists();
            owed = flushes.Owed;
            return;
        }

        _progress = default;
        if (!EditWhole(ref _lists[_appliedList], ref _lists[_appliedList ^ 1], ref owed))
        {
            nuint unlimited = nuint.MaxValue;
            _ = EditPartitions(ref unlimited, ref owed);
        }

        ExchangeLists();
    }

    /// <summary>A step that keeps account of where it stands.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool StepTo(in Domain domain, in UserStack stack, int entryLimit, ref FlushObligation owed)
    {
        if (!_isUnderWay && !IsCurrent(in domain, in stack))
        {
            Begin(in domain, in stack);
        }

        if (_isUnderWay)
        {
            Advance((nuint)(uint)entryLimit, ref owed);
        }

        return IsCurrent(in domain, in stack);
    }

    private FlushObligation OnContentChanged(in Domain domain)
    {
        FlushObligation owed = default;
        Complete(ref owed);
        if (IsOutOfDate(in domain))
        {
            Begin(in domain, AppliedStack);
            Complete(ref owed);
        }

        return owed;
    }

    /// <summary>Sets the target.</summary>
    private void Begin(in Domain domain, in UserStack targetStack)
    {
        if (domain.Identity != AppliedDomain)
        {
            LoadUnlessHeld(in domain);
        }

        Begin(domain.Identity, in targetStack);
    }

    /// <summary>Makes the spare list the domain's, which it often is already, because a list keeps its content and equal identities mean equal content.</summary>
    private void LoadUnlessHeld(in Domain domain)
    {
        int spareList = _appliedList ^ 1;
        if (domain.Identity != DomainOf(spareList))
        {
            _lists[spareList].Load(in domain);
            DomainOf(spareList) = domain.Identity;
            ForgetDifference();
        }
    }

    /// <summary>Sets no domain as the target.</summary>
    private void BeginWithoutDomain(in UserStack targetStack)
    {
        _lists[_appliedList ^ 1].Clear();
        DomainOf(_appliedList ^ 1) = default;
        ForgetDifference();
        Begin(default(DomainIdentity), in targetStack);
    }

    /// <summary>Sets the target, whose list is the applied one or the spare one.</summary>
    private void Begin(DomainIdentity targetDomain, in UserStack targetStack)
    {
        _targetDomain = targetDomain;
        _targetStack = targetStack;
        _progress = default;
        _isUnderWay = true;
        _applied.Entry = 0;
    }

    private void Complete(ref FlushObligation owed)
    {
        if (_isUnderWay)
        {
            Advance(nuint.MaxValue, ref owed);
        }
    }

    /// <summary>
    /// Edits at most <paramref name="entryLimit"/> entries, from where the switch under way stands. The order makes a page that changed from stack to
    /// partition or back between two switches right in the end: what goes goes before what comes.
    /// </summary>
    private void Advance(nuint entryLimit, ref FlushObligation owed)
    {
        if (_progress.Stage == SwitchStage.RevokeStack)
        {
            // The pages that the new stack has too, which is a new life of the same stack, are left alone.
            PageRange old = AppliedStack.Pages;
            PageRange kept = _targetStack.Pages;
            if (!Revoke(old.First, PageNumber.Least(old.End, kept.First), ref entryLimit, ref owed)
                || !Revoke(PageNumber.Greatest(old.First, kept.End), old.End, ref entryLimit, ref owed))
            {
                return;
            }

            _progress.Stage = SwitchStage.Partitions;
            _progress.Position = default;
        }

        if (_progress.Stage == SwitchStage.Partitions)
        {
            if (_targetDomain != AppliedDomain)
            {
                // Once this is begun the tables are in neither state, and when it is done in the one that the difference doesn't start from.
                ForgetDifference();
                if (!EditPartitions(ref entryLimit, ref owed))
                {
                    return;
                }

                ExchangeLists();
            }

            _progress.Stage = SwitchStage.GrantStack;
            _progress.Position = default;
        }

        if (!GrantStack(entryLimit, ref owed))
        {
            return;
        }

        _applied = new StackPlace(in _targetStack);
        _isUnderWay = false;
    }

    private void ExchangeLists() => _appliedList ^= 1;

    /// <summary>Returns the pages that lie at or above the position to their base rights. False when the limit ended it.</summary>
    private bool Revoke(PageNumber first, PageNumber end, ref nuint entryLimit, ref FlushObligation owed)
    {
        first = PageNumber.Greatest(first, _progress.Position);
        if (first >= end)
        {
            return true;
        }

        PageNumber stop = Clip(first, end, ref entryLimit);
        _progress.Position = stop;
        if (stop != first)
        {
            _stackEditor.Reset(first, stop, ref owed);
        }

        return stop == end;
    }

    /// <summary>Grants the pages of the new stack from the position on. False when the limit ended it.</summary>
    private bool GrantStack(nuint entryLimit, ref FlushObligation owed)
    {
        PageNumber first = PageNumber.Greatest(_targetStack.Pages.First, _progress.Position);
        PageNumber end = _targetStack.Pages.End;
        if (first >= end)
        {
            return true;
        }

        PageNumber stop = Clip(first, end, ref entryLimit);
        _progress.Position = stop;
        if (stop != first)
        {
            _stackEditor.Set(first, stop, LeafRights.UserReadWrite, ref owed);
        }

        return stop == end;
    }

    /// <summary>The end of what may still be done of these pages, which the limit then allows no more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PageNumber Clip(PageNumber first, PageNumber end, ref nuint entryLimit)
    {
        nuint count = end.Value - first.Value;
        if (count > entryLimit)
        {
            count = entryLimit;
            end = new PageNumber(first.Value + count);
        }

        entryLimit -= count;
        return end;
    }

    /// <summary>Which part of a switch is next.</summary>
    private enum SwitchStage : byte
    {
        RevokeStack,
        Partitions,
        GrantStack,
    }

    /// <summary>Where a switch stands.</summary>
    private struct SwitchProgress
    {
        public SwitchStage Stage;

        /// <summary>What lies below is done, in this stage.</summary>
        public PageNumber Position;

        public int AppliedIndex;
        public int TargetIndex;
    }
}
