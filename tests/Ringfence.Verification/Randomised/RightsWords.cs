// What rights mean, in words of its own: the model must not ask the library whether the library is right.

using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Randomised;

/// <summary>The meaning of rights on one format.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class RightsWords<TFormat>
    where TFormat : struct, IPagingFormat
{
    private static bool CanForbidExecution => FormatGeometry<TFormat>.EntryByteCount == 8;

    /// <summary>Whether a page with these rights may be accessed.</summary>
    /// <param name="rights">The rights.</param>
    /// <param name="kind">The kind of access.</param>
    /// <param name="isUser">By user mode.</param>
    /// <param name="supervisorIsKept">SMEP and SMAP are on.</param>
    public static bool Allows(LeafRights rights, AccessKind kind, bool isUser, bool supervisorIsKept)
    {
        if (isUser ? !rights.IsUser : rights.IsUser && supervisorIsKept)
        {
            return false;
        }

        return kind == AccessKind.Read || (kind == AccessKind.Write ? rights.IsWritable : rights.IsExecutable || !CanForbidExecution);
    }

    /// <summary>Whether two rights have the same bits.</summary>
    public static bool AreAlike(LeafRights one, LeafRights other) =>
        one.IsUser == other.IsUser && one.IsWritable == other.IsWritable && (!CanForbidExecution || one.IsExecutable == other.IsExecutable);

    /// <summary>Whether a change makes a translation that is held wrong: it lets through what is forbidden now, or faults where nobody retries.</summary>
    public static bool AsksForFlush(LeafRights before, LeafRights after, EditTerms terms)
    {
        if (AreAlike(before, after))
        {
            return false;
        }

        bool takes = terms.SpuriousFaultsAreFatal;
        for (AccessKind kind = AccessKind.Read; kind <= AccessKind.Fetch; kind++)
        {
            foreach (bool isUser in new[] { false, true })
            {
                takes |= Allows(before, kind, isUser, terms.SupervisorIsKeptFromUserPages) && !Allows(after, kind, isUser, terms.SupervisorIsKeptFromUserPages);
            }
        }

        return takes;
    }
}
