// Remembers that a build succeeded, what for and when, so that nothing is called, let alone rebuilt, when nothing changed.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Ringfence.Tool;

/// <summary>A file that dates the last successful build of something.</summary>
/// <remarks>
/// A build counts as current while its settings are the same, its output is the very file that it left (someone may have built by hand with
/// other settings since), and no source is newer than the moment the build began. Folders count as sources too: removing a file changes
/// nothing but the time of its folder.
/// </remarks>
public sealed class BuildStamp
{
    private readonly string _path;
    private readonly string _settings;
    private readonly string? _output;

    /// <summary>Creates the view of a stamp.</summary>
    /// <param name="path">The stamp file.</param>
    /// <param name="settings">Everything besides sources that decides the output.</param>
    /// <param name="output">The file that the build leaves, or null where there are many.</param>
    public BuildStamp(string path, string settings, string? output)
    {
        _path = path;
        _settings = settings;
        _output = output;
    }

    /// <summary>Whether the last successful build still stands.</summary>
    public bool IsCurrent(IEnumerable<string> sources)
    {
        try
        {
            return File.ReadAllText(_path) == Content() && !AnyNewer(sources, File.GetLastWriteTimeUtc(_path));
        }
        catch (IOException)
        {
            // No stamp yet, no output any more, or a source that went away while it was looked at: build.
            return false;
        }
    }

    /// <summary>Records a build that began at <paramref name="begin"/> and has succeeded; one that left no output is not worth recording.</summary>
    public void Record(DateTime begin)
    {
        if (_output is not null && !File.Exists(_output))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.WriteAllText(_path, Content());
        File.SetLastWriteTimeUtc(_path, begin);
    }

    private static bool AnyNewer(IEnumerable<string> sources, DateTime limit)
    {
        foreach (string source in sources)
        {
            if (File.GetLastWriteTimeUtc(source) > limit)
            {
                return true;
            }

            // Output folders of builds that went around the shared artifacts folder are no sources.
            if (Directory.Exists(source) && Path.GetFileName(source) is not ("bin" or "obj")
                && AnyNewer(Directory.EnumerateFileSystemEntries(source), limit))
            {
                return true;
            }
        }

        return false;
    }

    private string Content()
    {
        if (_output is null)
        {
            return _settings;
        }

        var output = new FileInfo(_output);
        return string.Create(CultureInfo.InvariantCulture, $"{_settings}\n{output.Length} bytes, {output.LastWriteTimeUtc.Ticks}");
    }
}
