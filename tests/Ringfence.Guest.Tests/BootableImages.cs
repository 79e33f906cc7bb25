// Where the build left the images that are booted here.

using System;
using System.IO;
using System.Linq;
using System.Reflection;
using Ringfence.Emulation;

namespace Ringfence.Guest.Tests;

/// <summary>The images of this repository.</summary>
internal static class BootableImages
{
    private static readonly string s_repositoryRoot = typeof(BootableImages).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The image that tests itself.</summary>
    public static ImageFiles Guest(GuestFormat format) => ImageFiles.Locate(s_repositoryRoot, "Guest", format, audit: true);

    /// <summary>The sample that a newcomer runs first.</summary>
    public static ImageFiles Fences(GuestFormat format) => ImageFiles.Locate(s_repositoryRoot, "Fences", format, audit: false);

    /// <summary>The sample with an encryptor between two sides.</summary>
    public static ImageFiles SharedMemory(GuestFormat format, bool audit) => ImageFiles.Locate(s_repositoryRoot, "SharedMemory", format, audit);

    /// <summary>The assembly that holds the tests of <see cref="Guest"/>.</summary>
    public static string GuestTestAssembly(GuestFormat format) => Path.Combine(
        s_repositoryRoot, "artifacts", "bin", "Ringfence.Guest.Supervisor", $"release_{format.Name}_audit", "Ringfence.Guest.Supervisor.dll");

    /// <summary>Finds a format by a name that is known to be right.</summary>
    public static GuestFormat Format(string name) =>
        GuestFormat.TryParse(name, out GuestFormat? format) ? format : throw new ArgumentOutOfRangeException(nameof(name), name, "No such format.");
}
