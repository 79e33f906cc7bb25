// What the tables say about one address, for the software that asks rather than for the processor.

namespace Ringfence.Paging;

/// <summary>The result of looking an address up in a set of tables.</summary>
public readonly struct Translation
{
    internal Translation(int missingLevel)
    {
        MissingLevel = missingLevel;
    }

    internal Translation(FrameNumber frame, LeafRights rights, LeafRights baseRights, ulong entry, int leafLevel)
    {
        IsMapped = true;
        Frame = frame;
        Rights = rights;
        BaseRights = baseRights;
        Entry = entry;
        LeafLevel = leafLevel;
    }

    /// <summary>Whether the page is mapped.</summary>
    public bool IsMapped { get; }

    /// <summary>When not mapped: the level of the entry that is not present, 0 for the leaf; the level count for a non-canonical address.</summary>
    public int MissingLevel { get; }

    /// <summary>When mapped: the level of the leaf; above 0 for a large page.</summary>
    public int LeafLevel { get; }

    /// <summary>When mapped: the frame of the page asked for, also inside a large page.</summary>
    public FrameNumber Frame { get; }

    /// <summary>When mapped: the live rights as the bits say (see <see cref="EntryRights.DecodeLive{TFormat}"/>).</summary>
    public LeafRights Rights { get; }

    /// <summary>When mapped: the base rights.</summary>
    public LeafRights BaseRights { get; }

    /// <summary>When mapped: the raw entry.</summary>
    public ulong Entry { get; }
}
