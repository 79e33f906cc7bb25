// Where the build leaves an image; the one place that knows, for the command and for the guest tests.

using System;
using System.IO;

namespace Ringfence.Emulation;

/// <summary>The files of one variant of an image.</summary>
/// <param name="Folder">The folder that holds them.</param>
/// <param name="Name">The image's name: its project's.</param>
public sealed record ImageFiles(string Folder, string Name)
{
    /// <summary>The bootable file.</summary>
    public string Image => Path.Combine(Folder, Name + ".elf");

    /// <summary>The same image with symbols, for a debugger.</summary>
    public string DebugImage => Path.Combine(Folder, Name + ".debug.elf");

    /// <summary>The machine-readable map beside it.</summary>
    public string Map => Path.Combine(Folder, Name + ".map.json");

    /// <summary>The files of image <paramref name="name"/> under the repository's artifacts folder.</summary>
    public static ImageFiles Locate(string repositoryRoot, string name, ImageVariant variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        return new(Path.Combine(repositoryRoot, "artifacts", "images", name, variant.FolderName), name);
    }
}
