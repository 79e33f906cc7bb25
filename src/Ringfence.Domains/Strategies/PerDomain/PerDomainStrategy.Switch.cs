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

        Load(ref tables, tables.Root, ref cache);
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReturnTo<TCache>(ref PerDomainTables<TFormat, TMemory, TSet> tables, nuint thread, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        if (tables.ReadyFor != thread)
        {
            return false;
        }

        TableAddress root = tables.Root;
        if (root.Value != _loadedRoot.Value)
        {
            Load(ref tables, root, ref cache);
        }

        return true;
    }

    /// <inheritdoc/>
    public readonly void NoteReady(ref PerDomainTables<TFormat, TMemory, TSet> tables, nuint thread) => tables.ReadyFor = thread;

    /// <summary>For an audit: whether the long way to a thread with this stack would load the set and edit nothing, as a note that the tables are ready for it says.</summary>
    public readonly bool IsReady(in PerDomainTables<TFormat, TMemory, TSet> tables, in UserStack stack) => Grants(in tables, in stack);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Load<TCache>(ref PerDomainTables<TFormat, TMemory, TSet> tables, TableAddress root, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        _loadedRoot = root;
        if (UsesContexts)
        {
            cache.LoadContext(TakeLoad(ref tables));
        }
        else
        {
            cache.LoadRoot(root);
        }
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
