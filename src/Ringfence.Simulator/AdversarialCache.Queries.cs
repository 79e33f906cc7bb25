// What may happen to an access, asked of the set: every question is about all permitted behaviours at once.

using System.Collections.Generic;

namespace Ringfence.Simulator;

public sealed partial class AdversarialCache
{
    /// <summary>Every translation that may be used for an access to this address, without repetition.</summary>
    public IReadOnlyList<CachedTranslation> Held(ulong linear)
    {
        List<CachedTranslation> translations = [];
        foreach (int slot in SlotsServing(linear))
        {
            CachedTranslation translation = ToTranslation(in _held[slot], linear);
            if (!translations.Contains(translation))
            {
                translations.Add(translation);
            }
        }

        return translations;
    }

    /// <summary>The translation that a walk from CR3 (or the registers) gives an address now; false if there is none.</summary>
    public bool TryTranslate(ulong linear, out CachedTranslation translation)
    {
        bool found = TryWalk(linear, out HeldEntry entry);
        translation = found ? ToTranslation(in entry, linear) : default;
        return found;
    }

    /// <summary>Whether some behaviour lets the access through.</summary>
    public bool MaySucceed(MemoryAccess access)
    {
        foreach (int slot in SlotsServing(access.Address))
        {
            if (ToTranslation(in _held[slot], access.Address).Allows(access, Settings))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the access reaches one frame under every behaviour, if a fault is followed by one retry. The fault drops everything that the address uses, and what may
    /// be filled after it is what the tables give: so they must allow the access, and each translation that lets it through at the first attempt must lead to the
    /// same frame.
    /// </summary>
    public bool MustSucceedWithRetry(MemoryAccess access)
    {
        if (!TryTranslate(access.Address, out CachedTranslation current) || !current.Allows(access, Settings))
        {
            return false;
        }

        foreach (int slot in SlotsServing(access.Address))
        {
            CachedTranslation translation = ToTranslation(in _held[slot], access.Address);
            if (translation.Allows(access, Settings) && translation.FrameAddress != current.FrameAddress)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether the access reaches one frame at the first attempt under every behaviour: through every translation held, and on every walk, from whichever upper entry
    /// it starts. This is what memory needs that is touched while an exception is delivered.
    /// </summary>
    public bool MustSucceedWithoutRetry(MemoryAccess access)
    {
        if (!MustSucceedWithRetry(access) || !Geometry.TryStrip(access.Address, out ulong linear))
        {
            return false;
        }

        foreach (int slot in SlotsServing(access.Address))
        {
            if (!ToTranslation(in _held[slot], access.Address).Allows(access, Settings))
            {
                return false;
            }
        }

        // A walk that ends at a page ends at one of the translations above, since the set is complete.
        for (int level = 2; level <= Geometry.Levels.Length; level++)
        {
            for (int slot = FirstServing(linear, level); slot != 0; slot = _held.NextServing(slot))
            {
                bool isUsable = !_held[slot].IsTranslation && _held[slot].Context == ProcessContext;
                if (isUsable && _reader.WalkTo(in _held[slot], linear, level - 1, out _) is EntryKind.NotPresent or EntryKind.Reserved)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether a write may go through a translation cached with D set although the entry in memory has D clear, so that nothing records it.</summary>
    public bool MayWriteUnrecorded(ulong linear)
    {
        if (!TryWalk(linear, out HeldEntry current) || (current.Traits & HeldTraits.Dirty) != 0)
        {
            return false;
        }

        const HeldTraits WritesSilently = HeldTraits.Writable | HeldTraits.Dirty;
        foreach (int slot in SlotsServing(linear))
        {
            if ((_held[slot].Traits & WritesSilently) == WritesSilently)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the frame is still a table to the processor, in any context: CR3, a register or a held upper entry leads to it. If something else is stored in it meanwhile, a
    /// walk may take that for entries.
    /// </summary>
    public bool MayWalkThrough(ulong frameAddress)
    {
        foreach (HeldEntry root in _roots)
        {
            if (root.Target == frameAddress)
            {
                return true;
            }
        }

        return _held.FirstLeadingTo(frameAddress) != 0;
    }

    /// <summary>As <see cref="MayWalkThrough"/>, in the current context alone: what is held for another one leads nowhere until that one is loaded. Ask again then.</summary>
    public bool MayWalkThroughNow(ulong frameAddress)
    {
        foreach (HeldEntry root in _roots)
        {
            if (root.Target == frameAddress)
            {
                return true;
            }
        }

        int slot = _held.FirstLeadingTo(frameAddress);
        while (slot != 0 && _held[slot].Context != ProcessContext)
        {
            slot = _held.NextLeadingTo(slot);
        }

        return slot != 0;
    }

    /// <summary>Whether some translation held in any context leads into the frame.</summary>
    public bool MayReach(ulong frameAddress)
    {
        for (int slot = 1; slot <= _held.LastSlot; slot++)
        {
            if (_held.IsOccupied(slot) && _held[slot].IsTranslation
                && (frameAddress & ~(Geometry.Levels[_held[slot].Level - 1].EntrySpanByteCount - 1)) == _held[slot].Target)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every translation that may be used now, with the linear address of its first byte (canonical bits left out) and the bytes that it serves.</summary>
    public IEnumerable<(ulong Linear, ulong ByteCount, CachedTranslation Translation)> UsableTranslations()
    {
        for (int slot = 1; slot <= _held.LastSlot; slot++)
        {
            if (_held.IsOccupied(slot) && IsUsable(slot))
            {
                HeldEntry entry = _held[slot];
                yield return (entry.Linear, Geometry.Levels[entry.Level - 1].EntrySpanByteCount, ToTranslation(in entry, entry.Linear));
            }
        }
    }

    private bool TryWalk(ulong linear, out HeldEntry translation)
    {
        translation = default;
        return Geometry.TryStrip(linear, out ulong stripped)
            && TryFindRoot(stripped, out HeldEntry root)
            && _reader.Walk(in root, stripped, out translation) == EntryKind.Page;
    }

    private CachedTranslation ToTranslation(in HeldEntry entry, ulong linear)
    {
        ulong withinPage = linear & (Geometry.Levels[entry.Level - 1].EntrySpanByteCount - 1);
        return new CachedTranslation(
            entry.Target | (withinPage & ~0xFFFul),
            (entry.Traits & HeldTraits.Writable) != 0,
            (entry.Traits & HeldTraits.User) != 0,
            (entry.Traits & HeldTraits.ExecuteDisable) != 0,
            (entry.Traits & HeldTraits.Global) != 0);
    }

    private bool IsUsable(int slot) =>
        _held[slot].IsTranslation && (_held[slot].Context == ProcessContext || _held[slot].Context == HeldEntry.GlobalContext);

    private int FirstServing(ulong stripped, int level) => _held.FirstServing(stripped & ~(Geometry.Levels[level - 1].EntrySpanByteCount - 1), level);

    private ServingSlots SlotsServing(ulong linear) => new(this, linear);

    /// <summary>Enumerates, without allocating, the slots of the translations that may be used for an address: of every page size, of this context or global.</summary>
    private struct ServingSlots
    {
        private readonly AdversarialCache _cache;
        private readonly ulong _linear;
        private int _level;

        public ServingSlots(AdversarialCache cache, ulong linear)
        {
            _cache = cache;
            _level = cache.Geometry.TryStrip(linear, out _linear) ? 0 : cache.Geometry.Levels.Length;
        }

        public int Current { get; private set; }

        public readonly ServingSlots GetEnumerator() => this;

        public bool MoveNext()
        {
            Current = Current != 0 ? _cache._held.NextServing(Current) : 0;
            while (true)
            {
                while (Current != 0 && !_cache.IsUsable(Current))
                {
                    Current = _cache._held.NextServing(Current);
                }

                if (Current != 0 || _level == _cache.Geometry.Levels.Length)
                {
                    return Current != 0;
                }

                _level++;
                if (_cache._held.HasTranslations(_level))
                {
                    Current = _cache.FirstServing(_linear, _level);
                }
            }
        }
    }
}
