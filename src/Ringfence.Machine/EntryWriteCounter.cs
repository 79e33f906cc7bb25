// In images built to count, or with the audit: how many entries of page tables have been written. Whatever writes one is counted, whoever asked for it.

#if COUNT || AUDIT
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>Counts writes of page-table entries.</summary>
internal static class EntryWriteCounter
{
#if FORMAT_PAE
    // 1 until the entry that was read last is written. No branch: what counting costs is part of the time with interrupts off.
    private static uint s_firstWrite = 1;

#endif
    /// <summary>Entries written since boot; it wraps.</summary>
    public static uint SinceBoot { get; private set; }

    /// <summary>A page of entries is written.</summary>
#if FORMAT_IA32
    public static void CountPage() => SinceBoot += 1024;
#else
    public static void CountPage() => SinceBoot += 512;
#endif

#if FORMAT_PAE
    /// <summary>
    /// A word of an entry is added to, which needs no read before: the low word is an entry, and the high word comes only with the low one, or after it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CountAddition(nuint word) => SinceBoot += ~((uint)word >> 2) & 1;

    /// <summary>A word of an entry is written: both words of an edit are one write, and an edit begins with a read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count()
    {
        SinceBoot += s_firstWrite;
        s_firstWrite = 0;
    }

    /// <summary>An entry is read: what is written next is another edit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BeginEntry() => s_firstWrite = 1;
#else
    /// <summary>An entry is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count() => SinceBoot++;

    /// <summary>An entry is added to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CountAddition(nuint word) => SinceBoot++;
#endif
}
#endif
