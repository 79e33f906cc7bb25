// Where the build left the images that are booted here.

using System;
using System.Collections.Generic;
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

    // Where domains have room for the stacks of all threads, kernels are told apart by the number of those: Guest.csproj says how many.
    private const string GuestThreads = "_t14";

    /// <summary>What is built with more than one set of tables, in every format.</summary>
    public static IReadOnlyList<ImageVariant> SeparateTables { get; } =
    [
        .. GuestFormat.All.Select(static format => new ImageVariant(format) { Strategy = GuestStrategy.PerDomain }),
        .. WithoutKernel,
    ];

    /// <summary>Those in which user mode runs on tables without the kernel.</summary>
    public static IReadOnlyList<ImageVariant> WithoutKernel =>
        [.. GuestFormat.All.Select(static format => new ImageVariant(format) { Strategy = GuestStrategy.PerDomain, HasKpti = true })];

    /// <summary>Those of the image that tests itself in which domains share tables, in every format.</summary>
    public static IReadOnlyList<ImageVariant> SharedTables { get; } =
    [
        .. GuestFormat.All.Select(static format => new ImageVariant(format) { Strategy = GuestStrategy.SharedSubtree }),
        .. GuestFormat.All.Select(static format => new ImageVariant(format) { Strategy = GuestStrategy.SharedSubtree, HasKpti = true }),
        .. GuestFormat.All.Select(static format => new ImageVariant(format) { Strategy = GuestStrategy.LeafLink }),
    ];

    /// <summary>Those of the image that tests itself in which stacks belong to domains.</summary>
    public static IReadOnlyList<ImageVariant> WithDomainStacks =>
    [
        .. GuestFormat.All.Select(static format => new ImageVariant(format) { HasDomainStacks = true }),
        new ImageVariant(GuestFormat.X8664) { Strategy = GuestStrategy.PerDomain, HasDomainStacks = true },
    ];

    /// <summary>The image that tests itself.</summary>
    public static ImageFiles Guest(ImageVariant variant) => ImageFiles.Locate(s_repositoryRoot, "Guest", variant with { IsAudited = true });

    /// <summary>The sample that a newcomer runs first.</summary>
    public static ImageFiles Fences(ImageVariant variant) => ImageFiles.Locate(s_repositoryRoot, "Fences", variant);

    /// <summary>The same with one set of tables.</summary>
    public static ImageFiles Fences(GuestFormat format) => Fences(new ImageVariant(format));

    /// <summary>The sample with an encryptor between two sides.</summary>
    public static ImageFiles SharedMemory(ImageVariant variant) => ImageFiles.Locate(s_repositoryRoot, "SharedMemory", variant);

    /// <summary>The assembly that holds the tests of <see cref="Guest"/>.</summary>
    public static string GuestTestAssembly(ImageVariant variant) => Path.Combine(
        s_repositoryRoot, "artifacts", "bin", "Ringfence.Guest.Supervisor", "release_" + (variant with { IsAudited = true }).FolderName + (variant.HasDomainStacks ? GuestThreads : string.Empty), "Ringfence.Guest.Supervisor.dll");

    /// <summary>Finds a format by a name that is known to be right.</summary>
    public static GuestFormat Format(string name) =>
        GuestFormat.TryParse(name, out GuestFormat? format) ? format : throw new ArgumentOutOfRangeException(nameof(name), name, "No such format.");
}
