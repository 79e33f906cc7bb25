// The set once more, in the plainest way: after every step everything is combined with everything until nothing new comes out, and a flush takes out what it names.
// It knows nothing of A (the schedules do), of stores (it reads all tables again) or of what it did before.

using System;
using System.Collections.Generic;

namespace Ringfence.Simulator.Tests.Adversary;

/// <summary>All that may be held, on any geometry. Of each table only some entries are looked at, and of the reserved bits only PS is known.</summary>
internal sealed class NaiveCache(PhysicalMemory memory, TableGeometry geometry, int[] indexes)
{
    private const int EveryContext = -1;

    private readonly HashSet<Upper> _uppers = [];
    private readonly HashSet<Page> _pages = [];
    private readonly List<Upper> _roots = [];
    private int _context;

    public bool ObeysGlobal { get; set; } = true;

    public void WriteCr3(ulong table, int context, bool keeps)
    {
        if (!keeps)
        {
            Drop(upper => upper.Context == context, page => page.Context == context);
        }

        _context = context;
        _roots.Clear();
        int level = geometry.Levels.Length + 1;
        for (int register = 0; register < geometry.RegisterCount; register++)
        {
            ulong value = memory.Read64(table + ((ulong)register * 8));
            if ((value & 1) != 0)
            {
                _roots.Add(new Upper(context, level, (ulong)register << 30, value & ~0xFFFul, true, true, false));
            }
        }

        if (geometry.RegisterCount == 0)
        {
            _roots.Add(new Upper(context, level, 0, table, true, true, false));
        }

        Close();
    }

    public void FlushPage(ulong linear) =>
        DropAndClose(upper => upper.Context == _context, page => page.Context is EveryContext || page.Context == _context, linear);

    public void Fault(ulong linear) =>
        DropAndClose(
            upper => upper.Context == _context && Covers(upper.Level, upper.Linear, linear),
            page => page.Context is EveryContext || page.Context == _context,
            linear);

    public void FlushContext(ContextInvalidation type, int context, ulong linear)
    {
        switch (type)
        {
            case ContextInvalidation.Address:
                Drop(
                    upper => upper.Context == context && Covers(upper.Level, upper.Linear, linear),
                    page => page.Context == context && Covers(page.Level, page.Linear, linear));
                break;
            case ContextInvalidation.Context:
                Drop(upper => upper.Context == context, page => page.Context == context);
                break;
            case ContextInvalidation.All:
                Drop(_ => true, page => page.Context != EveryContext);
                break;
            default:
                Drop(_ => true, _ => true);
                break;
        }

        Close();
    }

    public void ChangeGlobal(bool obeys)
    {
        ObeysGlobal = obeys;
        Drop(_ => true, _ => true);
    }

    public HashSet<CachedTranslation> Held(ulong linear)
    {
        HashSet<CachedTranslation> held = [];
        foreach (Page page in _pages)
        {
            if (page.Context is EveryContext || page.Context == _context)
            {
                if (Covers(page.Level, page.Linear, linear))
                {
                    held.Add(page.Translation with { FrameAddress = page.Translation.FrameAddress + ((linear - page.Linear) & ~0xFFFul) });
                }
            }
        }

        return held;
    }

    public bool LeadsTo(ulong table)
    {
        foreach (Upper upper in _uppers)
        {
            if (upper.Table == table)
            {
                return true;
            }
        }

        return _roots.Exists(root => root.Table == table);
    }

    public void Close()
    {
        Stack<Upper> open = new(_roots);
        foreach (Upper upper in _uppers)
        {
            open.Push(upper);
        }

        while (open.TryPop(out Upper upper))
        {
            for (int which = 0; which < indexes.Length && upper.Context == _context; which++)
            {
                int index = indexes[which] & (geometry.Levels[upper.Level - 2].EntryCount - 1);
                ulong address = upper.Table + (ulong)(index * geometry.EntryByteCount);
                ulong entry = geometry.EntryByteCount == 4 ? memory.Read32(address) : memory.Read64(address);
                if ((entry & 1) != 0 && Combine(upper, index, entry) is Upper next && _uppers.Add(next))
                {
                    open.Push(next);
                }
            }
        }
    }

    private Upper? Combine(Upper upper, int index, ulong entry)
    {
        TableLevel shape = geometry.Levels[upper.Level - 2];
        ulong linear = upper.Linear + ((ulong)index << shape.Shift);
        bool writable = upper.Writable && (entry & 2) != 0;
        bool user = upper.User && (entry & 4) != 0;
        bool executeDisable = upper.ExecuteDisable || (entry >> 63) != 0;
        ulong target = entry & 0x000F_FFFF_FFFF_F000;
        if (shape.ReservesPageSize && (entry & 0x80) != 0)
        {
            return null;
        }

        if (upper.Level > 2 && !(shape.HoldsLargePages && (entry & 0x80) != 0))
        {
            return new Upper(upper.Context, upper.Level - 1, linear, target, writable, user, executeDisable);
        }

        bool isGlobal = (entry & 0x100) != 0;
        CachedTranslation translation = new(target, writable, user, executeDisable, isGlobal);
        _pages.Add(new Page(isGlobal && ObeysGlobal ? EveryContext : upper.Context, upper.Level - 1, linear, translation));
        return null;
    }

    private void DropAndClose(Predicate<Upper> upperGoes, Predicate<Page> pageGoes, ulong linear)
    {
        Drop(upperGoes, page => pageGoes(page) && Covers(page.Level, page.Linear, linear));
        Close();
    }

    private void Drop(Predicate<Upper> upperGoes, Predicate<Page> pageGoes)
    {
        _uppers.RemoveWhere(upperGoes);
        _pages.RemoveWhere(pageGoes);
    }

    private bool Covers(int level, ulong start, ulong linear) => linear - start < 1ul << geometry.Levels[level - 1].Shift;

    private readonly record struct Upper(int Context, int Level, ulong Linear, ulong Table, bool Writable, bool User, bool ExecuteDisable);

    private readonly record struct Page(int Context, int Level, ulong Linear, CachedTranslation Translation);
}
