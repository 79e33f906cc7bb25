// Compiled into the mutated library: which mutant is switched on, what was run, and how long.

using System;

namespace Ringfence.Paging;

/// <summary>Set by whoever runs the tests.</summary>
public static class ActiveMutant
{
    /// <summary>The mutant that is switched on; 0 for the library as it is.</summary>
    public static int Number;

    /// <summary>Which members were entered.</summary>
    public static bool[] Entered = [];

    /// <summary>Turns of loops of the library so far.</summary>
    public static long Turns;

    /// <summary>More turns than this are an endless loop.</summary>
    public static long TurnLimit = long.MaxValue;

    /// <summary>Receives what a mutant doesn't want to owe.</summary>
    public static FlushObligation DroppedObligation;

    internal static FlushSet DroppedSet;

    /// <summary>Called on entry of every member that has mutants.</summary>
    public static int In(int member)
    {
        Entered[member] = true;
        return Number;
    }

    /// <summary>Called in every turn of every loop: a count and no clock decides, so a busy machine changes nothing.</summary>
    public static void Turn()
    {
        if (++Turns > TurnLimit)
        {
            throw new InvalidOperationException("endless loop");
        }
    }
}

/// <summary>Operations that must be locked, made of an ordinary read and an ordinary store.</summary>
internal static class UnlockedMemory
{
    public static uint ExchangeAdd32<TMemory>(TMemory memory, TableAddress table, int index, uint addend)
        where TMemory : struct, ITableMemory
    {
        uint before = memory.Read32(table, index);
        memory.Write32(table, index, unchecked(before + addend));
        return before;
    }

    public static ulong ExchangeAdd64<TMemory>(TMemory memory, TableAddress table, int index, ulong addend)
        where TMemory : struct, ITableMemory
    {
        ulong before = memory.Read64(table, index);
        memory.Write64(table, index, unchecked(before + addend));
        return before;
    }

    public static uint CompareExchange32<TMemory>(TMemory memory, TableAddress table, int index, uint value, uint comparand)
        where TMemory : struct, ITableMemory
    {
        uint before = memory.Read32(table, index);
        if (before == comparand)
        {
            memory.Write32(table, index, value);
        }

        return before;
    }

    public static ulong CompareExchange64<TMemory>(TMemory memory, TableAddress table, int index, ulong value, ulong comparand)
        where TMemory : struct, ITableMemory
    {
        ulong before = memory.Read64(table, index);
        if (before == comparand)
        {
            memory.Write64(table, index, value);
        }

        return before;
    }
}
