// `ringfence verify exhaustive`: every sequence up to length six.

using System;
using System.IO;
using System.Threading;

namespace Ringfence.Verification.Exhaustive;

/// <summary>The law holds after every sequence of listed operations on the toy geometry.</summary>
public sealed class ExhaustiveVerification : IVerification
{
    private const int PagingLength = 6;
    private const int DomainLength = 6;

    /// <inheritdoc/>
    public string Name => "exhaustive";

    /// <inheritdoc/>
    public bool Run(TextWriter output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        bool holds = true;
        foreach (bool holdsOnlyAccessed in new[] { false, true })
        {
            string processor = holdsOnlyAccessed ? "caches only what has A set" : "caches whatever it likes";
            foreach (bool isFilled in new[] { false, true })
            {
                string first = isFilled ? "from filled tables" : "from empty tables";
                holds &= Search(output, $"paging, {first}, a processor that {processor}", new PagingWorld(holdsOnlyAccessed, isFilled), PagingLength, cancellationToken);
            }

            holds &= Search(output, $"domains, a processor that {processor}", new DomainWorld(holdsOnlyAccessed), DomainLength, cancellationToken);
        }

        return holds;
    }

    private static bool Search(TextWriter output, string name, ToyWorld first, int length, CancellationToken cancellationToken)
    {
        long start = Environment.TickCount64;
        SearchResult result = StateSearch.Run(first, length, Tell, cancellationToken);
        output.WriteLine(result.Violation is { } violation
            ? $"{name}: {violation}"
            : $"{name}: {first.Alphabet.Count} operations, all sequences up to {length}: {result.StateCount:N0} states, {result.TransitionCount:N0} transitions");
        return result.Violation is null;

        void Tell(int depth, long states, long transitions) => output.WriteLine(
            $"{name}: up to {depth}: {states,12:N0} states, {transitions,13:N0} transitions, {(Environment.TickCount64 - start) / 1000.0,7:N1} s");
    }
}
