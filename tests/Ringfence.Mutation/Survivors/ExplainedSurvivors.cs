// Mutants that no test can notice, each with the reason. The list is held against the run both ways.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Ringfence.Mutation.Generation;
using Ringfence.Mutation.Running;

namespace Ringfence.Mutation.Survivors;

/// <summary>The list in <c>explained.txt</c>: a line that begins in the first column is a reason, the indented ones below it are the names of mutants.</summary>
internal sealed class ExplainedSurvivors
{
    private readonly Dictionary<string, string> _reasons = [];

    /// <summary>Reads the list that is built into this program.</summary>
    /// <exception cref="InvalidDataException">A mutant has no reason, or stands there twice.</exception>
    public ExplainedSurvivors()
    {
        using Stream stream = typeof(ExplainedSurvivors).Assembly.GetManifestResourceStream("explained.txt")!;
        using StreamReader reader = new(stream);
        string reason = string.Empty;
        while (reader.ReadLine() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (!char.IsWhiteSpace(line[0]))
            {
                reason = line.Trim();
            }
            else if (reason.Length == 0 || !_reasons.TryAdd(line.Trim(), reason))
            {
                throw new InvalidDataException($"without a reason, or there twice: {line.Trim()}");
            }
        }
    }

    /// <summary>Why a mutant can't be noticed; null if it must be.</summary>
    public string? ReasonOf(Mutant mutant) => _reasons.GetValueOrDefault(mutant.Name.ToString());

    /// <summary>What is wrong with the list, by a run of the mutants: names of mutants that were noticed, or that don't exist.</summary>
    public IEnumerable<string> FindRefuted(IReadOnlyList<JudgedMutant> judged)
    {
        Dictionary<string, JudgedMutant> known = judged.ToDictionary(static result => result.Mutant.Name.ToString(), StringComparer.Ordinal);
        foreach (string name in _reasons.Keys)
        {
            if (!known.TryGetValue(name, out JudgedMutant? result))
            {
                yield return $"no such mutant any more: {name}";
            }
            else if (result.Verdict.Killer is { } killer)
            {
                yield return $"noticed all the same, by {killer.Name} ({result.Verdict.Ending}): {name}";
            }
        }
    }
}
