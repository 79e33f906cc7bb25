// The worked example of the library's README: the address space of a process in somebody's kernel, from its creation to its end.

using Ringfence.Paging;

namespace Ringfence.Paging.Tests.Example;

internal struct Process<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    public static readonly PageRange Text = PageRange.CreateTruncated(new PageNumber(0x400), new PageCount(16));
    public static readonly PageRange Buffer = PageRange.CreateTruncated(new PageNumber(0x500), new PageCount(4));

    private readonly AddressSpace<TFormat, TMemory> _space;
    private TableAccount _account;

    private Process(AddressSpace<TFormat, TMemory> space, TableAccount account)
    {
        _space = space;
        _account = account;
    }

    public readonly AddressSpace<TFormat, TMemory> Space => _space;

    public readonly PageCount TablesInUse => _account.InUse;

    // The account bounds what the process may cost: its root and five more tables.
    public static bool TryCreate<TCache>(
        AddressSpace<TFormat, TMemory> kernel,
        TMemory memory,
        ref TablePool<TMemory> pool,
        ref TCache cache,
        FrameNumber textFrame,
        FrameNumber bufferFrame,
        out Process<TFormat, TMemory> process)
        where TCache : struct, ITranslationCache
    {
        process = default;
        TableAccount account = new(new PageCount(6));
        if (!pool.TryTake(ref account, out PhysicalAddress root))
        {
            return false;
        }

        process = new Process<TFormat, TMemory>(new AddressSpace<TFormat, TMemory>(memory, root), account);
        bool isMapped = process.TryShare(kernel, ref pool, ref cache)
            && process.TryMap(ref pool, ref cache, Text, textFrame, LeafRights.SupervisorReadWrite)
            && process.TryMap(ref pool, ref cache, Buffer, bufferFrame, LeafRights.SupervisorReadWrite);
        if (!isMapped)
        {
            process.Destroy(ref pool, ref cache);
        }

        return isMapped;
    }

    // The kernel lies at the top of every address space: one link in the root, to a table that only the kernel's own set edits.
    private bool TryShare<TCache>(AddressSpace<TFormat, TMemory> kernel, ref TablePool<TMemory> pool, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        EditResult result = _space.ShareTable(
            ref pool, ref _account, kernel, FormatGeometry<TFormat>.LastPage, FormatGeometry<TFormat>.RootLevel - 1);
        result.Flush.Discharge(ref cache);
        return result.Succeeded;
    }

    // All or nothing: with an error nothing has changed, and its value names the page to blame.
    private bool TryMap<TCache>(ref TablePool<TMemory> pool, ref TCache cache, PageRange pages, FrameNumber frame, LeafRights rights)
        where TCache : struct, ITranslationCache
    {
        EditResult result = _space.Map(ref pool, ref _account, pages, frame, rights);
        result.Flush.Discharge(ref cache);
        return result.Succeeded;
    }

    // The program is in place. From here on nobody writes it, and as these are its base rights, no reset brings the old ones back.
    public readonly bool TrySeal<TCache>(ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        EditResult result = _space.SetBaseRights(Text, LeafRights.UserReadExecute);
        result.Flush.Discharge(ref cache);
        return result.Succeeded;
    }

    // Widening owes nothing: an access that faults on what a processor still holds succeeds when it is made again.
    public readonly FlushObligation Lend() => _space.SetRights(Buffer, LeafRights.UserReadWrite).Flush;

    // Narrowing does: until the value is discharged, the buffer may still be written through what a processor holds.
    public readonly FlushObligation TakeBack() => _space.ResetRights(Buffer).Flush;

    // The same for a kernel that serves interrupts between two steps. What the steps owe is collected.
    public readonly FlushObligation TakeBackInSteps(int entryLimit)
    {
        FlushObligation owed = FlushObligation.None;
        RangeEdit<TFormat, TMemory> edit = _space.BeginResetRights(Buffer, out PagingError error);
        while (error.IsNone && !edit.IsComplete)
        {
            owed = owed.Combine(edit.Step(entryLimit));
        }

        return owed;
    }

    // For a page fault: which bit of which level is in the way. If none is, the fault came from something stale; let the access be made again.
    public readonly AccessDecision Explain(VirtualAddress address, Access access, ProcessorControls controls) =>
        _space.EffectiveRights(address, access, Privilege.User, controls);

    // The set is loaded on no processor any more. The release flushes first, and only then gives the tables back; the kernel's stay.
    public void Destroy<TCache>(ref TablePool<TMemory> pool, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        _space.DetachAll().Discharge(ref cache, ref pool, ref _account);
        pool.GiveBack(ref _account, _space.Root);
    }
}
