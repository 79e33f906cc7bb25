// What an edit of page tables leaves to be done before the old translations may be relied on to be gone.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// The translations that a processor may still hold and must no longer hold after an edit. Computed from what really changed: an edit
/// that only widened rights, or changed nothing, yields <see cref="None"/>, because x86 caches no not-present entry and an access
/// that faults on a stale narrower entry is walked again and retried (Intel SDM vol. 3A 4.10.4.3). The caller must
/// <see cref="Discharge{TCache}"/> it, or combine it with another one that is discharged, before user code runs.
/// <para>What an edit can't know the caller says with <see cref="EditTerms"/>: that it widens memory which the processor touches while it delivers an
/// exception, where nothing retries; that under SMAP or SMEP giving a page to user mode takes it from the supervisor; what the processor promises about A.</para>
/// </summary>
[MustUseReturnValue]
public struct FlushObligation
{
    /// <summary>
    /// From more pages than this the whole set is flushed instead. An INVLPG costs 120 to 350 cycles on the processors this was chosen for,
    /// a CR3 write about 200 plus the walks to refill the kernel's working set, some tens of walks of about 25 cycles from the caches: the two
    /// meet near eight pages. One constant, so that a measurement can move it.
    /// </summary>
    public const int WholeSetCrossoverPageCount = 8;

    // Not readonly: an editor adds page by page to the one obligation of a switch, instead of combining one for each run.
    private FlushSet _set;
    private readonly bool _needsDirectoryPointerReload;
    private readonly bool _needsStructureCacheFlush;

    // Whether the set is loaded under a number, and whether more is owed than the load of one context does.
    private readonly bool _hasContext;
    private bool _concernsEveryContext;

    // What CR3 is given; 0 when no other set is to be loaded: the frame at 0 is no table.
    private readonly nuint _root;

    internal FlushObligation(in FlushSet set, bool needsDirectoryPointerReload = false, bool needsStructureCacheFlush = false)
        : this(in set, needsDirectoryPointerReload, needsStructureCacheFlush, concernsEveryContext: false)
    {
    }

    private FlushObligation(in FlushSet set, bool needsDirectoryPointerReload, bool needsStructureCacheFlush, bool concernsEveryContext)
    {
        _set = set;
        _needsDirectoryPointerReload = needsDirectoryPointerReload;
        _needsStructureCacheFlush = needsStructureCacheFlush;
        _concernsEveryContext = concernsEveryContext;
    }

    private FlushObligation(PhysicalAddress root) => _root = (nuint)root.Value;

    private FlushObligation(ContextRoot root)
    {
        _root = (nuint)root.Control3;
        _hasContext = true;
    }

    /// <summary>Nothing to do. Also the default value.</summary>
    public static FlushObligation None => default;

    /// <summary>All translations of the set must go.</summary>
    public static FlushObligation WholeSet
    {
        get
        {
            FlushSet set = default;
            set.AddEverything();
            return new FlushObligation(in set);
        }
    }

    /// <summary>
    /// Another set must be loaded. It comes with the flush of everything that the processor holds of the set it leaves and of the one it enters, so what either of them owes is done with it.
    /// </summary>
    /// <param name="root">The root of the set, not 0.</param>
    public static FlushObligation ForRoot(PhysicalAddress root) => new(root);

    /// <summary>
    /// Another set must be loaded under the number of a context, which does what that context owes and nothing else: whatever this is combined with is owed besides. Long mode only.
    /// </summary>
    /// <param name="root">The set, and whether what is held under its number may stay.</param>
    public static FlushObligation ForRoot(ContextRoot root) => new(root);

    /// <summary>The translations of these pages must go; <see cref="WholeSet"/> when there are more than the crossover.</summary>
    public static FlushObligation ForPages(PageRange pages)
    {
        FlushSet set = default;
        set.Add(pages);
        return new FlushObligation(in set);
    }

    /// <summary>Which of the three kinds this is. The two flags below come on top of it.</summary>
    public readonly FlushKind Kind => _set.IsEverything ? FlushKind.WholeSet : _set.IsEmpty ? FlushKind.None : FlushKind.Pages;

    /// <summary>Whether one of PAE's four directory-pointer entries changed, which takes effect only when CR3 is written (Intel SDM vol. 3A 4.4.1).</summary>
    public readonly bool NeedsDirectoryPointerReload => _needsDirectoryPointerReload;

    /// <summary>Whether an upper-level entry was unlinked or relinked, so that paging-structure caches must forget it (Intel SDM vol. 3A 4.10.3).</summary>
    public readonly bool NeedsStructureCacheFlush => _needsStructureCacheFlush;

    /// <summary>Whether another set must be loaded, with which all else is done.</summary>
    public readonly bool LoadsRoot => _root != 0;

    /// <summary>The root of the set that must be loaded, or the default value.</summary>
    public readonly PhysicalAddress Root => HasContext ? new ContextRoot(_root).Root : new PhysicalAddress(_root);

    /// <summary>Whether translations must go under whatever number of a context they are held. Then <see cref="Kind"/> is <see cref="FlushKind.WholeSet"/>, unless a set is loaded.</summary>
    public readonly bool ConcernsEveryContext => MayHaveContexts && _concernsEveryContext;

    /// <summary>Whether there is nothing to do.</summary>
    public readonly bool IsNone => Kind == FlushKind.None && !LoadsRoot && !_needsDirectoryPointerReload && !_needsStructureCacheFlush;

    /// <summary>Number of pages when <see cref="Kind"/> is <see cref="FlushKind.Pages"/>, else 0.</summary>
    public readonly int PageTotal => _set.Count;

    /// <summary>The page <paramref name="index"/>, 0..<see cref="PageTotal"/>-1, in the order in which they were added.</summary>
    public readonly PageNumber Page(int index) => _set[index];

    /// <summary>Whether this page's translation will be gone after the discharge, of the set that is loaded before it.</summary>
    public readonly bool Covers(PageNumber page) => (LoadsRoot && !HasContext) || ConcernsEveryContext || _needsDirectoryPointerReload || _set.Contains(page);

    /// <summary>One obligation in place of two: discharging the result discharges both. Where both load a set, the other one's is loaded: it came later.</summary>
    /// <remarks>An earlier load that is given up still does its flush: under contexts a mark that a set is to be flushed when it is loaded can be cleared when the obligation is made.</remarks>
    public readonly FlushObligation Combine(in FlushObligation other)
    {
        // Nearly every combination has an empty side, and a switch makes a few of them.
        if (other.IsNone)
        {
            return this;
        }

        if (IsNone)
        {
            return other;
        }

        if (other.LoadsRoot)
        {
            return other.LoadBeside(in this);
        }

        if (LoadsRoot)
        {
            return LoadBeside(in other);
        }

        FlushSet set = _set;
        set.AddAll(in other._set);
        return new FlushObligation(
            in set,
            _needsDirectoryPointerReload || other._needsDirectoryPointerReload,
            _needsStructureCacheFlush || other._needsStructureCacheFlush,
            ConcernsEveryContext || other.ConcernsEveryContext);
    }

    /// <summary>This obligation, unless there is none, for all contexts: that of a change to what every set has.</summary>
    public readonly FlushObligation InEveryContext()
    {
        FlushObligation owed = this;
        if (!IsNone)
        {
            owed._set.AddEverything();
            owed._concernsEveryContext = true;
        }

        return owed;
    }

    /// <summary>
    /// Carries it out on the processor that runs this code; does nothing when there is nothing to do. Other processors that may have used the set are the caller's to reach (Intel SDM vol. 3A 4.10.5).
    /// </summary>
    /// <param name="cache">The translation cache of this processor.</param>
    public readonly void Discharge<TCache>(ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        if (LoadsRoot)
        {
            if (HasContext)
            {
                LoadContext(ref cache);
                return;
            }

            cache.LoadRoot(new TableAddress((nuint)_root));
            return;
        }

        // Either way the paging-structure caches are emptied (4.10.4.1); what asks for that asks for the whole set anyway.
        if (_set.IsEverything || _needsDirectoryPointerReload)
        {
            if (ConcernsEveryContext)
            {
                cache.FlushEveryContext();
                return;
            }

            cache.FlushAll();
            return;
        }

        for (int index = 0; index < _set.Count; index++)
        {
            cache.FlushPage(_set[index]);
        }
    }

    /// <summary>
    /// Says that nothing has to be done because no processor has had the set loaded since it was made: the one reason for which an obligation may be left undone.
    /// </summary>
#pragma warning disable CA1822 // It is said of this obligation.
    public readonly void WaiveForSetNeverLoaded()
    {
    }
#pragma warning restore CA1822

    // A processor without 64-bit addresses has no contexts, and pays nothing for those that have.
    private static bool MayHaveContexts => Unsafe.SizeOf<nuint>() == sizeof(ulong);

    private readonly bool HasContext => MayHaveContexts && _hasContext;

    /// <summary>
    /// This load, where something else is owed as well. Without contexts it does that, too. With them it can't be told whose context the rest concerns, nor whose flush it was that another load would have done: all of them
    /// are flushed then. Only an earlier load that would have flushed nothing leaves nothing to do.
    /// </summary>
    private readonly FlushObligation LoadBeside(in FlushObligation rest)
    {
        bool isDone = !HasContext
            || (rest.HasContext && new ContextRoot(rest._root).KeepsTranslations && rest._set.IsEmpty && !rest.ConcernsEveryContext);
        FlushObligation both = this;
        both._concernsEveryContext |= !isDone;
        return both;
    }

    // Not inlined: it would take room and registers from where there are no contexts.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void LoadContext<TCache>(ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        // Pages that an editor has added to it may be of the set before or of this one.
        if (_concernsEveryContext || !_set.IsEmpty)
        {
            cache.FlushEveryContext();
        }

        cache.LoadContext(new ContextRoot(_root));
    }

    /// <summary>The translation of one page more must go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(PageNumber page) => _set.Add(page);
}

/// <summary>How much of a set's translations an obligation names.</summary>
public enum FlushKind : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary>Those of some pages, listed.</summary>
    Pages,

    /// <summary>All of them.</summary>
    WholeSet,
}
