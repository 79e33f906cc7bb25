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

    // As wide as CR3; 0 when no other set is to be loaded: the frame at 0 is no table.
    private readonly nuint _root;

    internal FlushObligation(in FlushSet set, bool needsDirectoryPointerReload = false, bool needsStructureCacheFlush = false)
    {
        _set = set;
        _needsDirectoryPointerReload = needsDirectoryPointerReload;
        _needsStructureCacheFlush = needsStructureCacheFlush;
    }

    private FlushObligation(PhysicalAddress root) => _root = (nuint)root.Value;

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
    public readonly PhysicalAddress Root => new(_root);

    /// <summary>Whether there is nothing to do.</summary>
    public readonly bool IsNone => Kind == FlushKind.None && !LoadsRoot && !_needsDirectoryPointerReload && !_needsStructureCacheFlush;

    /// <summary>Number of pages when <see cref="Kind"/> is <see cref="FlushKind.Pages"/>, else 0.</summary>
    public readonly int PageTotal => _set.Count;

    /// <summary>The page <paramref name="index"/>, 0..<see cref="PageTotal"/>-1, in the order in which they were added.</summary>
    public readonly PageNumber Page(int index) => _set[index];

    /// <summary>Whether this page's translation will be gone after the discharge.</summary>
    public readonly bool Covers(PageNumber page) => LoadsRoot || _needsDirectoryPointerReload || _set.Contains(page);

    /// <summary>One obligation in place of two: discharging the result discharges both. Where both load a set, the other one's is loaded: it came later.</summary>
    public readonly FlushObligation Combine(in FlushObligation other)
    {
        // Nearly every combination has an empty side, and a switch makes a few of them.
        if (other.IsNone)
        {
            return this;
        }

        if (IsNone || other.LoadsRoot)
        {
            return other;
        }

        if (LoadsRoot)
        {
            return this;
        }

        FlushSet set = _set;
        set.AddAll(in other._set);
        return new FlushObligation(
            in set,
            _needsDirectoryPointerReload || other._needsDirectoryPointerReload,
            _needsStructureCacheFlush || other._needsStructureCacheFlush);
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
            cache.LoadRoot(Root);
            return;
        }

        // Either way the paging-structure caches are emptied (4.10.4.1); what asks for that asks for the whole set anyway.
        if (_set.IsEverything || _needsDirectoryPointerReload)
        {
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
