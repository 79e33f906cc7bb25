// A checkout in small: samples whose build is one assembler call, so that `run` can be tested from the project file to the exit status without
// the toolchain that it normally drives.

using System;
using System.IO;
using Ringfence.Emulation;
using Ringfence.Tool.Benchmarks;
using Ringfence.Tool.Tests.Guests;

namespace Ringfence.Tool.Tests;

/// <summary>A scratch checkout with samples made from guest.asm.</summary>
public sealed class SampleRepository : IDisposable
{
    // The real one, so that the build and the command agree on the names of folders or nothing is found.
    private static readonly string s_formatProperties = Path.Combine(Command.RepositoryRoot, "src", "Ringfence.Sdk", "Format.props");

    private readonly ScratchFolder _folder = new();

    public SampleRepository()
    {
        _folder.Write("src/Kernel/Kernel.cs", "// stands for a source");
        _folder.Write("samples/notes.txt", "no sample");
    }

    public string Root => _folder.Path;

    /// <summary>Adds a sample that prints a text and ends; its builds are counted.</summary>
    public void AddSample(string name, string text, GuestEnding ending, int status = 0) =>
        AddImage("samples/" + name, "../..", name, text, ending, status);

    /// <summary>
    /// Makes the images that measure ones that print a text and end, with a baseline; the project of all of them counts as one build. Each footprint
    /// image is said to take a page for each domain.
    /// </summary>
    public void AddBench(string plainText, string countingText, GuestEnding ending, string baseline)
    {
        string images = Guest("Bench", string.Empty, plainText, ending) + Guest("Bench", "_count", countingText, ending)
            + Guest("Footprint1", "_count", "@bench boot - 1 5000\n@end\n", GuestEnding.Status)
            + Guest(BenchRun.ManyDomainsImage, string.Empty, "@bench many domains=2 4 1000\n@bytes tables domains=2 200\n@end\n", GuestEnding.Status);
        foreach (int domainCount in BenchRun.FootprintDomainCounts)
        {
            string name = $"Footprint{domainCount}";
            images += Guest(name, string.Empty, $"@bytes tables domains={domainCount} {domainCount * 100}\n@end\n", GuestEnding.Status);
            foreach (ImageVariant variant in BenchCommand.AllVariants)
            {
                WriteMap(name, variant.FolderName, $$"""
                    { "name": "{{name}}", "format": "{{variant.Format.Name}}", "strategy": "{{variant.Strategy.Name}}", "start": 4096, "end": {{4096 * (domainCount + 1)}}, "file": { "bytes": 0, "headerBytes": 0, "programHeaderBytes": 0 }, "regions": [], "symbols": [] }
                    """);
            }
        }

        _folder.Write("bench/BenchImages.csproj", $"""
            <Project>
              <Import Project="{s_formatProperties}" />
              <Target Name="Restore" />
              <Target Name="Build">
            {images}
                <Exec Command="echo built >>$(MSBuildThisFileDirectory)../Bench.builds" />
              </Target>
            </Project>
            """);
        HandMadeGuest.WriteSource(Path.Combine(Root, "bench"));
        _folder.Write("bench/baseline.json", baseline);
        _folder.Write("SPECIFICATION.md", "before\n<!-- figures: written by ./ringfence bench --store -->\nold\n<!-- end of figures -->\nafter\n");

        static string Guest(string name, string suffix, string text, GuestEnding ending)
        {
            string folder = $"$(MSBuildThisFileDirectory)../artifacts/images/{name}/$(RingfenceImagePivot){suffix}/";
            return $"""
                    <MakeDir Directories="{folder}" />
                    <Exec Command="nasm -f elf32 -DENDING={(int)ending} -DEXIT_STATUS=0 -DTEXT={HandMadeGuest.AssemblerText(text)} -o {folder}{name}.o guest.asm" />
                    <Exec Command="ld -m elf_i386 -Ttext=0x100000 -e _start -o {folder}{name}.elf {folder}{name}.o" />

                """;
        }
    }

    /// <summary>Adds a sample that does not build.</summary>
    public void AddBrokenSample(string name) => _folder.Write($"samples/{name}/{name}.csproj", """
        <Project>
          <Target Name="Restore" />
          <Target Name="Build">
            <Error Code="RF9999" File="Program.cs" Text="the offending line" />
          </Target>
        </Project>
        """);

    /// <summary>Writes the map of a sample's image in the folder of a variant.</summary>
    public void WriteMap(string name, string variant, string json) => _folder.Write($"artifacts/images/{name}/{variant}/{name}.map.json", json);

    /// <summary>Writes what a sample says about itself.</summary>
    public void WriteHelp(string name, string text) => _folder.Write($"samples/{name}/help.txt", text);

    /// <summary>How often a sample has been built.</summary>
    public int CountBuilds(string name)
    {
        string path = Path.Combine(Root, name + ".builds");
        return File.Exists(path) ? File.ReadAllLines(path).Length : 0;
    }

    /// <summary>Changes a file as an editor would.</summary>
    public void Touch(string relativePath) => File.SetLastWriteTimeUtc(Path.Combine(Root, relativePath), DateTime.UtcNow);

    /// <summary>The image file of a sample in the folder of a variant.</summary>
    public string Image(string name, string variant) => Path.Combine(Root, "artifacts", "images", name, variant, name + ".elf");

    public void Dispose() => _folder.Dispose();

    private void AddImage(string folder, string root, string name, string text, GuestEnding ending, int status)
    {
        _folder.Write($"{folder}/{name}.csproj", $"""
            <Project>
              <Import Project="{s_formatProperties}" />
              <PropertyGroup>
                <Folder>$(MSBuildThisFileDirectory){root}/artifacts/images/{name}/$(RingfenceImagePivot)/</Folder>
                <Defines>-DENDING={(int)ending} -DEXIT_STATUS={status} -DTEXT={HandMadeGuest.AssemblerText(text)}</Defines>
              </PropertyGroup>
              <Target Name="Restore" />
              <Target Name="Build">
                <MakeDir Directories="$(Folder)" />
                <Exec Command="nasm -f elf32 $(Defines) -o $(Folder){name}.o guest.asm" />
                <Exec Command="ld -m elf_i386 -Ttext=0x100000 -e _start -o $(Folder){name}.elf $(Folder){name}.o" />
                <Exec Command="echo built >>$(MSBuildThisFileDirectory){root}/{name}.builds" />
              </Target>
            </Project>
            """);
        HandMadeGuest.WriteSource(Path.Combine(Root, folder));
    }
}
