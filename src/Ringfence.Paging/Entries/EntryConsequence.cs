// The one rule that turns a difference of bits into a duty to flush, for entries of every width.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>Decides what follows from a change of rights bits.</summary>
internal static class EntryConsequence
{
    /// <summary>
    /// Whether the change asks for a flush by its bits alone: a right was taken (Intel SDM vol. 3A 4.10.4.2), or it was given where that is no better.
    /// <see cref="EntryBits.ExecuteDisable"/> takes where it was clear, the other bits where they were set.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Narrows(ulong before, ulong liveDifference, EditTerms terms)
    {
        if (liveDifference == 0)
        {
            return false;
        }

        return terms.SpuriousFaultsAreFatal
            || ((before ^ EntryBits.ExecuteDisable) & liveDifference) != 0
            || (terms.SupervisorIsKeptFromUserPages && (~before & liveDifference & EntryBits.User) != 0);
    }

    /// <summary>The A bit, where the edit is to clear it: it takes rights, A is set, and the flush that follows makes a clear A true again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong AccessedToClear(ulong before, bool narrows, EditTerms terms) =>
        narrows && terms.HoldsOnlyAccessed ? before & EntryBits.Accessed : 0;

    /// <summary>
    /// Whether a translation that a processor may hold must go after a locked operation that found the entry like this: not when its A bit was clear and the processor promises to hold nothing then.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MustFlush(bool narrows, ulong found, EditTerms terms) =>
        narrows && !(terms.HoldsOnlyAccessed && (found & EntryBits.Accessed) == 0);
}
