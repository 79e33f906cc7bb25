// One small mistake in the source, and the words by which it is known from one run to the next.

namespace Ringfence.Mutation.Generation;

/// <summary>A mutant.</summary>
/// <param name="Number">By which it is switched on; 1 or more.</param>
/// <param name="MemberNumber">The member that it is in.</param>
/// <param name="Operator">The kind of mistake.</param>
/// <param name="IsDomainSpecific">Whether it is a mistake of this domain.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Name">What was changed where, without the line, so that a change elsewhere in the file leaves it as it is.</param>
internal sealed record Mutant(int Number, int MemberNumber, string Operator, bool IsDomainSpecific, int Line, MutantName Name);

/// <summary>What names a mutant in the list of those that can't be noticed.</summary>
/// <param name="File">The file, from the repository's root.</param>
/// <param name="Member">The member, as <c>Type.Member</c>.</param>
/// <param name="Before">What was changed, on one line.</param>
/// <param name="After">What it became.</param>
/// <param name="Occurrence">Which of those in the member with the same text, from 1.</param>
internal sealed record MutantName(string File, string Member, string Before, string After, int Occurrence)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File} {Member}{(Occurrence == 1 ? string.Empty : $" #{Occurrence}")}: {Before} => {After}";
}
