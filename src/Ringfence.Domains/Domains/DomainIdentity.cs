// Who a domain is and which state of its content is meant; never its address, which can be reused.

using System;

namespace Ringfence.Domains;

/// <summary>
/// A domain's number, which no other domain ever has, and the generation of its content, which changes with every change. Equal
/// identities mean equal content, wherever the domain is stored. The default value belongs to no domain.
/// </summary>
public readonly struct DomainIdentity : IEquatable<DomainIdentity>
{
    internal DomainIdentity(uint id, uint generation)
    {
        Id = id;
        Generation = generation;
    }

    /// <summary>The domain's number; 0 for none.</summary>
    public uint Id { get; }

    /// <summary>Counts changes of content.</summary>
    public uint Generation { get; }

    /// <inheritdoc/>
    public bool Equals(DomainIdentity other) => Id == other.Id && Generation == other.Generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DomainIdentity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)(Id * 31) ^ (int)Generation);

    /// <summary>Same number and generation.</summary>
    public static bool operator ==(DomainIdentity left, DomainIdentity right) => left.Equals(right);

    /// <summary>Another number or generation.</summary>
    public static bool operator !=(DomainIdentity left, DomainIdentity right) => !left.Equals(right);
}

/// <summary>Hands out domain numbers, each once. The kernel has one of these, and one only.</summary>
public struct DomainNumberSource
{
    private uint _last;

    internal uint Next() => ++_last;
}
