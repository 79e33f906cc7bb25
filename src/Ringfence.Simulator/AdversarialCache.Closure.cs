// How the set grows with every step, and what the A bit lets it lose: the part of the adversary that runs at every store.

using System;

namespace Ringfence.Simulator;

public sealed partial class AdversarialCache
{
    private HeldEntry[] _leading = new HeldEntry[4];
    private int[] _slots = new int[4];

    /// <summary>What a frame has ever been used for: it spares work on stores that can't matter, and means nothing else.</summary>
    [Flags]
    private enum FrameUses : byte
    {
        None = 0,
        Table = 1,
        UpperTable = 2,
    }

    private void OnStored(ulong address, int byteCount)
    {
        if (_frameUses[address >> 12] == FrameUses.None)
        {
            return;
        }

        ulong entryByteCount = (ulong)Geometry.EntryByteCount;
        for (ulong entry = address & ~(entryByteCount - 1); entry < address + (ulong)byteCount; entry += entryByteCount)
        {
            // The A bit is in the low word. It may have been set by a fill just before this store, which then takes it away again.
            if (entry >= address && (Memory.Read32(entry) & TableReader.AccessedBit) == 0)
            {
                LoseAccessed((uint)(entry >> 2));
            }

            FillThrough(entry);
        }
    }

    /// <summary>
    /// A locked operation that finds A clear proves that nothing has been filled through the entry since A was last cleared: the schedules in which something was
    /// are not this run. What was filled before A was cleared stays. Where the processor makes no such promise no held entry has sources, and nothing is found to exclude.
    /// </summary>
    private void OnLockedRead(ulong address, int byteCount, ulong value)
    {
        ulong entryByteCount = (ulong)Geometry.EntryByteCount;
        for (ulong entry = address & ~(entryByteCount - 1); entry < address + (ulong)byteCount; entry += entryByteCount)
        {
            if (entry >= address && (value >> (int)((entry - address) * 8) & TableReader.AccessedBit) == 0)
            {
                Exclude((uint)(entry >> 2));
            }
        }
    }

    /// <summary>Combines an entry in memory with everything held that leads to it.</summary>
    private void FillThrough(ulong entry)
    {
        ulong frame = entry & ~0xFFFul;
        int index = (int)(entry & 0xFFF) / Geometry.EntryByteCount;
        int count = 0;
        for (int slot = _held.FirstLeadingTo(frame); slot != 0; slot = _held.NextLeadingTo(slot))
        {
            if (_held[slot].Context == ProcessContext)
            {
                Append(ref _leading, ref count, in _held[slot]);
            }
        }

        for (int root = 0; root < _roots.Length; root++)
        {
            if (_roots[root].Target == frame)
            {
                Append(ref _leading, ref count, in _roots[root]);
            }
        }

        for (int which = 0; which < count; which++)
        {
            if (index < Geometry.Levels[_leading[which].Level - 2].EntryCount)
            {
                Fill(in _leading[which], index);
            }
        }
    }

    private void Fill(in HeldEntry upper, int index)
    {
        switch (_reader.Read(in upper, index, out HeldEntry entry))
        {
            case EntryKind.Page:
                _held.Add(in entry);
                break;
            case EntryKind.Table when _held.Add(in entry):
                MarkTable(entry.Target);
                _frameUses[upper.Target >> 12] |= FrameUses.UpperTable;
                FillAll(in entry);
                break;
            default:
                break;
        }
    }

    private void MarkTable(ulong frameAddress)
    {
        if (frameAddress < (ulong)Memory.ByteCount)
        {
            _frameUses[frameAddress >> 12] |= FrameUses.Table;
        }
    }

    private void FillAll(in HeldEntry upper)
    {
        int count = Geometry.Levels[upper.Level - 2].EntryCount;
        for (int index = _reader.NextNonZero(in upper, 0); index < count; index = _reader.NextNonZero(in upper, index + 1))
        {
            Fill(in upper, index);
        }
    }

    /// <summary>Fills whatever may be filled now; from what was held already only if that may have missed stores.</summary>
    private void Complete(bool includingHeld)
    {
        int count = 0;
        for (int slot = 1; includingHeld && slot <= _held.LastSlot; slot++)
        {
            if (_held.IsOccupied(slot) && !_held[slot].IsTranslation && _held[slot].Context == ProcessContext)
            {
                Append(ref _leading, ref count, in _held[slot]);
            }
        }

        for (int which = 0; which < count; which++)
        {
            FillAll(in _leading[which]);
        }

        for (int root = 0; root < _roots.Length; root++)
        {
            FillAll(in _roots[root]);
        }
    }

    /// <summary>
    /// Drops what must go. What the tables still give the current context is back at once, so it stays: only its A bit is certain again. If the set was complete
    /// before, and the context and the control bits are the same, it is complete after.
    /// </summary>
    private void Forget(FlushScope scope)
    {
        HeldEntry lastUpper = default;
        for (int slot = 1; slot <= _held.LastSlot; slot++)
        {
            if (!_held.IsOccupied(slot))
            {
                continue;
            }

            ref readonly HeldEntry entry = ref _held[slot];
            if (!scope.Includes(in entry, Geometry.Levels[entry.Level - 1].EntrySpanByteCount))
            {
                continue;
            }

            if (IsGivenNow(in entry, ref lastUpper))
            {
                _held.Replace(slot, accessedLost: 0);
            }
            else
            {
                _held.Remove(slot);
            }
        }
    }

    /// <summary>
    /// Whether a walk from the top gives the entry; <paramref name="lastUpper"/> is the upper entry that the last such walk passed, since the next often passes it too.
    /// </summary>
    private bool IsGivenNow(in HeldEntry entry, ref HeldEntry lastUpper)
    {
        if (entry.Context != ProcessContext && entry.Context != HeldEntry.GlobalContext)
        {
            return false;
        }

        int upperLevel = entry.Level + 1;
        bool isUnderLast = lastUpper.Level == upperLevel
            && upperLevel <= Geometry.Levels.Length
            && (entry.Linear & ~(Geometry.Levels[upperLevel - 1].EntrySpanByteCount - 1)) == lastUpper.Linear;
        if (!isUnderLast
            && (!TryFindRoot(entry.Linear, out HeldEntry root) || _reader.WalkTo(in root, entry.Linear, upperLevel, out lastUpper) != EntryKind.Table))
        {
            lastUpper = default;
            return false;
        }

        return _reader.WalkTo(in lastUpper, entry.Linear, entry.Level, out HeldEntry now) is EntryKind.Table or EntryKind.Page && now.IsSameAs(in entry);
    }

    private void LoseAccessed(uint source)
    {
        int count = FindFilledThrough(source);
        for (int which = 0; which < count; which++)
        {
            _held.Replace(_slots[which], (byte)(_held[_slots[which]].AccessedLost | LevelsOf(source, in _held[_slots[which]])));
        }
    }

    private void Exclude(uint source)
    {
        int count = FindFilledThrough(source);
        for (int which = 0; which < count; which++)
        {
            _held.Remove(_slots[which]);
        }
    }

    /// <summary>Collects the slots of entries filled through one in memory, at some level at which A has not been lost.</summary>
    private int FindFilledThrough(uint source)
    {
        int count = 0;
        if ((_frameUses[source >> 10] & FrameUses.UpperTable) == 0)
        {
            for (int slot = _held.FirstFromSource(source); slot != 0; slot = _held.NextFromSource(slot))
            {
                AppendIfCertain(source, slot, ref count);
            }

            return count;
        }

        for (int slot = 1; slot <= _held.LastSlot; slot++)
        {
            if (_held.IsOccupied(slot))
            {
                AppendIfCertain(source, slot, ref count);
            }
        }

        return count;
    }

    private void AppendIfCertain(uint source, int slot, ref int count)
    {
        if ((LevelsOf(source, in _held[slot]) & ~_held[slot].AccessedLost) != 0)
        {
            Append(ref _slots, ref count, in slot);
        }
    }

    private static int LevelsOf(uint source, in HeldEntry entry)
    {
        int levels = 0;
        for (int level = 0; level < SourcePath.LevelLimit; level++)
        {
            levels |= entry.Sources[level] == source ? 1 << level : 0;
        }

        return levels;
    }

    private static void Append<T>(ref T[] items, ref int count, in T item)
    {
        T copy = item;
        if (count == items.Length)
        {
            Array.Resize(ref items, count * 2);
        }

        items[count++] = copy;
    }
}
