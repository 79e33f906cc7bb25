// Every mutant against the tests that enter its member, the quickest and the most successful ones first.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Mutation.Generation;

namespace Ringfence.Mutation.Running;

/// <summary>A mutant and what became of it.</summary>
internal sealed record JudgedMutant(Mutant Mutant, Verdict Verdict);

/// <summary>Runs mutants in worker processes.</summary>
internal sealed class MutationRun
{
    private readonly MutatedLibrary _library;
    private readonly string[] _arguments;
    private readonly IReadOnlyList<SurveyedTest> _tests;

    // How many mutants of a member a test has noticed.
    private readonly ConcurrentDictionary<(int Member, int Test), int> _successes = new();

    /// <summary>Runs the tests on the library as it is, to learn what they enter.</summary>
    /// <exception cref="InvalidOperationException">A test fails without a mutant.</exception>
    public MutationRun(string root, MutatedLibrary library, bool withSearches, CancellationToken cancellationToken)
    {
        _library = library;
        string bin = Path.Combine(root, "artifacts", "bin");
        _arguments = [Worker.Verb, library.Folder, bin, library.MemberCount.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        Program = Path.Combine(bin, "Ringfence.Mutation", "release", "Ringfence.Mutation.dll");
        using WorkerProcess worker = new(Program, _arguments);
        _tests = worker.Survey(withSearches, cancellationToken);
    }

    /// <summary>The tests.</summary>
    public IReadOnlyList<SurveyedTest> Tests => _tests;

    private string Program { get; }

    /// <summary>Judges the mutants.</summary>
    /// <param name="mutants">Which.</param>
    /// <param name="isSearched">Whether the searches are made for a mutant that all else has let pass.</param>
    /// <param name="report">Told of each, from any thread.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IReadOnlyList<JudgedMutant> Judge(
        IReadOnlyList<Mutant> mutants, Func<Mutant, bool> isSearched, Action<JudgedMutant> report, CancellationToken cancellationToken)
    {
        ConcurrentQueue<Mutant> waiting = new(mutants);
        ConcurrentBag<JudgedMutant> judged = [];
        Parallel.For(0, Environment.ProcessorCount, new ParallelOptions { CancellationToken = cancellationToken }, _ =>
        {
            using WorkerProcess worker = new(Program, _arguments);
            while (waiting.TryDequeue(out Mutant? mutant))
            {
                JudgedMutant result = new(mutant, Judge(worker, mutant, isSearched(mutant), cancellationToken));
                judged.Add(result);
                report(result);
            }
        });
        return [.. judged.OrderBy(static result => result.Mutant.Number)];
    }

    private Verdict Judge(WorkerProcess worker, Mutant mutant, bool isSearched, CancellationToken cancellationToken)
    {
        List<SurveyedTest> tests =
        [
            .. _tests.Where(test => test.Members.Contains(mutant.MemberNumber) && (isSearched || !test.IsSearch))
                .OrderBy(static test => test.IsSearch)
                .ThenBy(test => (1 + test.Milliseconds) / (1.0 + _successes.GetValueOrDefault((mutant.MemberNumber, test.Index)))),
        ];
        if (tests.Count == 0)
        {
            return new Verdict(null, string.Empty);
        }

        Verdict verdict = worker.Judge(mutant.Number, tests, cancellationToken);
        if (verdict.Killer is { } killer)
        {
            _successes.AddOrUpdate((mutant.MemberNumber, killer.Index), 1, static (_, count) => count + 1);
        }

        return verdict;
    }
}
