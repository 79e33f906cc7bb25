// Breadth first through all sequences of operations: what is found first is a shortest one, and a state that was seen is not gone through again.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Verification.Exhaustive;

/// <summary>What a search went through.</summary>
/// <param name="StateCount">Distinct states, the first one included.</param>
/// <param name="TransitionCount">Operations carried out and judged.</param>
/// <param name="Violation">A shortest sequence that ends in something wrong, and what that is; null if there is none.</param>
internal readonly record struct SearchResult(long StateCount, long TransitionCount, string? Violation);

/// <summary>A search from one first state.</summary>
internal static class StateSearch
{
    // An operation is a byte of a path.
    private const int LongestPath = 8;

    /// <summary>Goes through all sequences up to that many operations.</summary>
    /// <param name="first">The state to begin with.</param>
    /// <param name="length">Operations at most, up to 8.</param>
    /// <param name="progress">Told the length, states and transitions so far whenever a length is done.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static SearchResult Run(ToyWorld first, int length, Action<int, long, long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LongestPath);
        VisitedStates visited = new();
        visited.Add(first.Digest());
        List<ulong> frontier = [0];
        long transitions = 0;
        for (int depth = 0; depth < length && frontier.Count != 0; depth++)
        {
            bool isLast = depth + 1 == length;
            ConcurrentBag<List<ulong>> next = [];
            ConcurrentBag<string> violations = [];
            ParallelOptions options = new() { CancellationToken = cancellationToken };
            Parallel.ForEach(Partitioner.Create(0, frontier.Count, Math.Clamp(frontier.Count / 64, 1, 4096)), options, range =>
            {
                List<ulong> found = [];
                long done = 0;
                for (int index = range.Item1; index < range.Item2; index++)
                {
                    ToyWorld world = Replay(first, frontier[index], depth);
                    for (int operation = 0; operation < world.Alphabet.Count; operation++)
                    {
                        ToyWorld after = world.Clone();
                        ulong path = frontier[index] | ((ulong)operation << (8 * depth));
                        string? violation = after.Do(operation);
                        done++;
                        if (violation is not null)
                        {
                            // The rest of this length is gone through all the same: what is found must not depend on which thread is first.
                            violations.Add($"{Name(first, path, depth + 1)}: {violation}");
                            continue;
                        }

                        if (visited.Add(after.Digest()) && !isLast)
                        {
                            found.Add(path);
                        }
                    }
                }

                Interlocked.Add(ref transitions, done);
                next.Add(found);
            });
            if (!violations.IsEmpty)
            {
                return new SearchResult(visited.Count, transitions, violations.Min(StringComparer.Ordinal));
            }

            progress?.Invoke(depth + 1, visited.Count, transitions);
            frontier = [.. next.SelectMany(static paths => paths)];
        }

        return new SearchResult(visited.Count, transitions, null);
    }

    private static ToyWorld Replay(ToyWorld first, ulong path, int length)
    {
        ToyWorld world = first.Clone();
        for (int step = 0; step < length; step++)
        {
            if (world.Do((int)(path >> (8 * step)) & 0xFF) is { } violation)
            {
                throw new InvalidOperationException($"the same sequence ends differently when it is repeated: {violation}");
            }
        }

        return world;
    }

    private static string Name(ToyWorld first, ulong path, int length) =>
        string.Join("; ", Enumerable.Range(0, length).Select(step => first.Alphabet[(int)(path >> (8 * step)) & 0xFF]));

    /// <summary>Digests in many sets, so that threads seldom wait for each other.</summary>
    private sealed class VisitedStates
    {
        private readonly HashSet<UInt128>[] _parts = [.. Enumerable.Range(0, 64).Select(static _ => new HashSet<UInt128>())];

        public long Count => _parts.Sum(static part => (long)part.Count);

        public bool Add(UInt128 digest)
        {
            HashSet<UInt128> part = _parts[(int)(digest & 63)];
            lock (part)
            {
                return part.Add(digest);
            }
        }
    }
}
