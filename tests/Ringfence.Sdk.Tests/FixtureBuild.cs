// Builds images from the fixtures' assemblies in this process, in a folder of the test's own.

using System.Reflection;
using System.Text.Json;
using Ringfence.ImageBuilder;

namespace Ringfence.Sdk.Tests;

/// <summary>A request like the sound image's, to be changed and built.</summary>
internal sealed class FixtureBuild : IDisposable
{
    private readonly List<string> _lines;
    private readonly string _requestPath;

    private FixtureBuild(string format)
    {
        Folder = Directory.CreateTempSubdirectory("ringfence-sdk-").FullName;
        _lines = [.. File.ReadAllLines(Path.Combine(SoundFolder(format), "Sound.request"))];
        _requestPath = Path.Combine(Folder, "Sound.request");
        Set("output", Folder);
    }

    public static string RepositoryRoot { get; } =
        typeof(FixtureBuild).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static attribute => attribute.Key == "RepositoryRoot").Value!;

    public string Folder { get; }

    public string Image => Path.Combine(Folder, "Sound.elf");

    /// <summary>The map of the image that was built.</summary>
    public JsonElement Map => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "Sound.map.json"))).RootElement;

    /// <summary>Where the build left the sound image.</summary>
    public static string SoundFolder(string format) => Path.Combine(RepositoryRoot, "artifacts", "images", "Sound", format);

    /// <summary>The sound image's map.</summary>
    public static JsonElement SoundMap(string format) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SoundFolder(format), "Sound.map.json"))).RootElement;

    /// <summary>The assembly of a fixture.</summary>
    public static string AssemblyOf(string fixture, string pivot = "release") =>
        Path.Combine(RepositoryRoot, "artifacts", "bin", fixture, pivot, fixture + ".dll");

    /// <summary>The line of a fixture's source that ends in a comment.</summary>
    public static int LineOf(string source, string comment) =>
        1 + Array.FindIndex(
            File.ReadAllLines(Path.Combine(RepositoryRoot, "tests/Ringfence.Sdk.Tests/Fixtures", source)),
            line => line.EndsWith("// line: " + comment, StringComparison.Ordinal));

    public static FixtureBuild Like(string format) => new(format);

    /// <summary>The values of a key.</summary>
    public IEnumerable<string> Values(string key) =>
        _lines.Where(line => line.StartsWith(key + "\t", StringComparison.Ordinal)).Select(line => line[(key.Length + 1)..]);

    /// <summary>Gives a key its only value.</summary>
    public FixtureBuild Set(string key, params string[] values)
    {
        _lines.RemoveAll(line => line.StartsWith(key + "\t", StringComparison.Ordinal));
        return Add(key, values);
    }

    /// <summary>Gives a key a further value.</summary>
    public FixtureBuild Add(string key, params string[] values)
    {
        _lines.Add(key + "\t" + string.Join('\t', values));
        return this;
    }

    /// <summary>Adds a component with nothing said about it.</summary>
    public FixtureBuild AddComponent(string fixture) => Add("component", AssemblyOf(fixture), "", "", "", "");

    public FixtureBuild WithoutComponents()
    {
        _lines.RemoveAll(static line => line.StartsWith("component\t", StringComparison.Ordinal));
        return this;
    }

    /// <summary>Builds; the summary line.</summary>
    public async Task<string> RunAsync()
    {
        await File.WriteAllLinesAsync(_requestPath, _lines);
        return await ImageBuild.RunAsync(_requestPath);
    }

    /// <summary>Builds, expecting refusal; the diagnostics. Whatever a build before it left is put there first.</summary>
    public async Task<IReadOnlyList<Diagnostic>> RefuseAsync()
    {
        await File.WriteAllTextAsync(Image, "an image of an earlier build");
        return (await Assert.ThrowsAsync<BuildFailedException>(RunAsync)).Diagnostics;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
