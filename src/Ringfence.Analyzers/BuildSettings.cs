// What the project file says to the analyzers and the generator: which world the code is for, and what kind of project it is.

using System;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Ringfence.Analyzers;

/// <summary>The kind of project, from the MSBuild property <c>RingfenceProject</c>.</summary>
internal enum ProjectKind
{
    /// <summary>Any project for which nothing is generated.</summary>
    Other,

    /// <summary>An assembly that becomes one user-mode component of an image.</summary>
    Component,

    /// <summary>An assembly whose test methods run inside a guest.</summary>
    GuestTests,

    /// <summary>An assembly that is part of every kernel.</summary>
    Kernel,
}

/// <summary>Reads the MSBuild properties that <c>Ringfence.Analyzers.props</c> makes visible to the compiler.</summary>
internal static class BuildSettings
{
    private const string WorldKey = "build_property.RingfenceWorld";
    private const string ProjectKey = "build_property.RingfenceProject";

    /// <summary>Whether the compilation is code for the bare machine, compiled without a runtime.</summary>
    public static bool IsMetal(AnalyzerConfigOptions globalOptions) => Has(globalOptions, WorldKey, "Metal");

    /// <summary>The kind of project being compiled; a word that isn't known counts as <see cref="ProjectKind.Other"/>.</summary>
    public static ProjectKind Project(AnalyzerConfigOptions globalOptions) =>
        Has(globalOptions, ProjectKey, "Component") ? ProjectKind.Component
        : Has(globalOptions, ProjectKey, "GuestTests") ? ProjectKind.GuestTests
        : Has(globalOptions, ProjectKey, "Kernel") ? ProjectKind.Kernel
        : ProjectKind.Other;

    private static bool Has(AnalyzerConfigOptions options, string key, string word) =>
        options.TryGetValue(key, out string? value) && string.Equals(value, word, StringComparison.OrdinalIgnoreCase);
}
