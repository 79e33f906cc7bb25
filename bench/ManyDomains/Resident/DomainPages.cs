// A page for each domain, in which its thread leaves what it measured. The supervisor reads it through the kernel's view.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ringfence.Bench.ManyDomains;

/// <summary>The memory of one domain.</summary>
[StructLayout(LayoutKind.Sequential, Size = 4096)]
internal struct DomainPage
{
    /// <summary>Time stamp before the first round of the last thread that ran here.</summary>
    public ulong StartStamp;

    /// <summary>Time stamp after its last round.</summary>
    public ulong EndStamp;
}

/// <summary>The pages of all domains.</summary>
[InlineArray(Count)]
internal struct DomainPages
{
    /// <summary>As many as there can be domains to be measured.</summary>
    public const int Count = 32;

    private DomainPage _first;
}

/// <summary>A thread's argument: its domain's place among the pages, and how often it yields.</summary>
internal static class ResidentArgument
{
    private const int RoundShift = 8;

    /// <summary>Both in one.</summary>
    public static nuint Of(int index, int rounds) => ((nuint)(uint)rounds << RoundShift) | (uint)index;

    /// <summary>The domain's place.</summary>
    public static int Index(nuint argument) => (int)(argument & ((1 << RoundShift) - 1));

    /// <summary>How often to yield.</summary>
    public static int Rounds(nuint argument) => (int)(argument >> RoundShift);
}
