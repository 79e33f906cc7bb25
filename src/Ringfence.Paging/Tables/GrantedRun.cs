// What gave a right takes it back: a run of pages that were all given the same, so that taking it from them needs no look at their entries.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Consecutive pages of one leaf table to which <see cref="RightsEditor{TFormat,TMemory}.TryGrant"/> added the same rights and from which it took none. It is good as long as nobody else edits their entries, and as the editor is. The default
/// value has no pages.
/// </summary>
public struct GrantedRun
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal GrantedRun(nuint entry, nuint count, nuint addend, nuint reach)
    {
        Entry = entry;
        Count = count;
        Addend = addend;
        Reach = reach;
    }

    // The address of the first page's entry, and what was added to each.
    internal nuint Entry { get; set; }

    internal nuint Addend { get; }

    /// <summary>How many places the leaf table has for as many pages.</summary>
    public nuint Reach { get; }

    /// <summary>How many pages.</summary>
    public nuint Count { get; private set; }

    internal void Clear() => Count = 0;
}
