// Every verification of the host program. A new one is a class and a line here.

using System.Collections.Generic;
using System.IO;
using System.Threading;
using Ringfence.Verification.Equivalence;
using Ringfence.Verification.Exhaustive;
using Ringfence.Verification.Guests;
using Ringfence.Verification.Oracles;
using Ringfence.Verification.Randomised;

namespace Ringfence.Verification;

/// <summary>Something long that is either true or not.</summary>
public interface IVerification
{
    /// <summary>The word that names it on the command line.</summary>
    string Name { get; }

    /// <summary>Runs it; the last line says how much was verified.</summary>
    /// <param name="output">Receives progress and figures.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it holds.</returns>
    bool Run(TextWriter output, CancellationToken cancellationToken);
}

/// <summary>The verifications.</summary>
public static class Verifications
{
    /// <summary>All of them, in the order in which they are run.</summary>
    public static IReadOnlyList<IVerification> All { get; } =
    [
        new OracleVerification(), new ExhaustiveVerification(), new RandomVerification(), new EquivalenceVerification(),
        GuestVerification.UnderQemu, GuestVerification.UnderBochs,
    ];
}
