// A stretch of equal mapping: how a map of an address space is shown without one line a page.

namespace Ringfence.Paging;

/// <summary>
/// Consecutive pages that are all unmapped, or all mapped to consecutive frames with the same live and base rights.
/// </summary>
public readonly struct MappingRun
{
    internal MappingRun(PageRange range, bool isMapped, FrameNumber firstFrame, LeafRights rights, LeafRights baseRights, ulong firstEntry)
    {
        Range = range;
        IsMapped = isMapped;
        FirstFrame = firstFrame;
        Rights = rights;
        BaseRights = baseRights;
        FirstEntry = firstEntry;
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

    /// <summary>When mapped: the raw entry of the first page with A and D cleared; the entries of the other pages differ from it in the frame only.</summary>
    public ulong FirstEntry { get; }
}
