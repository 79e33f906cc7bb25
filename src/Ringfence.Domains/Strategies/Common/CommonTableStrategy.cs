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
public partial struct CommonTableStrategy<TFormat, TMemory> : ITableStrategy<TFormat, TMemory, NoDomainTables>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    /// <summary>
    /// Entries that a step writes at most when the caller has no other wish. An entry takes about 25 cycles, and a step at most eight INVLPG or one CR3 write
    /// besides (<see cref="FlushObligation.WholeSetCrossoverPageCount"/>): ten microseconds on a processor of 400 MHz, so that interrupts wait no longer than that for a switch.
    /// </summary>
    public const int DefaultStepEntryLimit = 128;

    // Stacks and partitions tend to lie in different leaf tables, each of which an editor remembers.
    private RightsEditor<TFormat, TMemory> _editor;
    private RightsEditor<TFormat, TMemory> _stackEditor;

    // Two lists that change roles, so that a finished switch copies nothing, and a switch back finds its list as it left it. Beside them whose content each has; the default identity for an empty one.
    private GrantListPair _lists;
    private IdentityPair _listDomains;
    private int _appliedList;

    // Its entry is known if taking it back needs no look at it; never while a switch is under way.
    private StackPlace _applied;

    // Pages of a stack whose entry is known: the first that was has said how many they are.
    private nuint _placedPageCount;

    // What differs between the two lists, from the applied one to the other.
    private RightsDifference<TFormat, TMemory> _difference;
    private DifferenceStage _differenceStage;

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

    [InlineArray(2)]
    private struct IdentityPair
    {
        private DomainIdentity _first;
    }

    /// <summary>A strategy on tables in which every page has its base rights: nothing is applied.</summary>
    public CommonTableStrategy(AddressSpace<TFormat, TMemory> tables) => Initialize(tables);

    /// <summary>
    /// Makes a default value, where it lies, what the constructor makes: it holds two lists of all that a domain can hold, and a copy on a kernel's stack may be more than there is room for.
    /// </summary>
    public void Initialize(AddressSpace<TFormat, TMemory> tables)
    {
        _editor = new RightsEditor<TFormat, TMemory>(tables);
        _stackEditor = _editor;
        _lists[0].Clear();
        _lists[1].Clear();
        _listDomains = default;
        ForgetDifference();
    }

    /// <summary>The tables.</summary>
    public readonly AddressSpace<TFormat, TMemory> Tables => _editor.Tables;

    /// <summary>The domain (and generation) that is applied; the default identity when none is.</summary>
    public readonly DomainIdentity AppliedDomain => DomainOf(_appliedList);

    /// <summary>The stack that is applied; <see cref="UserStack.IsNone"/> when none is.</summary>
    public readonly UserStack AppliedStack => _applied.Stack;

    /// <summary>Whether a switch was begun and not completed, so that no user thread may run.</summary>
    public readonly bool IsSwitchUnderWay => _isUnderWay;

    // By reference and without a check of the index: each switch compares one of them or both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ref DomainIdentity DomainOf(int list) => ref Unsafe.Add(ref Unsafe.As<IdentityPair, DomainIdentity>(ref Unsafe.AsRef(in _listDomains)), list);

    // Then there is no stack here but those in the lists.
    private static bool StacksAreDomains
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => DomainCapacity.StacksAreDomains;
    }

    /// <summary>Whether a thread with this domain and stack may run as it is, so that no switch is needed: a few compares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsCurrent(in Domain domain, in UserStack stack) =>
        IsApplied(in stack) && domain.IsAsIn(in DomainOf(_appliedList)) && !_isUnderWay;

    /// <summary>Whether this stack is the applied one. While a switch is under way that says little: finish it first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsApplied(in UserStack stack) =>
        stack.Pages.First.Value == AppliedStack.Pages.First.Value && stack.Generation == AppliedStack.Generation && stack.Pages.End.Value == AppliedStack.Pages.End.Value;

    /// <summary>Whether this domain is applied, but not as it is now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsOutOfDate(in Domain domain) =>
        domain.Identity.Id == AppliedDomain.Id && domain.Identity != AppliedDomain && domain.Identity.Id != 0;

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
        bool isComplete = TrySwitchTo(in domain, in stack, entryLimit, ref owed);
        return new SwitchStep(isComplete, in owed);
    }

    /// <summary>The whole switch at once, however long.</summary>
    public FlushObligation SwitchTo(in Domain domain, in UserStack stack)
    {
        FlushObligation owed = default;

        // Twice at most: a switch under way to another thread is finished first.
        while (!TrySwitchTo(in domain, in stack, int.MaxValue, ref owed))
        {
        }

        return owed;
    }

    /// <summary>A step of a switch that adds to an obligation which the caller keeps. Discharge it whether or not the switch is complete.</summary>
    /// <param name="domain">The domain of the thread.</param>
    /// <param name="stack">The stack of the thread.</param>
    /// <param name="entryLimit">Entries at most, 1 or more.</param>
    /// <param name="owed">Gains the pages of which a right was taken.</param>
    /// <returns>Whether the thread may run once the obligation is discharged.</returns>
    public bool TrySwitchTo(in Domain domain, in UserStack stack, int entryLimit, ref FlushObligation owed)
    {
        OwedFlushes flushes = new(in owed);
        bool isComplete = TrySwitchTo(in domain, in stack, entryLimit, ref flushes);
        owed = flushes.Owed;
        return isComplete;
    }

    /// <summary>A step of a switch that flushes what it narrows, for a caller who keeps nothing with a stack; a kernel does, and calls <see cref="TrySwitchTo{TCache}(in Domain, ref StackPlace, int, ref TCache)"/>.</summary>
    /// <param name="domain">The domain of the thread.</param>
    /// <param name="stack">The stack of the thread.</param>
    /// <param name="entryLimit">Entries at most, 1 or more.</param>
    /// <param name="cache">The translation cache of this processor.</param>
    /// <returns>Whether the thread may run.</returns>
    public bool TrySwitchTo<TCache>(in Domain domain, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        StackPlace place = new(in stack);
        return TrySwitchTo(in domain, ref place, entryLimit, ref cache);
    }

    /// <summary>
    /// What <see cref="OnPartitionAdded(in Domain)"/> and <see cref="OnPartitionRemoved(in Domain)"/> do, in steps of at most <paramref name="entryLimit"/> entries. Until it is done no thread of the domain can run, for
    /// none <see cref="IsCurrent(in Domain, in UserStack)"/>; it may also be left, and is then done by the next switch.
    /// </summary>
    /// <param name="domain">The domain that changed; the default value to finish a switch under way and nothing else.</param>
    /// <param name="entryLimit">Entries at most, 1 or more.</param>
    /// <param name="owed">Gains the pages of which a right was taken. Discharge it whether or not all is done.</param>
    /// <returns>Whether all is done: no switch is under way, and the domain is applied as it is now or not at all.</returns>
    public bool TryFollow(in Domain domain, int entryLimit, ref FlushObligation owed)
    {
        if (!_isUnderWay && IsOutOfDate(in domain))
        {
            Begin(in domain, AppliedStack);
        }

        if (_isUnderWay)
        {
            Advance((nuint)(uint)entryLimit, ref owed);
        }

        return !_isUnderWay && !IsOutOfDate(in domain);
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
        if (!stack.IsNone && stack == AppliedStack && newDomain.Identity != AppliedDomain)
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
        OnStackFreed(in stack, ref owed);
        return owed;
    }

    /// <summary>The same for a caller that keeps the obligation, which gains the stack's pages if a right was taken.</summary>
    public void OnStackFreed(in UserStack stack, ref FlushObligation owed)
    {
        Complete(ref owed);
        if (!stack.IsNone && IsApplied(in stack))
        {
            // All of a switch to the same domain without a stack.
            _stackEditor.ResetShortRun(stack.Pages, ref owed);
            _applied = default;
        }
    }

    /// <summary>A domain is about to be destroyed: if it is live, its partitions are revoked at once. Call it before <see cref="Domain.Destroy"/>.</summary>
    public FlushObligation OnDomainDestroyed(in Domain domain)
    {
        FlushObligation owed = default;
        Complete(ref owed);
        if (domain.Identity.Id != 0 && domain.Identity.Id == AppliedDomain.Id)
        {
            BeginWithoutDomain(AppliedStack);
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
}
