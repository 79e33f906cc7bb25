// The checkout the command works on: where things are in it and what counts as the source of what.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Ringfence.Tool.Benchmarks;

namespace Ringfence.Tool;

/// <summary>A checkout of the repository.</summary>
/// <param name="Root">Its top folder.</param>
public sealed record Repository(string Root)
{
    /// <summary>The variable through which the front-door script names the checkout it belongs to.</summary>
    public const string RootVariable = "RINGFENCE_ROOT";

    /// <summary>The host program that carries out long verifications.</summary>
    public const string VerificationName = "Ringfence.Verification";

    /// <summary>The host program that mutates the library and judges its tests by it.</summary>
    public const string MutationName = "Ringfence.Mutation";

    private const string BenchFolder = "bench";
    private const string PagingBenchFolder = "Paging";
    private const string PagingBenchName = "Ringfence.Paging.Benchmarks";

    private static readonly string[] s_projectFolders = ["src", "samples", "tests", BenchFolder];

    // Neither reaches an image, so that work on them does not make images stale.
    private static readonly string[] s_hostOnlySources = ["Ringfence.Tool", "Ringfence.Emulation"];

    /// <summary>Where the command keeps what it must remember between runs.</summary>
    public string StateFolder => Path.Combine(Root, "artifacts", "ringfence");

    /// <summary>The solution of everything that builds on the host.</summary>
    public string Solution => Path.Combine(Root, "Ringfence.slnx");

    /// <summary>Finds the checkout: the one the script named, or the one that holds this program.</summary>
    /// <exception cref="ToolException">There is none.</exception>
    public static Repository Find()
    {
        string? root = Environment.GetEnvironmentVariable(RootVariable);
        if (!string.IsNullOrEmpty(root))
        {
            return Directory.Exists(root)
                ? new(Path.GetFullPath(root))
                : throw ToolException.Failure($"{RootVariable} names '{root}', which is no folder");
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Ringfence.slnx")))
            {
                return new(folder.FullName);
            }
        }

        throw ToolException.Failure("this program lies in no checkout of Ringfence; run it as ./ringfence");
    }

    /// <summary>The names of the samples, in order.</summary>
    public IReadOnlyList<string> ListSamples()
    {
        string samples = Path.Combine(Root, "samples");
        return Directory.Exists(samples)
            ? [.. Directory.EnumerateDirectories(samples)
                .Select(static folder => Path.GetFileName(folder))
                .Where(name => File.Exists(SampleProject(name)))
                .Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>The project file of a sample.</summary>
    public string SampleProject(string name) => Path.Combine(Root, "samples", name, name + ".csproj");

    /// <summary>The file in which a sample says what can be done with it; null if there is no such sample or it says nothing.</summary>
    public string? FindSampleHelp(string name)
    {
        string path = Path.Combine(Root, "samples", name, "help.txt");
        return ListSamples().Contains(name) && File.Exists(path) ? path : null;
    }

    /// <summary>A sample's project.</summary>
    /// <exception cref="ToolException">There is no such sample; the message names those there are.</exception>
    public ImageProject FindSample(string name)
    {
        IReadOnlyList<string> samples = ListSamples();
        if (samples.Contains(name))
        {
            return new(name, SampleProject(name), ImageSources());
        }

        string known = samples.Count == 0 ? "there are none" : "samples are " + string.Join(", ", samples);
        throw ToolException.Usage($"unknown sample '{name}'; {known}");
    }

    /// <summary>The figures that measurements are compared with.</summary>
    public string BaselineFile => Path.Combine(Root, BenchFolder, "baseline.json");

    /// <summary>The figures that are kept: what was measured when somebody last had a reason to store it.</summary>
    public string FiguresFile => Path.Combine(Root, BenchFolder, "figures.json");

    /// <summary>The document that shows the figures that are kept.</summary>
    public string FiguresDocument => Path.Combine(Root, "SPECIFICATION.md");

    /// <summary>The picture of page tables and switches under each strategy, in the README.</summary>
    public string ChartFile => Path.Combine(Root, "docs", "strategies.svg");

    /// <summary>The project of everything that is measured; of its images the one that measures operations stands for all.</summary>
    public ImageProject BenchProject() =>
        new(BenchRun.OperationsImage, Path.Combine(Root, BenchFolder, "BenchImages.csproj"), [.. ImageSources(), .. BenchSources().Where(static path => Path.GetFileName(path) != PagingBenchFolder)]);

    /// <summary>The project of the program that times edits of page tables on the host.</summary>
    public string PagingBenchProject => Path.Combine(Root, BenchFolder, PagingBenchFolder, PagingBenchName + ".csproj");

    /// <summary>That program, built.</summary>
    public string PagingBenchAssembly => BuiltAssembly(PagingBenchName);

    /// <summary>Files and folders that it may be built from.</summary>
    public IEnumerable<string> PagingBenchSources() =>
        [.. Tree("src/Ringfence.Paging"), .. Tree("src/Ringfence.CoreLib"), .. Tree($"{BenchFolder}/{PagingBenchFolder}"), .. RootFiles()];

    /// <summary>The project file of a project under <c>tests</c>.</summary>
    public string TestProject(string name) => Path.Combine(Root, "tests", name, name + ".csproj");

    /// <summary>The test projects, in order: every <c>tests/*.Tests</c> with a project file of that name.</summary>
    public IReadOnlyList<string> ListTestProjects()
    {
        string tests = Path.Combine(Root, "tests");
        return Directory.Exists(tests)
            ? [.. Directory.EnumerateDirectories(tests, "*.Tests")
                .Select(static folder => Path.GetFileName(folder))
                .Where(name => File.Exists(Path.Combine(tests, name, name + ".csproj")))
                .Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>
    /// Pairs of project files with one name. The shared artifacts folder keeps outputs by project name, so that such projects overwrite each other's.
    /// </summary>
    public IReadOnlyList<(string First, string Second)> FindNameClashes() =>
        [.. s_projectFolders
            .SelectMany(folder => Tree(folder))
            .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path))
            .Order(StringComparer.Ordinal)
            .GroupBy(static path => Path.GetFileName(path), StringComparer.OrdinalIgnoreCase)
            .Where(static group => group.Count() > 1)
            .Select(static group => (group.First(), group.ElementAt(1)))];

    /// <summary>The built assembly of a project under <c>tests</c>.</summary>
    public string TestAssembly(string name) => BuiltAssembly(name);

    /// <summary>Files and folders that an image may be built from. Coarse: an entry too many costs a build that finds nothing to do.</summary>
    public IEnumerable<string> ImageSources() =>
        [.. Children("src").Where(static path => !s_hostOnlySources.Contains(Path.GetFileName(path))), .. Tree("samples"), .. Tree("eng"), .. RootFiles()];

    /// <summary>Files and folders that any test may be built from.</summary>
    public IEnumerable<string> TestSources() =>
        [.. Tree("src"), .. Tree("tests"), .. Tree("samples"), .. BenchSources(), .. Tree("eng"), .. RootFiles()];

    private string BuiltAssembly(string name) => Path.Combine(Root, "artifacts", "bin", name, "release", name + ".dll");

    // The figures are data for the tool, and replaced by it.
    private IEnumerable<string> BenchSources() => Children(BenchFolder).Where(static path => Path.GetExtension(path) != ".json");

    // Of the JSON files only the one that chooses the SDK: others may be results that a command was asked to leave here.
    private IEnumerable<string> RootFiles() => Directory.EnumerateFiles(Root).Where(
        static path => Path.GetExtension(path) is ".props" or ".targets" or ".slnx" or ".editorconfig" || Path.GetFileName(path) == "global.json");

    private IEnumerable<string> Tree(string folder)
    {
        string path = Path.Combine(Root, folder);
        return Directory.Exists(path) ? [path] : [];
    }

    private IEnumerable<string> Children(string folder)
    {
        string path = Path.Combine(Root, folder);
        return Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path) : [];
    }
}
