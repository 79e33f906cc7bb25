// A folder of a test's own that goes away with it.

using System;
using System.IO;

namespace Ringfence.Tool.Tests;

/// <summary>A temporary folder.</summary>
public sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ringfence-test-");

    /// <summary>Its path.</summary>
    public string Path => _folder.FullName;

    /// <summary>Writes a file, with the folders on the way to it.</summary>
    public string Write(string relativePath, string content)
    {
        string path = System.IO.Path.Combine(Path, relativePath);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Writes a shell script that can be executed.</summary>
    public string WriteProgram(string relativePath, string script)
    {
        string path = Write(relativePath, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
