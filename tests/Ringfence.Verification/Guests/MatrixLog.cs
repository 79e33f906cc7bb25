// Reads what the image AccessMatrix says on its console; the guest's AccessMatrixModule.cs and DifferenceLog.cs say what the lines are.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Ringfence.Verification.Guests;

/// <summary>What a run of the access matrix has said so far. Counts are those of complete blocks.</summary>
public sealed class MatrixLog
{
    private static readonly string[] s_accesses =
        ["user-read", "user-write", "user-fetch", "supervisor-read", "supervisor-write", "supervisor-fetch", "implicit-read", "implicit-read-AC"];

    private readonly Dictionary<MatrixClass, long> _predicted = [];
    private readonly Dictionary<(MatrixClass Class, string Difference), long> _differences = [];
    private readonly Dictionary<(MatrixClass Class, string Difference), string> _examples = [];
    private readonly List<string> _block = [];

    /// <summary>The processor as the guest found it; empty before it has said so.</summary>
    public string Processor { get; private set; } = string.Empty;

    /// <summary>States that were run.</summary>
    public long StateCount { get; private set; }

    /// <summary>Whether every state there is was run.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The last lines that are none of the matrix: a panic, for example.</summary>
    public string LastWords { get; private set; } = string.Empty;

    /// <summary>How many accesses of each class were predicted.</summary>
    public IReadOnlyDictionary<MatrixClass, long> Predicted => _predicted;

    /// <summary>How many of them differed, and in what.</summary>
    public IReadOnlyDictionary<(MatrixClass Class, string Difference), long> Differences => _differences;

    /// <summary>Takes a line in.</summary>
    /// <returns>Whether it completed a block.</returns>
    /// <exception cref="FormatException">The line begins like one of the matrix and isn't.</exception>
    public bool Read(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] words = line.Split(' ');
        switch (words[0])
        {
            case "@matrix" when words.Length == 5:
                Processor = $"{words[2]} address bits, {(words[3] == "1" ? "1 GiB pages" : "no 1 GiB pages")}";
                return false;
            case "@predicted" or "@difference":
                _block.Add(line);
                return false;
            case "@example" when words.Length > 5:
                _examples.TryAdd((new(words[1], words[2], Number(words[3])), words[4]), line);
                return false;
            case "@block" when words.Length == 4:
                _block.ForEach(Count);
                _block.Clear();
                StateCount += long.Parse(words[3], CultureInfo.InvariantCulture);
                return true;
            case "@end" when words.Length == 3:
                IsComplete = true;
                return false;
            case ['@', ..]:
                throw new FormatException($"no line of the access matrix: {line}");
            default:
                LastWords = LastWords.Length > 2000 ? line : $"{LastWords}{line}\n";
                return false;
        }
    }

    /// <summary>The first state in which a class differed so, as the guest wrote it.</summary>
    public string ExampleOf(MatrixClass matrixClass, string difference) =>
        _examples.TryGetValue((matrixClass, difference), out string? example) ? example : "no example";

    private void Count(string line)
    {
        string[] words = line.Split(' ');
        if (words[0] == "@difference" && words.Length == 6)
        {
            Add(_differences, (new(words[1], words[2], Number(words[3])), words[4]), words[5]);
        }
        else if (words[0] == "@predicted" && words.Length == 3 + s_accesses.Length)
        {
            for (int access = 0; access < s_accesses.Length; access++)
            {
                Add(_predicted, new(s_accesses[access], words[1], Number(words[2])), words[3 + access]);
            }
        }
        else
        {
            throw new FormatException($"no line of the access matrix: {line}");
        }
    }

    private static void Add<TKey>(Dictionary<TKey, long> counts, TKey key, string count)
        where TKey : notnull
    {
        long number = long.Parse(count, CultureInfo.InvariantCulture);
        if (number != 0)
        {
            counts[key] = counts.GetValueOrDefault(key) + number;
        }
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
