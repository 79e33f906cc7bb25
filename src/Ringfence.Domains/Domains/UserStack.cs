// The one piece of memory that a thread has apart from its domain.

using System;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>
/// A user stack: its pages without the guard, and the generation of the allocation. Two stacks at one address in succession differ in their
/// generation, so one is never taken for the other. The default value is "no stack".
/// </summary>
public readonly struct UserStack : IEquatable<UserStack>
{
    /// <summary>Names a stack.</summary>
    /// <param name="pages">The pages that the thread may read and write.</param>
    /// <param name="generation">A number that the kernel gives to no other stack at these pages.</param>
    public UserStack(PageRange pages, uint generation)
    {
        Pages = pages;
        Generation = generation;
    }

    /// <summary>The pages that the thread may read and write.</summary>
    public PageRange Pages { get; }

    /// <summary>Tells apart stacks that had the same pages one after the other.</summary>
    public uint Generation { get; }

    /// <summary>Whether there is no stack.</summary>
    public bool IsNone => Pages.IsEmpty;

    /// <inheritdoc/>
    public bool Equals(UserStack other) => Pages == other.Pages && Generation == other.Generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UserStack other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Pages.GetHashCode() ^ unchecked((int)Generation);

    /// <summary>The same stack.</summary>
    public static bool operator ==(UserStack left, UserStack right) => left.Equals(right);

    /// <summary>Not the same stack.</summary>
    public static bool operator !=(UserStack left, UserStack right) => !left.Equals(right);
}
