// Going through a copied table where something is: most of an upper table is empty.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>The stretches of a table in which entries may be present, in order. A mutable value.</summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
internal struct UsedEntries<TFormat>
    where TFormat : struct, IPagingFormat
{
    private uint _lines;

    /// <summary>What <see cref="ITableMemory.CopyTable"/> gave.</summary>
    public UsedEntries(uint lines) => _lines = lines;

    /// <summary>The next stretch; false when there is none.</summary>
    /// <param name="first">The index of its first entry.</param>
    /// <param name="end">That behind its last one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(out int first, out int end)
    {
        int entriesInLine = (TFormat.Level(0).EntryCount + 31) / 32;
        bool isThere = _lines != 0;
        first = BitOperations.TrailingZeroCount(_lines) * entriesInLine;
        end = first + entriesInLine;
        _lines &= _lines - 1;
        return isThere;
    }
}
