using System;
using System.IO;
using Xunit;

namespace Ringfence.Tool.Tests;

public sealed class BuildStampTests : IDisposable
{
    private static readonly DateTime s_begin = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly ScratchFolder _folder = new();
    private readonly string _output;
    private readonly string _source;

    public BuildStampTests()
    {
        _output = _folder.Write("out/image.elf", "image");
        _source = _folder.Write("src/deep/Program.cs", "code");
        SetTimes(s_begin.AddSeconds(-1));
        Stamp("a").Record(s_begin);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_current_while_nothing_changes() => Assert.True(IsCurrent("a"));

    [Fact]
    public void Other_settings_are_another_build() => Assert.False(IsCurrent("b"));

    [Fact]
    public void A_newer_source_however_deep_makes_it_stale()
    {
        File.SetLastWriteTimeUtc(_source, s_begin.AddTicks(1));
        Assert.False(IsCurrent("a"));
    }

    [Fact]
    public void A_removed_source_makes_it_stale()
    {
        File.Delete(_source);
        Assert.False(IsCurrent("a"));
    }

    [Fact]
    public void An_output_that_is_gone_or_another_makes_it_stale()
    {
        File.WriteAllText(_output, "other image");
        Assert.False(IsCurrent("a"));
        File.Delete(_output);
        Assert.False(IsCurrent("a"));
    }

    [Fact]
    public void What_builds_leave_beside_sources_is_no_source()
    {
        _folder.Write("src/deep/obj/project.assets.json", "{}");
        SetTimes(s_begin.AddSeconds(-1));
        Assert.True(IsCurrent("a"));
        File.SetLastWriteTimeUtc(Path.Combine(_folder.Path, "src/deep/obj/project.assets.json"), s_begin.AddSeconds(1));
        Assert.True(IsCurrent("a"));
    }

    [Fact]
    public void A_build_that_left_nothing_is_not_recorded()
    {
        var stamp = new BuildStamp(Path.Combine(_folder.Path, "other.stamp"), "a", "/absent");
        stamp.Record(s_begin);
        Assert.False(stamp.IsCurrent([]));
    }

    private bool IsCurrent(string settings) => Stamp(settings).IsCurrent([Path.Combine(_folder.Path, "src")]);

    private BuildStamp Stamp(string settings) => new(Path.Combine(_folder.Path, "state", "x.stamp"), settings, _output);

    private void SetTimes(DateTime time)
    {
        foreach (string path in new[] { "src", "src/deep", "src/deep/obj" })
        {
            string folder = Path.Combine(_folder.Path, path);
            if (Directory.Exists(folder))
            {
                foreach (string file in Directory.EnumerateFiles(folder))
                {
                    File.SetLastWriteTimeUtc(file, time);
                }

                Directory.SetLastWriteTimeUtc(folder, time);
            }
        }
    }
}
