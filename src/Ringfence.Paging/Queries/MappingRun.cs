// A stretch of equal mapping: how a map of an address space is shown without one line a page.

namespace Ringfence.Paging;

/// <summary>
/// Consecutive pages that are all unmapped, or all mapped by leaves of one size to consecutive frames with the same live and base rights.
/// </summary>
public readonly struct MappingRun
{
    internal MappingRun(PageRange range)
    {
        Range = range;
    }

    internal MappingRun(PageRange range, FrameNumber firstFrame, LeafRights rights, LeafRights baseRights, ulong firstEntry, int leafLevel)
    {
        Range = range;
        IsMapped = true;
        FirstFrame = firstFrame;
        Rights = rights;
        BaseRights = baseRights;
        FirstEntry = firstEntry;
        LeafLevel = leafLevel;
    }

    /// <summary>The pages.</summary>
    public PageRange Range { get; }

    /// <summary>Whether they are mapped.</summary>
    public bool IsMapped { get; }

    /// <summary>When mapped: the frame of the first page.</summary>
    public FrameNumber FirstFrame { get; }

    /// <summary>When mapped: the live rights.</summary>
    public LeafRights Rights { get; }

    /// <summary>When mapped: the base rights.</summary>
    public LeafRights BaseRights { get; }

    /// <summary>When mapped: the level of the leaves; above 0 for large pages.</summary>
    public int LeafLevel { get; }

    /// <summary>When mapped: the raw entry of the first page with A and D cleared; the entries of the other pages differ from it in the frame only.</summary>
    public ulong FirstEntry { get; }
}
