// Compares real page tables with the law, entry by entry: the check that a kernel under test makes at every return to user mode.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>The first page whose entry is not what the law demands.</summary>
public readonly struct AuditMismatch
{
    internal AuditMismatch(PageNumber page, ulong expectedEntry, ulong foundEntry, DenyingBit upperLevelDenial = DenyingBit.None)
    {
        Page = page;
        ExpectedEntry = expectedEntry;
        FoundEntry = foundEntry;
        UpperLevelDenial = upperLevelDenial;
    }

    /// <summary>The page.</summary>
    public PageNumber Page { get; }

    /// <summary>The leaf that it should have, A and D cleared; 0 when it should not be mapped.</summary>
    public ulong ExpectedEntry { get; }

    /// <summary>The leaf that it has, A and D cleared; 0 when it is not mapped.</summary>
    public ulong FoundEntry { get; }

    /// <summary>When the leaf is right but an entry above it withholds something: what that is.</summary>
    public DenyingBit UpperLevelDenial { get; }
}

/// <summary>
/// Judges a set of tables by its entries alone: whatever a strategy believes to have applied plays no part. Live rights, base rights, frames and
/// the always-zero bits are compared, and that no upper entry withholds what its leaves give.
/// </summary>
public readonly struct TableAudit<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly AddressSpace<TFormat, TMemory> _tables;
    private readonly PageRange _window;
    private readonly bool _isUserSet;
    private readonly PageRange _entryPages;

    /// <summary>An audit of these tables over these pages: every page of the base mapping must be there.</summary>
    public TableAudit(AddressSpace<TFormat, TMemory> tables, PageRange window)
    {
        _tables = tables;
        _window = window;
    }

    /// <summary>
    /// An audit of a set that shows only what user mode may use (<see cref="UserSet{TFormat,TMemory}"/>): a page on which the law gives user mode nothing must not be there,
    /// but for <paramref name="entryPages"/>, which must be as in the base mapping.
    /// </summary>
    public TableAudit(AddressSpace<TFormat, TMemory> tables, PageRange window, PageRange entryPages)
    {
        _tables = tables;
        _window = window;
        _isUserSet = true;
        _entryPages = entryPages;
    }

    /// <summary>
    /// Looks for the first page that is not as it must be while a thread with this domain and stack runs. Default values for both
    /// stand for "nothing is applied".
    /// </summary>
    /// <returns>True when there is such a page.</returns>
    public bool TryFindMismatch(in Domain domain, in UserStack stack, BaseMapping baseMapping, out AuditMismatch mismatch)
    {
        PageNumber page = _window.First;
        while (page < _window.End)
        {
            bool isMapped = Law.TryGetRights<TFormat>(in domain, in stack, baseMapping, page, out LeafRights rights, out PageNumber stretchEnd);
            PageNumber end = stretchEnd < _window.End ? stretchEnd : _window.End;
            if (_isUserSet && !rights.IsUser)
            {
                isMapped &= _entryPages.Contains(page);
                end = EndOfEqualVisibility(page, end);
            }

            ulong expected = isMapped ? ExpectedEntry(baseMapping, page, rights) : 0;
            if (!_tables.TryGetRun(PageRange.FromFirstToEnd(page, end), out MappingRun run) || run.FirstEntry != expected)
            {
                mismatch = new AuditMismatch(page, expected, run.FirstEntry);
                return true;
            }

            if (isMapped && !UpperEntriesAllow(run.Range, rights, expected, out mismatch))
            {
                return true;
            }

            page = run.Range.End;
        }

        mismatch = default;
        return false;
    }

    // Of pages without rights for user mode the entry pages alone are there: a stretch ends where they begin or end.
    private PageNumber EndOfEqualVisibility(PageNumber page, PageNumber end)
    {
        if (_entryPages.Contains(page))
        {
            return _entryPages.End < end ? _entryPages.End : end;
        }

        return !_entryPages.IsEmpty && _entryPages.First > page && _entryPages.First < end ? _entryPages.First : end;
    }

    private static ulong ExpectedEntry(BaseMapping baseMapping, PageNumber page, LeafRights rights)
    {
        BaseRegion region = baseMapping.Regions[baseMapping.Find(page, out _)];
        FrameNumber frame = region.FirstFrame + new PageCount(page.Value - region.Pages.First.Value);
        return frame.Address.Value | EntryBits.Present | EntryRights.Live<TFormat>(rights) | EntryRights.Base(region.Rights);
    }

    /// <summary>Asks once for each leaf table of the run whether the entries above it let everything through.</summary>
    private bool UpperEntriesAllow(PageRange run, LeafRights rights, ulong entry, out AuditMismatch mismatch)
    {
        ProcessorControls strict = new(writeProtect: true, noExecuteEnable: true);
        Privilege privilege = rights.IsUser ? Privilege.User : Privilege.Supervisor;
        Access access = rights.IsWritable ? Access.Write : rights.IsExecutable ? Access.Execute : Access.Read;
        nuint span = TFormat.Level(1).EntrySpan.Value;
        PageNumber page = run.First;
        while (page < run.End)
        {
            AccessDecision decision = _tables.EffectiveRights(page.Address, access, privilege, strict);
            if (!decision.IsAllowed)
            {
                mismatch = new AuditMismatch(page, entry, entry, decision.Bit);
                return false;
            }

            page = new PageNumber((page.Value & ~(span - 1)) + span);
        }

        mismatch = default;
        return true;
    }
}
