// The sizes of leaves that a format has, so that no edit can be asked for one that doesn't exist.

using System;

namespace Ringfence.Paging;

/// <summary>How much one leaf maps: a page, or as much as an entry of a higher level spans. The default value is a page.</summary>
/// <typeparam name="TFormat">The format, which vouches for the size.</typeparam>
public readonly struct LeafSize<TFormat> : IEquatable<LeafSize<TFormat>>
    where TFormat : struct, IPagingFormat
{
    private LeafSize(int level) => Level = level;

    /// <summary>One page: 4 KiB.</summary>
    public static LeafSize<TFormat> Page => default;

    /// <summary>The level at which leaves have this size.</summary>
    public int Level { get; }

    /// <summary>How many pages one leaf maps.</summary>
    public PageCount PageCount => TFormat.Level(Level).EntrySpan;

    /// <summary>The size of leaves at this level, or false when the format has none there.</summary>
    public static bool TryCreate(int level, out LeafSize<TFormat> size)
    {
        bool exists = level >= 0 && level < TFormat.LevelCount && TFormat.Leaf(level).Exists;
        size = exists ? new LeafSize<TFormat>(level) : default;
        return exists;
    }

    /// <inheritdoc/>
    public bool Equals(LeafSize<TFormat> other) => Level == other.Level;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LeafSize<TFormat> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Level;

    /// <summary>The same size.</summary>
    public static bool operator ==(LeafSize<TFormat> left, LeafSize<TFormat> right) => left.Level == right.Level;

    /// <summary>Different sizes.</summary>
    public static bool operator !=(LeafSize<TFormat> left, LeafSize<TFormat> right) => left.Level != right.Level;
}
