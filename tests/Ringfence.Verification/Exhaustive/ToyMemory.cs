// How the library reaches the tables of the world that a thread is working on. Without a reference in it, so that whatever keeps table memory can be copied to another
// world and compared byte by byte.

using System;
using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Verification.Formats;

namespace Ringfence.Verification.Exhaustive;

/// <summary>Table memory of the world that <see cref="Enter"/> named last on this thread.</summary>
internal readonly struct ToyMemory : ITableMemory
{
    [ThreadStatic]
    private static PhysicalMemory? t_memory;

    [ThreadStatic]
    private static bool t_storesPlainly;

    private static PhysicalMemory Memory => t_memory ?? throw new InvalidOperationException("no world was entered");

    /// <summary>From now on this thread works on this memory.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="storesPlainly">A mistake for the checks to find: what should be one locked operation is a read and a store.</param>
    public static void Enter(PhysicalMemory memory, bool storesPlainly = false)
    {
        t_memory = memory;
        t_storesPlainly = storesPlainly;
    }

    /// <summary>Fills a table.</summary>
    public static void Fill(PhysicalAddress table, uint value)
    {
        for (int index = 0; index < ToyFormat.Level(0).EntryCount; index++)
        {
            Memory.Write32(table.Value + ((ulong)index * 4), value);
        }
    }

    public uint Read32(TableAddress table, int index) => Memory.Read32(Address(table, index));

    public void Write32(TableAddress table, int index, uint value) => Memory.Write32(Address(table, index), value);

    public uint ExchangeAdd32(TableAddress table, int index, uint addend)
    {
        if (!t_storesPlainly)
        {
            return Memory.ExchangeAdd32(Address(table, index), addend);
        }

        uint before = Read32(table, index);
        Write32(table, index, unchecked(before + addend));
        return before;
    }

    public uint CompareExchange32(TableAddress table, int index, uint value, uint comparand) =>
        Memory.CompareExchange32(Address(table, index), value, comparand);

    public ulong Read64(TableAddress table, int index) => throw new NotSupportedException();

    public void Write64(TableAddress table, int index, ulong value) => throw new NotSupportedException();

    public ulong ExchangeAdd64(TableAddress table, int index, ulong addend) => throw new NotSupportedException();

    public ulong CompareExchange64(TableAddress table, int index, ulong value, ulong comparand) => throw new NotSupportedException();

    public void Clear(TableAddress page) => Fill(new PhysicalAddress(page.Value), 0);

    public uint CopyTable(TableAddress source, TableAddress destination, EntryWidth width, uint marks)
    {
        uint lines = 0;
        for (int index = 0; index < ToyFormat.Level(0).EntryCount; index++)
        {
            uint entry = Read32(source, index);
            bool isPresent = (entry & (uint)EntryBits.Present) != 0;
            Write32(destination, index, isPresent ? entry | ((entry & marks) << TablePages.MarkShift) : 0);
            lines |= isPresent ? 1u << index : 0;
        }

        return lines;
    }

    private static ulong Address(TableAddress table, int index) => table.Value + ((ulong)index * 4);
}
