// Every schedule, one by one: a toy processor that at each instant may or may not make each fill, followed down all branches. It is what the adversary claims to
// cover in one run, so it shares nothing with it, and is affordable only on two entries a table.

using System.Collections.Generic;

namespace Ringfence.Simulator.Tests.Adversary;

/// <summary>
/// Processors on the toy geometry with the root at 0x1000 and tables at 0x2000 and 0x3000. All of them see the stores of one program; they differ by which A bits
/// their fills have set, and by what they hold.
/// </summary>
internal sealed class ScheduleExplorer
{
    public const int UsedEntryCount = 2;
    public const int TableCount = 3;

    private readonly uint[,] _entries = new uint[TableCount, UsedEntryCount];
    private readonly List<Item> _items = [];
    private HashSet<Processor> _processors = [new Processor(0, 0)];

    /// <summary>Something held: a translation of a page (Target is a frame) or the upper entry of four pages (Target is a table).</summary>
    public readonly record struct Item(bool IsTranslation, int Page, uint Target, bool Writable);

    /// <summary>One processor: A bits of entries in memory, and a set of items, both as bits.</summary>
    private readonly record struct Processor(uint Accessed, ulong Held);

    public int ProcessorCount => _processors.Count;

    /// <summary>What some processor holds.</summary>
    public HashSet<Item> HeldBySome()
    {
        ulong all = 0;
        foreach (Processor processor in _processors)
        {
            all |= processor.Held;
        }

        HashSet<Item> held = [];
        for (int index = 0; index < _items.Count; index++)
        {
            if ((all >> index & 1) != 0)
            {
                held.Add(_items[index]);
            }
        }

        return held;
    }

    /// <summary>A store; a locked one is made by those processors only whose entry has the A bit that the program found.</summary>
    public void Store(int table, int index, uint value, bool isLocked, bool foundAccessed)
    {
        uint bit = AccessedBit(table, index);
        HashSet<Processor> after = [];
        foreach (Processor processor in _processors)
        {
            if (!isLocked || (processor.Accessed & bit) != 0 == foundAccessed)
            {
                after.Add(processor with { Accessed = (value & Scene.Accessed) != 0 ? processor.Accessed | bit : processor.Accessed & ~bit });
            }
        }

        _entries[table, index] = value & ~Scene.Accessed;
        _processors = after;
        Fill();
    }

    /// <summary>Every processor drops what must go.</summary>
    public void Drop(System.Predicate<Item> mustGo)
    {
        ulong going = 0;
        for (int index = 0; index < _items.Count; index++)
        {
            going |= mustGo(_items[index]) ? 1ul << index : 0;
        }

        HashSet<Processor> after = [];
        foreach (Processor processor in _processors)
        {
            after.Add(processor with { Held = processor.Held & ~going });
        }

        _processors = after;
        Fill();
    }

    private static uint AccessedBit(int table, int index) => 1u << ((table * UsedEntryCount) + index);

    private void Fill()
    {
        Stack<Processor> open = new(_processors);
        while (open.TryPop(out Processor processor))
        {
            for (int directory = 0; directory < UsedEntryCount; directory++)
            {
                uint entry = _entries[0, directory];
                if ((entry & 1) != 0)
                {
                    Branch(open, processor, AccessedBit(0, directory), new Item(false, directory * 4, entry >> 12, (entry & 2) != 0));
                }
            }

            for (int held = 0; held < _items.Count; held++)
            {
                Item upper = _items[held];
                for (int index = 0; !upper.IsTranslation && (processor.Held >> held & 1) != 0 && index < UsedEntryCount; index++)
                {
                    int table = (int)upper.Target - 1;
                    uint entry = _entries[table, index];
                    if ((entry & 1) != 0)
                    {
                        bool writable = upper.Writable && (entry & 2) != 0;
                        Branch(open, processor, AccessedBit(table, index), new Item(true, upper.Page + index, entry >> 12, writable));
                    }
                }
            }
        }
    }

    private void Branch(Stack<Processor> open, Processor from, uint accessed, Item item)
    {
        int index = _items.IndexOf(item);
        if (index < 0)
        {
            index = _items.Count;
            _items.Add(item);
        }

        Processor filled = new(from.Accessed | accessed, from.Held | 1ul << index);
        if (_processors.Add(filled))
        {
            open.Push(filled);
        }
    }
}
