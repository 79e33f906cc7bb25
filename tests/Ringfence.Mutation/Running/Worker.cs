// The process in which mutants run: it may hang or die, and another one takes its place.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Ringfence.Mutation.Running;

/// <summary>Answers requests, one a line, until there are no more.</summary>
internal sealed class Worker
{
    /// <summary>The verb of this program that starts one.</summary>
    public const string Verb = "worker";

    /// <summary>Asks the survey for the searches, too.</summary>
    public const string WithSearches = "all";

    /// <summary>The test assemblies, each in a folder of its name.</summary>
    public static readonly string[] TestAssemblies = ["Ringfence.Paging.Tests", "Ringfence.Domains.Tests"];

    private readonly IReadOnlyList<TestCase> _tests;
    private readonly FieldInfo _number;
    private readonly FieldInfo _entered;
    private readonly FieldInfo _turns;
    private readonly FieldInfo _turnLimit;
    private readonly TextReader _requests;
    private readonly TextWriter _answers;
    private readonly int _memberCount;

    private Worker(string mutatedFolder, string binFolder, int memberCount, TextReader requests, TextWriter answers)
    {
        List<string> testFolders = [.. TestAssemblies.Select(name => Path.Combine(binFolder, name, "release"))];
        MutatedContext context = new([mutatedFolder, .. testFolders]);
        List<Assembly> assemblies = [.. TestAssemblies.Select(name => context.LoadFromAssemblyName(new AssemblyName(name)))];
        Type active = context.LoadFromAssemblyName(new AssemblyName("Ringfence.Paging")).GetType("Ringfence.Paging.ActiveMutant", throwOnError: true)!;
        _number = active.GetField("Number")!;
        _entered = active.GetField("Entered")!;
        _turns = active.GetField("Turns")!;
        _turnLimit = active.GetField("TurnLimit")!;
        _memberCount = memberCount;
        _requests = requests;
        _answers = answers;
        _entered.SetValue(null, new bool[memberCount]);
        TestCase.InitialiseStatics(assemblies);
        _tests = TestCase.Find(assemblies);
    }

    /// <summary>Runs one on standard input and output.</summary>
    public static void Run(string mutatedFolder, string binFolder, int memberCount)
    {
        using TextWriter answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        Console.SetOut(TextWriter.Null);
        new Worker(mutatedFolder, binFolder, memberCount, Console.In, answers).Serve();
    }

    private void Serve()
    {
        while (_requests.ReadLine() is { } request)
        {
            string[] words = request.Split(' ');
            if (words[0] == "survey")
            {
                Survey(withSearches: words[1] == WithSearches);
            }
            else
            {
                Judge(Number(words[1]), words[2]);
            }
        }
    }

    // Each test, or each that is no search, on the library as it is: what it enters, and how long it takes.
    private void Survey(bool withSearches)
    {
        for (int index = 0; index < _tests.Count; index++)
        {
            if (_tests[index].IsSearch && !withSearches)
            {
                continue;
            }

            bool[] entered = new bool[_memberCount];
            _entered.SetValue(null, entered);
            _turns.SetValue(null, 0L);
            Stopwatch watch = Stopwatch.StartNew();
            Exception? failure = Try(_tests[index]);
            string members = string.Join(',', Enumerable.Range(0, _memberCount).Where(member => entered[member]));
            _answers.WriteLine($"test\t{index}\t{_tests[index].IsSearch}\t{_tests[index].Name}\t{watch.ElapsedMilliseconds}\t{_turns.GetValue(null)}\t{members}\t{failure?.Message.ReplaceLineEndings(" ")}");
        }

        _answers.WriteLine("end");
    }

    // Tests in the order given, each with the turns it may take, until one fails.
    private void Judge(int mutant, string tests)
    {
        foreach (string test in tests.Split(','))
        {
            string[] parts = test.Split(':');
            int index = Number(parts[0]);
            _answers.WriteLine($"at\t{index}");
            _turns.SetValue(null, 0L);
            _turnLimit.SetValue(null, long.Parse(parts[1], CultureInfo.InvariantCulture));
            _number.SetValue(null, mutant);
            Exception? failure = Try(_tests[index]);
            _number.SetValue(null, 0);
            _turnLimit.SetValue(null, long.MaxValue);
            if (failure is not null)
            {
                _answers.WriteLine($"killed\t{index}");
                return;
            }
        }

        _answers.WriteLine("survived");
    }

#pragma warning disable CA1031 // Whatever a test throws is its failure.
    private static Exception? Try(TestCase test)
    {
        try
        {
            test.Run();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
#pragma warning restore CA1031

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
