// The whole run: make the mutants, judge them, hold those that survive against the list of those that may.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Ringfence.Mutation.Generation;
using Ringfence.Mutation.Running;
using Ringfence.Mutation.Survivors;

namespace Ringfence.Mutation;

/// <summary>What became of the mutants of the library.</summary>
/// <param name="Total">How many were judged.</param>
/// <param name="Killed">How many of them a test noticed.</param>
/// <param name="Explained">How many of the others are in the list of those that can't be noticed.</param>
/// <param name="Complaints">Mutants that should have been noticed, and entries of the list that are wrong.</param>
public sealed record MutationOutcome(int Total, int Killed, int Explained, IReadOnlyList<string> Complaints)
{
    /// <summary>Whether each mutant was noticed or is explained, and no explanation is wrong.</summary>
    public bool Holds => Complaints.Count == 0;
}

/// <summary>Mutation of the paging library and of what decides about rights in the domains, judged by their tests.</summary>
public static class LibraryMutation
{
    /// <summary>The operator whose mutants are judged in every test run: each flush left out once.</summary>
    public static string FlushRemoval => new Operators.FlushRemoval().Name;

    private static readonly TimeSpan s_progressInterval = TimeSpan.FromSeconds(20);

    /// <summary>Judges mutants.</summary>
    /// <param name="output">Receives progress and each survivor.</param>
    /// <param name="filter">The name of an operator, or a part of a mutant's name; null for all mutants, and only then entries of the list are looked for in the run.</param>
    /// <param name="withSearches">Whether what all other tests let pass is also searched for, for seconds each.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidOperationException">A test fails without a mutant.</exception>
    public static MutationOutcome Run(TextWriter output, string? filter, bool withSearches, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        long began = Stopwatch.GetTimestamp();
        string root = LibrarySource.FindRoot();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ringfence-mutation-");
        try
        {
            ExplainedSurvivors list = new();
            MutatedLibrary library = MutatedLibrary.Create(root, folder.FullName, mutant => IsMeant(mutant, filter));
            output.WriteLine($"made in {Stopwatch.GetElapsedTime(began).TotalSeconds:N0} s");
            IReadOnlyList<Mutant> mutants = library.Mutants;
            output.WriteLine($"{mutants.Count:N0} mutants, {mutants.Count(static mutant => mutant.IsDomainSpecific):N0} of them of this domain; {library.RejectedCount:N0} more are no C#");
            MutationRun run = new(root, library, withSearches, cancellationToken);
            output.WriteLine($"{run.Tests.Count:N0} tests, {run.Tests.Sum(static test => test.Milliseconds) / 1000.0:N1} s without a mutant");
            IReadOnlyList<JudgedMutant> judged = run.Judge(mutants, mutant => list.ReasonOf(mutant) is null, new Progress(output, mutants.Count, list).Tell, cancellationToken);
            return Summarise(output, judged, list, isComplete: filter is null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsMeant(Mutant mutant, string? filter) =>
        filter is null || mutant.Operator == filter || mutant.Name.ToString().Contains(filter, StringComparison.Ordinal);

    private static MutationOutcome Summarise(TextWriter output, IReadOnlyList<JudgedMutant> judged, ExplainedSurvivors list, bool isComplete)
    {
        List<JudgedMutant> survivors = [.. judged.Where(static result => result.Verdict.Killer is null)];
        List<Mutant> explained = [.. survivors.Select(static result => result.Mutant).Where(mutant => list.ReasonOf(mutant) is not null)];
        List<string> complaints =
        [
            .. survivors.Select(static result => result.Mutant).Where(mutant => list.ReasonOf(mutant) is null)
                .Select(static mutant => $"not noticed, and not explained: {mutant.Name}"),
            .. isComplete ? list.FindRefuted(judged) : [],
        ];
        foreach (IGrouping<string, JudgedMutant> group in judged.GroupBy(static result => result.Mutant.Operator))
        {
            output.WriteLine($"{group.Key,-26} {group.Count(static result => result.Verdict.Killer is not null),6:N0} of {group.Count(),6:N0} noticed");
        }

        foreach (IGrouping<string, Mutant> group in explained.GroupBy(mutant => list.ReasonOf(mutant)!))
        {
            output.WriteLine($"can't be noticed: {group.Key}");
            foreach (Mutant mutant in group)
            {
                output.WriteLine($"    line {mutant.Line}: {mutant.Name}");
            }
        }

        foreach (string complaint in complaints)
        {
            output.WriteLine(complaint);
        }

        return new MutationOutcome(judged.Count, judged.Count - survivors.Count, explained.Count, complaints);
    }

    /// <summary>A line now and then, and one for each survivor that is not explained.</summary>
    private sealed class Progress(TextWriter output, int total, ExplainedSurvivors list)
    {
        private readonly Lock _lock = new();
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private TimeSpan _told;
        private int _count;
        private int _killed;

        public void Tell(JudgedMutant result)
        {
            lock (_lock)
            {
                _count++;
                _killed += result.Verdict.Killer is null ? 0 : 1;
                if (result.Verdict.Killer is null && list.ReasonOf(result.Mutant) is null)
                {
                    output.WriteLine($"not noticed (line {result.Mutant.Line}, {result.Mutant.Operator}): {result.Mutant.Name}");
                }

                if (_watch.Elapsed - _told >= s_progressInterval)
                {
                    _told = _watch.Elapsed;
                    output.WriteLine($"{_count,6:N0} of {total:N0}, {_killed:N0} noticed, {_watch.Elapsed.TotalSeconds:N0} s");
                }
            }
        }
    }
}
