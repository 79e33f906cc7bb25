// What gave a right takes it back: a run of pages that were all given the same, so that taking it from them needs no look at their entries.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>
/// Consecutive pages of one leaf table to which <see cref="RightsEditor{TFormat,TMemory}.TryGrant"/> added the same rights and from which it took none. It is good as long as nobody else edits their entries, and as the editor is.
/// </summary>
public readonly struct GrantedRun
{
    internal GrantedRun(nuint entry, nuint stop, nuint addend)
    {
        Entry = entry;
        Stop = stop;
        Addend = addend;
    }

    // The addresses of the first entry's word and of the word after the last one, and what was added to each.
    internal nuint Entry { get; }

    internal nuint Stop { get; }

    internal nuint Addend { get; }

    /// <summary>Whether there are no pages.</summary>
    public bool IsNone
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Addend == 0;
    }
}
