// What an edit did to entries: the figures that stay the same on every machine, beside the times that don't.

using System.Collections.Generic;

namespace Ringfence.Paging.Benchmarks;

/// <summary>Reads and writes of entries. The two words of a PAE entry, one after the other, are one access.</summary>
public sealed class EntryCounts
{
    private readonly Dictionary<PhysicalAddress, int> _reads = [];
    private Access _last;

    /// <summary>Entries written. An entry that was written twice counts twice.</summary>
    public int Written { get; private set; }

    /// <summary>How often the entry at an address was read. The read of a locked operation is part of its write.</summary>
    public IReadOnlyDictionary<PhysicalAddress, int> Reads => _reads;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _reads.Clear();
        _last = default;
        Written = 0;
    }

    internal void AddRead(PhysicalAddress entry, bool isHighWord)
    {
        Access access = new(IsWrite: false, isHighWord, entry);
        if (!access.Completes(_last))
        {
            _reads[entry] = _reads.GetValueOrDefault(entry) + 1;
        }

        _last = access;
    }

    internal void AddWrite(PhysicalAddress entry, bool isHighWord)
    {
        Access access = new(IsWrite: true, isHighWord, entry);
        Written += access.Completes(_last) ? 0 : 1;
        _last = access;
    }

    private readonly record struct Access(bool IsWrite, bool IsHighWord, PhysicalAddress Entry)
    {
        /// <summary>Whether this is the other word of the same entry, accessed in the same way.</summary>
        public bool Completes(Access last) => last == this with { IsHighWord = !IsHighWord };
    }
}
