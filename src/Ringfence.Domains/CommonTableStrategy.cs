// One set of page tables for all threads: no table page per domain, paid for with an edit of the differing pages at a switch.

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

    private readonly AddressSpace<TFormat, TMemory> _tables;

    // Two lists that change roles, so that a finished switch copies nothing.
    private GrantListPair _lists;
    private int _appliedList;
    private DomainIdentity _appliedDomain;
    private UserStack _appliedStack;

    // A switch that is under way: where it goes, and how far it is.
    private bool _isUnderWay;
    private DomainIdentity _targetDomain;
    private UserStack _targetStack;
    private GrantDifference _difference;

    [InlineArray(2)]
    private struct GrantListPair
    {
        private GrantList _first;
    }

    /// <summary>A strategy on tables in which every page has its base rights: nothing is applied.</summary>
    public CommonTableStrategy(AddressSpace<TFormat, TMemory> tables)
    {
        _tables = tables;
    }

    /// <summary>The tables.</summary>
    public readonly AddressSpace<TFormat, TMemory> Tables => _tables;

    /// <summary>The domain (and generation) that is applied; the default identity when none is.</summary>
    public readonly DomainIdentity AppliedDomain => _appliedDomain;

    /// <summary>The stack that is applied; <see cref="UserStack.IsNone"/> when none is.</summary>
    public readonly UserStack AppliedStack => _appliedStack;

    /// <summary>Whether a switch was begun and not completed, so that no user thread may run.</summary>
    public readonly bool IsSwitchUnderWay => _isUnderWay;

    /// <summary>Whether a thread with this domain and stack may run as it is, so that no switch is needed: a few compares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsCurrent(in Domain domain, in UserStack stack) =>
        domain.Identity == _appliedDomain && stack == _appliedStack && !_isUnderWay;

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
        if (IsCurrent(in domain, in stack))
        {
            return new SwitchStep(true, FlushObligation.None);
        }

        if (!_isUnderWay)
        {
            _lists[_appliedList ^ 1].Load(in domain, in stack);
            Begin(domain.Identity, in stack);
        }

        FlushObligation flush = Advance(entryLimit);
        return new SwitchStep(IsCurrent(in domain, in stack), flush);
    }

    /// <summary>The whole switch at once, however long.</summary>
    public FlushObligation SwitchTo(in Domain domain, in UserStack stack)
    {
        FlushObligation flush = Complete();
        return IsCurrent(in domain, in stack) ? flush : Apply(in domain, in stack, flush);
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
        FlushObligation flush = Complete();
        return stack.IsNone || stack != _appliedStack ? flush : Apply(in newDomain, in stack, flush);
    }

    /// <summary>A thread ended: if its stack is the applied one, it is revoked at once. Call it before the stack is cleared or freed.</summary>
    public FlushObligation OnThreadExited(in UserStack stack) => OnStackFreed(in stack);

    /// <summary>A stack is about to be unmapped or used for something else: if it is the applied one, it is revoked at once.</summary>
    public FlushObligation OnStackFreed(in UserStack stack)
    {
        FlushObligation flush = Complete();
        if (stack.IsNone || stack != _appliedStack)
        {
            return flush;
        }

        _lists[_appliedList ^ 1].LoadWithout(in _lists[_appliedList], stack.Pages);
        Begin(_appliedDomain, default);
        return flush.Combine(Advance(int.MaxValue));
    }

    /// <summary>A domain is about to be destroyed: if it is live, its partitions are revoked at once. Call it before <see cref="Domain.Destroy"/>.</summary>
    public FlushObligation OnDomainDestroyed(in Domain domain)
    {
        FlushObligation flush = Complete();
        if (domain.Identity.Id == 0 || domain.Identity.Id != _appliedDomain.Id)
        {
            return flush;
        }

        _lists[_appliedList ^ 1].LoadOnly(in _lists[_appliedList], _appliedStack.Pages);
        Begin(default, in _appliedStack);
        return flush.Combine(Advance(int.MaxValue));
    }

    /// <summary>Returns every page to its base rights, as at boot.</summary>
    public FlushObligation RevokeAll()
    {
        FlushObligation flush = Complete();
        _lists[_appliedList ^ 1].Clear();
        Begin(default, default);
        return flush.Combine(Advance(int.MaxValue));
    }

    private FlushObligation OnContentChanged(in Domain domain)
    {
        FlushObligation flush = Complete();
        bool isLive = domain.Identity.Id != 0 && domain.Identity.Id == _appliedDomain.Id;
        return !isLive || domain.Identity == _appliedDomain ? flush : Apply(in domain, in _appliedStack, flush);
    }

    private FlushObligation Apply(in Domain domain, in UserStack stack, FlushObligation owed)
    {
        _lists[_appliedList ^ 1].Load(in domain, in stack);
        Begin(domain.Identity, in stack);
        return owed.Combine(Advance(int.MaxValue));
    }

    private void Begin(DomainIdentity targetDomain, in UserStack targetStack)
    {
        _targetDomain = targetDomain;
        _targetStack = targetStack;
        _difference = default;
        _isUnderWay = true;
    }

    private FlushObligation Complete() => _isUnderWay ? Advance(int.MaxValue) : FlushObligation.None;

    /// <summary>Edits upwards from where the switch under way stands. An error is impossible by the caller's rules; a page that is nevertheless unmapped is passed over.</summary>
    private FlushObligation Advance(int entryLimit)
    {
        FlushObligation flush = default;
        while (_difference.TryMoveNext<TFormat>(
            in _lists[_appliedList], in _lists[_appliedList ^ 1], out PageRange pages, out bool isGranted, out LeafRights rights))
        {
            if (entryLimit == 0)
            {
                return flush;
            }

            RightsEdit edit = isGranted ? RightsEdit.Set<TFormat>(pages, rights) : RightsEdit.Reset(pages);
            EditResult result = _tables.Step(ref edit, entryLimit);
            flush = flush.Combine(result.Flush);
            nuint left = edit.Remaining.Count.Value;
            entryLimit -= (int)(pages.Count.Value - left);
            PageNumber position = new(pages.End.Value - left);
            if (!result.Succeeded)
            {
                position += PageCount.One;
            }

            _difference.MoveTo(position);
        }

        _appliedList ^= 1;
        _appliedDomain = _targetDomain;
        _appliedStack = _targetStack;
        _isUnderWay = false;
        return flush;
    }
}
