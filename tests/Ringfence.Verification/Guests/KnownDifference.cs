// One way in which an emulator does otherwise than the manual says.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Ringfence.Emulation;

namespace Ringfence.Verification.Guests;

/// <summary>How much of the classes that a difference names it is found in.</summary>
public enum DifferenceExtent
{
    /// <summary>In every access.</summary>
    Whole,

    /// <summary>In some: what else it depends on is in its reason.</summary>
    Part,
}

/// <summary>A difference that is expected of an emulator: it must occur, and whatever isn't listed must not.</summary>
public sealed record KnownDifference
{
    /// <summary>The name of the difference on the guest's console; <c>{level}</c> stands for the level of the class.</summary>
    public required string Difference { get; init; }

    /// <summary>The formats in which it occurs.</summary>
    public required IReadOnlyList<GuestFormat> Formats { get; init; }

    /// <summary>The endings at which it occurs.</summary>
    public required IReadOnlyList<string> Endings { get; init; }

    /// <summary>The levels at which it occurs; empty for all.</summary>
    public IReadOnlyList<int> Levels { get; init; } = [];

    /// <summary>The accesses in which it occurs; empty for all.</summary>
    public IReadOnlyList<string> Accesses { get; init; } = [];

    /// <summary>How many of those accesses it occurs in.</summary>
    public required DifferenceExtent Extent { get; init; }

    /// <summary>What the emulator does, and what the manual says.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether accesses of a class are among those in which it occurs.</summary>
    public bool Covers(MatrixClass matrixClass) =>
        Endings.Contains(matrixClass.Ending)
        && (Levels.Count == 0 || Levels.Contains(matrixClass.Level))
        && (Accesses.Count == 0 || Accesses.Contains(matrixClass.Access));

    /// <summary>The name of the difference in a class.</summary>
    public string DifferenceIn(MatrixClass matrixClass) =>
        Difference.Replace("{level}", matrixClass.Level.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
