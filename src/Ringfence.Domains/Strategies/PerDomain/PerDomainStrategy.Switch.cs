// The switch as a kernel makes it: a set that grants the thread's stack already is loaded, and that is all.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>The switch that flushes by itself.</content>
public partial struct PerDomainStrategy<TFormat, TMemory, TSet>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySwitchTo<TCache>(in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        if (IsLoaded(in tables) || !Grants(in tables, in stack))
        {
            // A copy, so that on the other way the stack need not be in memory.
            UserStack copy = stack;
            return TrySwitchAnyway(in domain, ref tables, in copy, entryLimit, ref cache);
        }

        _loadedRoot = tables.Set.Tables.Root;
        if (UsesContexts)
        {
            LoadContext(ref tables, ref cache);
            return true;
        }

        cache.LoadRoot(_loadedRoot);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TrySwitchAnyway<TCache>(in Domain domain, ref PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        FlushObligation owed = default;
        bool isComplete = TrySwitchTo(in domain, ref tables, in stack, entryLimit, ref owed);
        owed.Discharge(ref cache);
        return isComplete;
    }
}
