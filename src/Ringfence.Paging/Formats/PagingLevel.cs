// One row of a format's table of levels. The walk reads these rows and has no condition on the format.

using System.Runtime.CompilerServices;

namespace Ringfence.Paging;

/// <summary>The geometry of the tables at one level. Level 0 holds the smallest leaves; the highest level is the root.</summary>
public readonly struct PagingLevel
{
    // Four fields and no more: a struct of more is kept in memory by the compiler, and the walk with it.

    /// <summary>A row of the table of levels.</summary>
    /// <param name="pageShift">Bits of the page number below this level's index.</param>
    /// <param name="indexBits">Bits of the page number that are this level's index.</param>
    /// <param name="linkBits">What an entry of this level holds beside the address when it points to a table; 0 for level 0.</param>
    /// <param name="largeLeafBit">The bit that makes an entry of this level a large leaf; 0 where the level has none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PagingLevel(int pageShift, int indexBits, ulong linkBits, ulong largeLeafBit)
    {
        PageShift = (byte)pageShift;
        IndexBits = (byte)indexBits;
        LinkBits = linkBits;
        LargeLeafBit = largeLeafBit;
    }

    /// <summary>Bits of the page number below this level's index.</summary>
    public byte PageShift { get; }

    /// <summary>Bits of the page number that are this level's index.</summary>
    public byte IndexBits { get; }

    /// <summary>What an entry that points to a table holds beside the address. Upper entries never restrict: only leaves do.</summary>
    public ulong LinkBits { get; }

    /// <summary>The bit that makes an entry a large leaf; 0 where the level has none.</summary>
    public ulong LargeLeafBit { get; }

    /// <summary>Entries in a table of this level.</summary>
    public int EntryCount => 1 << IndexBits;

    /// <summary>The index of a page in its table of this level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TableIndex IndexOf(PageNumber page) => new((int)(page.Value >> PageShift) & (EntryCount - 1));

    /// <summary>Pages that one entry of this level spans.</summary>
    public PageCount EntrySpan
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new((nuint)1 << PageShift);
    }

    /// <summary>Whether rights bits of a link at this level take part in the decision; the directory pointers of PAE have none.</summary>
    public bool LinksHaveRights => (LinkBits & EntryBits.User) != 0;
}
