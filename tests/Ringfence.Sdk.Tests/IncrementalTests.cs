// Work is repeated only where something differs.

namespace Ringfence.Sdk.Tests;

public sealed class IncrementalTests
{
    [Fact]
    public async Task A_build_of_the_same_writes_nothing()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64");
        build.Set("objects", Path.Combine(build.Folder, "objects"));
        string first = await build.RunAsync();
        Dictionary<string, DateTime> before = Written(build.Folder);

        Assert.Equal(first, await build.RunAsync());

        Dictionary<string, DateTime> after = Written(build.Folder);
        after[Path.Combine(build.Folder, "Sound.request")] = before[Path.Combine(build.Folder, "Sound.request")];
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_changed_component_is_compiled_again_and_nothing_else()
    {
        using FixtureBuild build = FixtureBuild.Like("ia32");
        string assemblies = Path.Combine(build.Folder, "assemblies");
        Directory.CreateDirectory(assemblies);
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(FixtureBuild.AssemblyOf("SoundWriter"))!))
        {
            File.Copy(file, Path.Combine(assemblies, Path.GetFileName(file)));
        }

        string component = Path.Combine(assemblies, "SoundWriter.dll");
        build.Set("objects", Path.Combine(build.Folder, "objects")).WithoutComponents()
            .Add("component", component, "", "", "", "").AddComponent("SoundReader");
        await build.RunAsync();
        Dictionary<string, DateTime> before = Written(Path.Combine(build.Folder, "objects"));
        DateTime image = File.GetLastWriteTimeUtc(build.Image);

        // Bytes behind an assembly's last section change its content and nothing that it means.
        using (FileStream stream = new(component, FileMode.Append))
        {
            stream.WriteByte(0);
        }

        await build.RunAsync();

        IEnumerable<string> again = Written(Path.Combine(build.Folder, "objects"))
            .Where(entry => before[entry.Key] != entry.Value)
            .Select(static entry => Path.GetFileName(entry.Key));
        Assert.NotEmpty(again);
        Assert.All(again, static name => Assert.StartsWith("SoundWriter-", name, StringComparison.Ordinal));
        Assert.True(File.GetLastWriteTimeUtc(build.Image) > image, "the image was not linked again");
    }

    [Fact]
    public async Task A_failed_build_fails_again_and_a_corrected_one_succeeds()
    {
        using FixtureBuild build = FixtureBuild.Like("x86-64").WithoutComponents().AddComponent("Offender");
        Assert.NotEmpty(await build.RefuseAsync());
        Assert.NotEmpty(await build.RefuseAsync());

        await build.WithoutComponents().AddComponent("SoundWriter").RunAsync();

        Assert.True(File.Exists(build.Image));
    }

    private static Dictionary<string, DateTime> Written(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(static path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .ToDictionary(static path => path, File.GetLastWriteTimeUtc);
}
