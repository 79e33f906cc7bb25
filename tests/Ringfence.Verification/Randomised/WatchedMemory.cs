// Table memory that notes which entries are written, and can be made to misbehave.

using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Randomised;

/// <summary>What is noted about the memory of one machine.</summary>
internal sealed class MemoryWatch(PhysicalMemory memory, int entryByteCount, EditMistake mistake)
{
    private const ulong UserBit = 4;

    /// <summary>The memory.</summary>
    public PhysicalMemory Memory { get; } = memory;

    /// <summary>The mistake.</summary>
    public EditMistake Mistake { get; } = mistake;

    /// <summary>Addresses of the entries written since it was last cleared.</summary>
    public HashSet<ulong> Written { get; } = [];

    public void Note(ulong address) => Written.Add(address & ~((ulong)entryByteCount - 1));

    public ulong Distort(ulong value) => Mistake switch
    {
        EditMistake.BaseRightsLost => value & ~EntryBits.Base,
        EditMistake.DirtyLost => value & ~EntryBits.Dirty,
        _ => value,
    };

    /// <summary>What a range edit that goes too far does to the next entry, if there is one in this table.</summary>
    public void TouchNext(ulong address)
    {
        ulong next = address + (ulong)entryByteCount;
        if (Mistake is EditMistake.PageTooMany or EditMistake.NeedlessWrite && (next & PageSize.OffsetMask) != 0)
        {
            uint value = Memory.Read32(next);
            Note(next);
            Memory.Write32(next, (value & 1) != 0 && Mistake == EditMistake.PageTooMany ? value | (uint)UserBit : value);
        }
    }
}

/// <summary>Table memory of a random program.</summary>
internal readonly struct WatchedMemory(MemoryWatch watch) : ITableMemory
{
    private readonly MemoryWatch _watch = watch;

    public uint Read32(TableAddress table, int index) => _watch.Memory.Read32(table.Value + ((ulong)index * 4));

    public ulong Read64(TableAddress table, int index) => _watch.Memory.Read64(table.Value + ((ulong)index * 8));

    public void Write32(TableAddress table, int index, uint value)
    {
        ulong address = table.Value + ((ulong)index * 4);
        _watch.Note(address);
        _watch.Memory.Write32(address, value);
    }

    public void Write64(TableAddress table, int index, ulong value)
    {
        ulong address = table.Value + ((ulong)index * 8);
        _watch.Note(address);
        _watch.Memory.Write64(address, value);
    }

    public uint ExchangeAdd32(TableAddress table, int index, uint addend)
    {
        ulong address = table.Value + ((ulong)index * 4);
        _watch.Note(address);
        uint before = _watch.Memory.Read32(address);
        uint value = (uint)_watch.Distort(unchecked(before + addend));
        if (_watch.Mistake == EditMistake.PlainStore)
        {
            _watch.Memory.Write32(address, value);
        }
        else
        {
            _watch.Memory.ExchangeAdd32(address, unchecked(value - before));
        }

        _watch.TouchNext(address);
        return before;
    }

    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend)
    {
        ulong address = table.Value + ((ulong)index * 8);
        _watch.Note(address);
        ulong before = _watch.Memory.Read64(address);
        ulong value = _watch.Distort(unchecked(before + addend));
        if (_watch.Mistake == EditMistake.PlainStore)
        {
            _watch.Memory.Write64(address, value);
        }
        else
        {
            _watch.Memory.ExchangeAdd64(address, unchecked(value - before));
        }

        _watch.TouchNext(address);
        return before;
    }

    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand)
    {
        ulong address = table.Value + ((ulong)index * 4);
        _watch.Note(address);
        return _watch.Memory.CompareExchange32(address, (uint)_watch.Distort(value), comparand);
    }

    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand)
    {
        ulong address = table.Value + ((ulong)index * 8);
        _watch.Note(address);
        return _watch.Memory.CompareExchange64(address, _watch.Distort(value), comparand);
    }

    public void Clear(TableAddress page) => TablePages.Clear(this, page);

    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks) => TablePages.Copy(this, source, destination, width, marks);
}

/// <summary>Flushes of a random program's processor.</summary>
internal readonly struct WatchedCache(AdversarialCache cpu, bool isDeaf, bool skipsFirstPage) : ITranslationCache
{
    private readonly AdversarialCache _cpu = cpu;
    private readonly bool _isDeaf = isDeaf;
    private readonly PageSkip? _skip = skipsFirstPage ? new PageSkip() : null;

    public void FlushPage(PageNumber page)
    {
        if (!_isDeaf && (_skip is null || _skip.IsDone))
        {
            _cpu.InvalidatePage(page.Address.Value);
        }

        _skip?.IsDone = true;
    }

    public void FlushAll()
    {
        if (!_isDeaf)
        {
            _ = _cpu.WriteCr3(_cpu.Cr3);
        }
    }

    public void LoadRoot(TableAddress root) => _ = _cpu.WriteCr3(root.Value);

    public void LoadContext(ContextRoot root) => _ = _cpu.WriteCr3(root.Control3);

    public void FlushEveryContext() => _cpu.InvalidateContext(ContextInvalidation.All, context: 0, linear: 0);

    private sealed class PageSkip
    {
        public bool IsDone { get; set; }
    }
}
