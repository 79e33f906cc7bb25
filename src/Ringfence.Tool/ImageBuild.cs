// How any command gets an image: built if it is stale, else as it lies there.

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;

namespace Ringfence.Tool;

/// <summary>A project that builds to an image.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="ProjectFile">The project file.</param>
/// <param name="Sources">Files and folders it is built from.</param>
public sealed record ImageProject(string Name, string ProjectFile, IEnumerable<string> Sources);

/// <summary>Builds images.</summary>
public static class ImageBuild
{
    /// <summary>Brings an image up to date, after making sure that the programs for building and booting it are installed.</summary>
    /// <returns>Its files; the image itself exists.</returns>
    /// <exception cref="ToolException">A program is missing, or the build failed or left no image.</exception>
    public static async Task<ImageFiles> EnsureAsync(
        Repository repository, ImageProject project, ImageVariant variant, TextWriter messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(variant);
        await DebianPackages.EnsureAsync(DebianPackage.Required, messages, cancellationToken).ConfigureAwait(false);
        ImageFiles files = ImageFiles.Locate(repository.Root, project.Name, variant);
        IReadOnlyList<string> properties = variant.BuildProperties;
        string stampName = $"image-{project.Name}-{variant.FolderName}.stamp";
        var stamp = new BuildStamp(Path.Combine(repository.StateFolder, stampName), string.Join(' ', properties), files.Image);
        await DotnetBuild.EnsureAsync(
            $"{project.Name} ({Title(variant)})", project.ProjectFile, properties, stamp, project.Sources, messages, cancellationToken)
            .ConfigureAwait(false);
        return File.Exists(files.Image) ? files : throw ToolException.Failure($"the build of {project.Name} left no image at {files.Image}");
    }

    // As short as what was asked for.
    private static string Title(ImageVariant variant) =>
        variant.Format.Name + (variant.Strategy == GuestStrategy.Common ? string.Empty : ", " + variant.StrategyTitle);
}
