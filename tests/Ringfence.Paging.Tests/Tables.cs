// What several tests of tables need: large pages, a second set, the place of a leaf in memory, and a flush that notes when it came.

using System;
using System.Collections.Generic;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Testing;

internal static class Tables<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>A and D.</summary>
    public const ulong AccessedAndDirty = EntryBits.Accessed | EntryBits.Dirty;

    /// <summary>Pages in a large page of the smallest large size, which every format has.</summary>
    public static nuint LargeCount => TFormat.Level(1).EntrySpan.Value;

    /// <summary>The pages of a large page that tests use.</summary>
    public static PageRange LargePage => SimulatedMachine<TFormat>.Pages(2 * LargeCount, LargeCount);

    public static LeafSize<TFormat> LargeSize =>
        LeafSize<TFormat>.TryCreate(1, out LeafSize<TFormat> size) ? size : throw new InvalidOperationException("the format has no large pages");

    /// <summary>Maps <see cref="LargePage"/> by one leaf.</summary>
    public static void MapLarge(SimulatedMachine<TFormat> machine, LeafRights rights) => machine.Done(
        machine.Space.MapLarge(ref machine.Pool, ref machine.Account, LargePage, new FrameNumber(4 * LargeCount), rights, LargeSize));

    /// <summary>A set with a root from the pool, on an account of its own.</summary>
    public static AddressSpace<TFormat, SimulatedTableMemory> NewSet(SimulatedMachine<TFormat> machine)
    {
        TableAccount account = TableAccount.Unlimited;
        return machine.Pool.TryTake(ref account, out PhysicalAddress root)
            ? new AddressSpace<TFormat, SimulatedTableMemory>(new SimulatedTableMemory(machine.Memory), root)
            : throw new InvalidOperationException("no page for a root");
    }

    /// <summary>The same set, read under a walker that marks these entries.</summary>
    public static AddressSpace<TFormat, WalkerMemory> UnderWalker(
        SimulatedMachine<TFormat> machine, AddressSpace<TFormat, SimulatedTableMemory> set, params ulong[] marked)
    {
        Walker walker = new(machine.Memory, FormatGeometry<TFormat>.EntryByteCount);
        walker.Entries.UnionWith(marked);
        return new AddressSpace<TFormat, WalkerMemory>(new WalkerMemory(machine.Memory, walker), set.Root);
    }

    /// <summary>Where the leaf of a page is in memory.</summary>
    public static ulong LeafAddress(SimulatedMachine<TFormat> machine, AddressSpace<TFormat, SimulatedTableMemory> set, PageNumber page)
    {
        int level = set.Translate(page.Address).LeafLevel;
        ulong table = set.Root.Value;
        for (int above = FormatGeometry<TFormat>.RootLevel; above > level; above--)
        {
            table = Read(machine, Address(table, above, page)) & TFormat.TableAddressMask;
        }

        return Address(table, level, page);
    }

    /// <summary>Table pages of a set that it owns, the root left out.</summary>
    public static int CountOwn(AddressSpace<TFormat, SimulatedTableMemory> set)
    {
        OwnTables visitor = new([]);
        set.VisitTables(ref visitor);
        return visitor.Found.Count - 1;
    }

    private static ulong Address(ulong table, int level, PageNumber page) =>
        table + ((ulong)TFormat.Level(level).IndexOf(page).Value * (ulong)FormatGeometry<TFormat>.EntryByteCount);

    private static ulong Read(SimulatedMachine<TFormat> machine, ulong address) =>
        FormatGeometry<TFormat>.EntryByteCount == 4 ? machine.Memory.Read32(address) : machine.Memory.Read64(address);

    private readonly struct OwnTables(List<PhysicalAddress> found) : ITableVisitor
    {
        public List<PhysicalAddress> Found { get; } = found;

        public void Visit(PhysicalAddress table, int level, bool isShared)
        {
            if (!isShared)
            {
                Found.Add(table);
            }
        }
    }
}

/// <summary>Notes how many table pages were free when the flush came.</summary>
internal readonly struct OrderNotingCache<TFormat>(SimulatedMachine<TFormat> machine, List<nuint> availableAtFlush) : ITranslationCache
    where TFormat : struct, IPagingFormat
{
    private readonly SimulatedMachine<TFormat> _machine = machine;
    private readonly List<nuint> _availableAtFlush = availableAtFlush;

    public void FlushPage(PageNumber page) => Note();

    public void FlushAll() => Note();

    public void LoadRoot(TableAddress root) => Note();

    public void LoadContext(ContextRoot root) => Note();

    public void FlushEveryContext() => Note();

    private void Note() => _availableAtFlush.Add(_machine.Pool.Available.Value);
}
