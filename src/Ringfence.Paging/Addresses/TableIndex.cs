// The place of an entry in its table; a type of its own so that it can't be mixed with a page number or a word index.

using System;
using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>The index of an entry in a table. Made from a page and a level (<see cref="PagingLevel.IndexOf"/>), so it lies in a table of that level.</summary>
public readonly struct TableIndex : IEquatable<TableIndex>
{
    /// <summary>0 up to the table's entry count, without it.</summary>
    public int Value { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal TableIndex(int value) => Value = value;

    /// <summary>The index with this value in a table of that level, or false when the table has none.</summary>
    public static bool TryCreate(PagingLevel level, int value, out TableIndex index)
    {
        bool exists = (uint)value < (uint)level.EntryCount;
        index = exists ? new TableIndex(value) : default;
        return exists;
    }

    /// <inheritdoc/>
    public bool Equals(TableIndex other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TableIndex other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value;

    /// <summary>Equal values.</summary>
    public static bool operator ==(TableIndex left, TableIndex right) => left.Value == right.Value;

    /// <summary>Different values.</summary>
    public static bool operator !=(TableIndex left, TableIndex right) => left.Value != right.Value;
}
