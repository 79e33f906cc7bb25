// A table page that was unlinked may still be walked by a processor until the flush is done. So the two come in one value, which does them in the right order.

namespace Ringfence.Paging;

/// <summary>
/// The error of an edit that takes a table out of a set, or the table and the flush that must be done before its page is used for anything else (Intel SDM vol. 3A 4.10.3.3). With an error nothing was changed and nothing is
/// owed. There is no other way to get at the page.
/// </summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
[MustUseReturnValue]
public readonly struct TableRelease<TFormat, TMemory>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
{
    private readonly AddressSpace<TFormat, TMemory> _tables;
    private readonly PhysicalAddress _table;
    private readonly int _level;
    private readonly bool _freesRoot;

    internal TableRelease(PagingError error)
    {
        Error = error;
    }

    internal TableRelease(AddressSpace<TFormat, TMemory> tables, FlushObligation flush, PhysicalAddress table, int level, bool freesRoot = false)
    {
        Flush = flush;
        _tables = tables;
        _table = table;
        _level = level;
        _freesRoot = freesRoot;
    }

    /// <summary>What went wrong; <see cref="PagingError.IsNone"/> when nothing did.</summary>
    public PagingError Error { get; }

    /// <summary>What <see cref="Discharge"/> will flush.</summary>
    public FlushObligation Flush { get; }

    /// <summary>Whether the edit was done.</summary>
    public bool Succeeded => Error.IsNone;

    /// <summary>
    /// Flushes, then gives the table pages back. On other processors that may have used the set, flush before this. Does nothing after an error; call it once.
    /// </summary>
    /// <param name="cache">The translation cache of the processor that runs this.</param>
    /// <param name="allocator">Where the pages came from.</param>
    /// <param name="account">Whose they were.</param>
    public void Discharge<TCache, TAllocator>(ref TCache cache, ref TAllocator allocator, ref TableAccount account)
        where TCache : struct, ITranslationCache
        where TAllocator : struct, ITableAllocator
    {
        if (!Succeeded)
        {
            return;
        }

        Flush.Discharge(ref cache);
        _tables.FreeTable(ref allocator, ref account, _table, _level, _freesRoot);
    }
}
