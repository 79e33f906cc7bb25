// A processor whose translation cache is as unhelpful as the manual permits: it has looked at every page after every store, and it
// forgets nothing before it is told to.

using System;
using System.Collections.Generic;

namespace Ringfence.Simulator;

/// <summary>
/// Holds, for every 4 KiB page, every translation that was legal at any instant since the page was last flushed: the union over all schedules
/// of walks, speculative ones included. A page that is not present is never cached (Intel SDM vol. 3A 4.10.2.3). An access that <em>may</em> succeed under some
/// schedule is one that the tables or any held translation lets through.
/// <para>Limit: upper-level entries are not held apart from the translations made through them; an edit that unlinks or relinks a table of a loaded set
/// must not be judged with this class.</para>
/// </summary>
public sealed class AdversarialMmu
{
    private readonly StrictMmu _mmu;
    private readonly TableMap _tables = new();
    private readonly Dictionary<ulong, List<CachedTranslation>> _held = [];

    /// <summary>Watches the memory of this processor from now on.</summary>
    public AdversarialMmu(StrictMmu mmu)
    {
        _mmu = mmu;
        _mmu.Memory.Stored += OnStored;
    }

    /// <summary>The processor without the cache.</summary>
    public StrictMmu Strict => _mmu;

    /// <summary>Pages flushed one by one so far.</summary>
    public int FlushPageCount { get; private set; }

    /// <summary>Whole flushes so far.</summary>
    public int FlushAllCount { get; private set; }

    /// <summary>Writes CR3: forgets every translation that isn't global, and at once caches all that are legal now.</summary>
    public bool LoadCr3(ulong value)
    {
        if (!_mmu.LoadCr3(value))
        {
            return false;
        }

        FlushAllCount++;
        foreach (List<CachedTranslation> translations in _held.Values)
        {
            translations.RemoveAll(translation => !(translation.Global && _mmu.Settings.PageGlobalEnable));
        }

        HoldEverything();
        return true;
    }

    /// <summary>INVLPG: forgets the page's translations, global or not, and at once caches the one that is legal now.</summary>
    public void FlushPage(ulong linear)
    {
        FlushPageCount++;
        _held.Remove(linear & ~0xFFFul);
        Hold(linear & ~0xFFFul);
    }

    /// <summary>Everything that may be used for an access to this page.</summary>
    public IReadOnlyList<CachedTranslation> Held(ulong linear) =>
        _held.TryGetValue(linear & ~0xFFFul, out List<CachedTranslation>? translations) ? translations : [];

    /// <summary>Whether some schedule lets the access through.</summary>
    public bool MaySucceed(MemoryAccess access)
    {
        foreach (CachedTranslation translation in Held(access.Address))
        {
            if (translation.Allows(access, _mmu.Settings))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the access succeeds under every schedule, when a fault through a stale translation is retried after the tables were walked again:
    /// the tables allow it, and every translation that lets it through leads to the same frame.
    /// </summary>
    public bool MustSucceedWithRetry(MemoryAccess access)
    {
        if (!_mmu.TryTranslate(access.Address, out CachedTranslation current) || !current.Allows(access, _mmu.Settings))
        {
            return false;
        }

        foreach (CachedTranslation translation in Held(access.Address))
        {
            if (translation.Allows(access, _mmu.Settings) && translation.FrameAddress != current.FrameAddress)
            {
                return false;
            }
        }

        return true;
    }

    private void OnStored(ulong address, int byteCount)
    {
        if (!_tables.TryFind(address, out TableMap.Table table))
        {
            return;
        }

        if (table.Shift != 12)
        {
            HoldEverything();
            return;
        }

        int entryBytes = _mmu.Settings.Mode == PagingMode.ThirtyTwoBit ? 4 : 8;
        Hold(table.LinearBase + ((address & 0xFFF) / (ulong)entryBytes << 12));
    }

    private void HoldEverything()
    {
        _tables.Rebuild(_mmu);
        foreach (ulong page in _tables.Pages(_mmu))
        {
            Hold(page);
        }
    }

    private void Hold(ulong page)
    {
        if (!_mmu.TryTranslate(page, out CachedTranslation translation))
        {
            return;
        }

        if (!_held.TryGetValue(page, out List<CachedTranslation>? translations))
        {
            _held.Add(page, translations = []);
        }

        if (!translations.Contains(translation))
        {
            translations.Add(translation);
        }
    }
}
