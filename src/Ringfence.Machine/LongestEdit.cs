// In images built with the audit: how many entries of page tables were written between two moments at which interrupts could be served.

#if AUDIT
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>The longest edit that no interrupt could interrupt. Whatever writes an entry is counted here, whoever asked for it.</summary>
public static class LongestEdit
{
    private static uint s_entryWrites;
#if FORMAT_PAE

    // 1 until the entry that was read last is written: both words of an edit are one write, and an edit begins with a read.
    private static uint s_firstWrite = 1;
#endif

    /// <summary>Entries of the longest one that has ended since <see cref="Reset"/>.</summary>
    public static uint EntryWrites { get; private set; }

    /// <summary>Forgets all that has been counted.</summary>
    public static void Reset()
    {
        s_entryWrites = 0;
        EntryWrites = 0;
    }

    /// <summary>Interrupts could be served a moment ago, or will be in a moment.</summary>
    public static void End()
    {
        if (s_entryWrites > EntryWrites)
        {
            EntryWrites = s_entryWrites;
        }

        s_entryWrites = 0;
    }

#if FORMAT_PAE
    /// <summary>A word of an entry is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void CountEntryWrite()
    {
        s_entryWrites += s_firstWrite;
        s_firstWrite = 0;
    }

    /// <summary>An entry is read: what is written next is another edit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void EndEntryWrite() => s_firstWrite = 1;
#else
    /// <summary>An entry is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void CountEntryWrite() => s_entryWrites++;
#endif
}
#endif
