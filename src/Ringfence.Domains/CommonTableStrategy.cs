// One set of page tables for all threads: no table page per domain, paid for with an edit of the differing pages at a switch.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// The strategy <c>Common</c>. It remembers by value what it has applied, so nothing that happens to a domain or a stack afterwards can make it
/// revoke the wrong pages; a switch then writes exactly the entries whose rights differ, which shared partitions don't. A mutable
/// value of which there is one, kept in one place, called with interrupts off or from one thread.
/// <para>Rules for the caller. A switch to a kernel thread makes no call. User mode is entered only after a step that
/// <see cref="SwitchStep.IsComplete"/> for the thread that is entered, with every flush returned so far discharged. A partition or stack is validated before
/// it gets here, and its pages stay mapped until the matching call below has revoked them: so no switch can fail.</para>
/// <para>Only what is narrowed is flushed. A grant needs no flush: a page that was denied to user mode faults at worst once more through a stale
/// entry, and that access is retried. For this to hold for every grant, give grantable memory the base rights
/// <see cref="LeafRights.SupervisorRead"/> and write to it through another mapping: from read-write base rights a read-only grant takes the
/// supervisor's right to write, which is flushed like any other narrowing.</para>
/// </summary>
public struct CommonTableStrategy<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    /// <summary>
    /// Entries that a step writes at most when the caller has no other wish: about ten microseconds of stores and invalidations on a slow
    /// processor, so that interrupts wait no longer than that for a switch.
    /// </summary>
    public const int DefaultStepEntryLimit = 64;

    // Stacks and partitions tend to lie in different leaf tables, each of which an editor remembers.
    private RightsEditor<TFormat, TMemory> _editor;
    private RightsEditor<TFormat, TMemory> _stackEditor;

    // Two lists that change roles, so that a finished switch copies nothing, and a switch back finds its list as it left it.
    private GrantListPair _lists;
    private int _appliedList;
    private DomainIdentity _appliedDomain;
    private UserStack _appliedStack;

    // A switch that is under way: where it goes, and how far it is.
    private bool _isUnderWay;
    private DomainIdentity _targetDomain;
    private UserStack _targetStack;
    private SwitchProgress _progress;

    [InlineArray(2)]
    private struct GrantListPair
    {
        private GrantList _first;
    }

    /// <summary>A strategy on tables in which every page has its base rights: nothing is applied.</summary>
    public CommonTableStrategy(AddressSpace<TFormat, TMemory> tables)
    {
        _editor = new RightsEditor<TFormat, TMemory>(tables);
        _stackEditor = _editor;
        _lists[0].Clear();
        _lists[1].Clear();
    }

    /// <summary>The tables.</summary>
    public readonly AddressSpace<TFormat, TMemory> Tables => _editor.Tables;

    /// <summary>The domain (and generation) that is applied; the default identity when none is.</summary>
    public readonly DomainIdentity AppliedDomain => _appliedDomain;

    /// <summary>The stack that is applied; <see cref="UserStack.IsNone"/> when none is.</summary>
    public readonly UserStack AppliedStack => _appliedStack;

    /// <summary>Whether a switch was begun and not completed, so that no user thread may run.</summary>
    public readonly bool IsSwitchUnderWay => _isUnderWay;

    /// <summary>Whether a thread with this domain and stack may run as it is, so that no switch is needed: a few compares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsCurrent(in Domain domain, in UserStack stack) =>
        stack.Pages.First.Value == _appliedStack.Pages.First.Value
        && stack.Generation == _appliedStack.Generation
        && stack.Pages.End.Value == _appliedStack.Pages.End.Value
        && domain.Identity == _appliedDomain
        && !_isUnderWay;

    /// <summary>
    /// Goes on towards a thread with this domain and stack, writing at most <paramref name="entryLimit"/> entries. Repeat with the thread that shall run
    /// until the step is complete; between two steps interrupts may be served, domains changed, and another thread chosen: a switch
    /// under way to the one chosen before is then finished first.
    /// </summary>
    /// <param name="domain">The domain of the thread.</param>
    /// <param name="stack">The stack of the thread.</param>
    /// <param name="entryLimit">Entries at most, 1 or more.</param>
    public SwitchStep SwitchTo(in Domain domain, in UserStack stack, int entryLimit)
    {
        FlushObligation owed = default;
        if (!_isUnderWay && !IsCurrent(in domain, in stack))
        {
            Begin(in domain, in stack);
        }

        if (_isUnderWay)
        {
            Advance((nuint)(uint)entryLimit, ref owed);
        }

        return new SwitchStep(IsCurrent(in domain, in stack), in owed);
    }

    /// <summary>The whole switch at once, however long.</summary>
    public FlushObligation SwitchTo(in Domain domain, in UserStack stack)
    {
        FlushObligation owed = default;
        nuint oldFirst = _appliedStack.Pages.First.Value;
        nuint oldEnd = _appliedStack.Pages.End.Value;
        nuint first = stack.Pages.First.Value;
        nuint end = stack.Pages.End.Value;
        bool isApart = end <= oldFirst || oldEnd <= first;
        if (_isUnderWay || !isApart || oldFirst == oldEnd || first == end)
        {
            SwitchFromAnyState(in domain, in stack, ref owed);
            return owed;
        }

        // From one user thread to another: the same edits in the same order as Advance makes, without its bookkeeping.
        if (!_stackEditor.TryReset(oldFirst, oldEnd, ref owed))
        {
            _stackEditor.Reset(_appliedStack.Pages.First, _appliedStack.Pages.End, ref owed);
        }

        if (domain.Identity != _appliedDomain)
        {
            SwitchPartitions(in domain, ref owed);
        }

        if (!_stackEditor.TrySet(first, end, LeafRights.UserReadWrite, ref owed))
        {
            _stackEditor.Set(stack.Pages.First, stack.Pages.End, LeafRights.UserReadWrite, ref owed);
        }

        _appliedStack = stack;
        return owed;
    }

    /// <summary>A partition was added to this domain: if the domain is live, its pages are granted at once.</summary>
    public FlushObligation OnPartitionAdded(in Domain domain) => OnContentChanged(in domain);

    /// <summary>A partition was removed from this domain: if the domain is live, its pages return to their base rights at once.</summary>
    public FlushObligation OnPartitionRemoved(in Domain domain) => OnContentChanged(in domain);

    /// <summary>
    /// A thread was moved to <paramref name="newDomain"/>: if its stack is the applied one, the applied set becomes the new domain's at once, so that a
    /// thread that moved itself in a system call, or was moved by an interrupt handler, returns with its new rights and no others.
    /// </summary>
    public FlushObligation OnThreadMoved(in Domain newDomain, in UserStack stack)
    {
        FlushObligation owed = default;
        Complete(ref owed);
        if (!stack.IsNone && stack == _appliedStack && newDomain.Identity != _appliedDomain)
        {
            Begin(in newDomain, in stack);
            Complete(ref owed);
        }

        return owed;
    }

    /// <summary>A thread ended: if its stack is the applied one, it is revoked at once. Call it before the stack is cleared or freed.</summary>
    public FlushObligation OnThreadExited(in UserStack stack) => OnStackFreed(in stack);

    /// <summary>A stack is about to be unmapped or used for something else: if it is the applied one, it is revoked at once.</summary>
    public FlushObligation OnStackFreed(in UserStack stack)
    {
        FlushObligation owed = default;
        Complete(ref owed);
        if (!stack.IsNone && stack == _appliedStack)
        {
            Begin(_appliedDomain, default);
            Complete(ref owed);
        }

        return owed;
    }

    /// <summary>A domain is about to be destroyed: if it is live, its partitions are revoked at once. Call it before <see cref="Domain.Destroy"/>.</summary>
    public FlushObligation OnDomainDestroyed(in Domain domain)
    {
        FlushObligation owed = default;
        Complete(ref owed);
        if (domain.Identity.Id != 0 && domain.Identity.Id == _appliedDomain.Id)
        {
            BeginWithoutDomain(in _appliedStack);
            Complete(ref owed);
        }

        return owed;
    }

    /// <summary>Returns every page to its base rights, as at boot.</summary>
    public FlushObligation RevokeAll()
    {
        FlushObligation owed = default;
        Complete(ref owed);
        BeginWithoutDomain(default);
        Complete(ref owed);
        return owed;
    }

    private void SwitchPartitions(in Domain domain, ref FlushObligation owed)
    {
        ref GrantList target = ref _lists[_appliedList ^ 1];
        LoadUnlessHeld(ref target, in domain);
        _progress = default;
        EditWhole(_lists[_appliedList].Grants, target.Grants, ref owed);
        nuint unlimited = nuint.MaxValue;
        _ = EditPartitions(ref unlimited, ref owed);
        CompletePartitions(domain.Identity);
    }

    private void SwitchFromAnyState(in Domain domain, in UserStack stack, ref FlushObligation owed)
    {
        Complete(ref owed);
        if (!IsCurrent(in domain, in stack))
        {
            Begin(in domain, in stack);
            Complete(ref owed);
        }
    }

    private FlushObligation OnContentChanged(in Domain domain)
    {
        FlushObligation owed = default;
        Complete(ref owed);
        bool isLive = domain.Identity.Id != 0 && domain.Identity.Id == _appliedDomain.Id;
        if (isLive && domain.Identity != _appliedDomain)
        {
            Begin(in domain, in _appliedStack);
            Complete(ref owed);
        }

        return owed;
    }

    /// <summary>Sets the target.</summary>
    private void Begin(in Domain domain, in UserStack targetStack)
    {
        if (domain.Identity != _appliedDomain)
        {
            LoadUnlessHeld(ref _lists[_appliedList ^ 1], in domain);
        }

        Begin(domain.Identity, in targetStack);
    }

    /// <summary>Makes the list the domain's, which it often is already, because a list keeps its content and equal identities mean equal content.</summary>
    private static void LoadUnlessHeld(ref GrantList spare, in Domain domain)
    {
        if (domain.Identity != spare.Identity)
        {
            spare.Load(in domain);
        }
    }

    /// <summary>Sets no domain as the target.</summary>
    private void BeginWithoutDomain(in UserStack targetStack)
    {
        _lists[_appliedList ^ 1].Clear();
        Begin(default(DomainIdentity), in targetStack);
    }

    /// <summary>Sets the target, whose list is the applied one or the spare one.</summary>
    private void Begin(DomainIdentity targetDomain, in UserStack targetStack)
    {
        _targetDomain = targetDomain;
        _targetStack = targetStack;
        _progress = default;
        _isUnderWay = true;
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
            PageRange old = _appliedStack.Pages;
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
            if (_targetDomain != _appliedDomain)
            {
                if (!EditPartitions(ref entryLimit, ref owed))
                {
                    return;
                }

                CompletePartitions(_targetDomain);
            }

            _progress.Stage = SwitchStage.GrantStack;
            _progress.Position = default;
        }

        if (!GrantStack(entryLimit, ref owed))
        {
            return;
        }

        _appliedStack = _targetStack;
        _isUnderWay = false;
    }

    private void CompletePartitions(DomainIdentity domain)
    {
        _appliedList ^= 1;
        _appliedDomain = domain;
    }

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
            if (isUnlimited)
            {
                EditWhole(applied.Grants, target.Grants, ref owed);
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
    private void EditWhole(ReadOnlySpan<Grant> applied, ReadOnlySpan<Grant> target, ref FlushObligation owed)
    {
        ReadOnlySpan<Grant> oldRest = applied[_progress.AppliedIndex..];
        ReadOnlySpan<Grant> nextRest = target[_progress.TargetIndex..];
        if (oldRest[0].First < _progress.Position.Value || nextRest[0].First < _progress.Position.Value)
        {
            return;
        }

        while (true)
        {
            ref readonly Grant old = ref oldRest[0];
            ref readonly Grant next = ref nextRest[0];
            if (old.First == next.First)
            {
                if (old.First == Grant.EndMark || old.End != next.End || old.Rights != next.Rights)
                {
                    break;
                }

                oldRest = oldRest[1..];
                nextRest = nextRest[1..];
            }
            else if (old.First < next.First)
            {
                if (old.End > next.First || !_editor.TryReset(old.First, old.End, ref owed))
                {
                    break;
                }

                oldRest = oldRest[1..];
            }
            else
            {
                if (next.End > old.First || !_editor.TrySet(next.First, next.End, next.Rights, ref owed))
                {
                    break;
                }

                nextRest = nextRest[1..];
            }
        }

        _progress.AppliedIndex = applied.Length - oldRest.Length;
        _progress.TargetIndex = target.Length - nextRest.Length;
    }

    /// <summary>
    /// The pass over the next pages that belong to one of the two grants, or to both, throughout. False when the limit ended it.
    /// </summary>
    private bool EditPiece(in Grant old, in Grant next, ref nuint entryLimit, ref FlushObligation owed)
    {
        PageNumber before = PageNumber.Greatest(new PageNumber(old.First), _progress.Position);
        PageNumber after = PageNumber.Greatest(new PageNumber(next.First), _progress.Position);
        PageNumber end;
        PageNumber stop;
        if (before < after)
        {
            end = PageNumber.Least(new PageNumber(old.End), after);
            stop = Clip(before, end, ref entryLimit);
            if (stop != before)
            {
                _editor.Reset(before, stop, ref owed);
            }
        }
        else if (after < before)
        {
            end = PageNumber.Least(new PageNumber(next.End), before);
            stop = Clip(after, end, ref entryLimit);
            if (stop != after)
            {
                _editor.Set(after, stop, next.Rights, ref owed);
            }
        }
        else
        {
            end = PageNumber.Least(new PageNumber(old.End), new PageNumber(next.End));
            stop = end;

            // Rights that have the same bits in this format are the same: visiting their entries would be for nothing.
            if (EntryRights.Live<TFormat>(old.Rights) != EntryRights.Live<TFormat>(next.Rights))
            {
                stop = Clip(before, end, ref entryLimit);
                if (stop != before)
                {
                    _editor.Set(before, stop, next.Rights, ref owed);
                }
            }
        }

        _progress.Position = stop;
        _progress.AppliedIndex += old.First != Grant.EndMark && stop.Value == old.End ? 1 : 0;
        _progress.TargetIndex += next.First != Grant.EndMark && stop.Value == next.End ? 1 : 0;
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
