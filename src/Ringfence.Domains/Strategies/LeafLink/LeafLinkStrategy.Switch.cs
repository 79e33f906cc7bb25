// The switch as a kernel makes it: links are stored and everything is flushed, without an obligation that says so.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>The switch that flushes by itself.</content>
public partial struct LeafLinkStrategy<TFormat, TMemory, TWindows>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySwitchTo<TCache>(in Domain domain, ref LeafLinkTables tables, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        if (Grants(in tables, in stack) && _windows.Count <= entryLimit)
        {
            if (LinkAll(tables.Place))
            {
                cache.FlushAll();
            }

            return true;
        }

        // A copy, so that on the other way the stack need not be in memory.
        UserStack copy = stack;
        return TrySwitchAnyway(in domain, ref tables, in copy, entryLimit, ref cache);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReturnTo<TCache>(ref LeafLinkTables tables, nuint thread, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        if (tables.ReadyFor != thread)
        {
            return false;
        }

        if (!IsLinked(in tables) && LinkAll(tables.Place))
        {
            cache.FlushAll();
        }

        return true;
    }

    /// <inheritdoc/>
    public readonly void NoteReady(ref LeafLinkTables tables, nuint thread) => tables.ReadyFor = _windows.Count <= LinksAtOnce ? thread : 0;

    /// <summary>For an audit: whether the long way to a thread with this stack would edit nothing but links, as a note that the tables are ready for it says.</summary>
    public readonly bool IsReady(in LeafLinkTables tables, in UserStack stack) => Grants(in tables, in stack);

    /// <summary>Links a list, and says whether a link changed, so that <see cref="AddressSpace{TFormat,TMemory}.OwedForRelinking"/> is owed: everything.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool LinkAll(TableAddress place)
    {
        bool isChanged = false;
        TableAddressList<TFormat, TMemory> own = _windows.ListAt(place);
        for (int window = 0; window < _windows.Count; window++)
        {
            isChanged |= _windows.TryRelink(window, own.Read(window));
        }

        _linked = place.Value;
        return isChanged;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TrySwitchAnyway<TCache>(in Domain domain, ref LeafLinkTables tables, in UserStack stack, int entryLimit, ref TCache cache)
        where TCache : struct, ITranslationCache
    {
        FlushObligation owed = default;
        bool isComplete = TrySwitchTo(in domain, ref tables, in stack, entryLimit, ref owed);
        owed.Discharge(ref cache);
        return isComplete;
    }
}
