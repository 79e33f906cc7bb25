// What is expected of one access.

namespace Ringfence.Simulator.Prediction;

/// <summary>How an access is expected to end.</summary>
public enum PredictedOutcome
{
    /// <summary>It succeeds.</summary>
    Done,

    /// <summary>It raises a page fault.</summary>
    PageFault,

    /// <summary>It never comes to be: in PAE, loading CR3 raises a general-protection fault because of a reserved bit in a PDPTE.</summary>
    LoadFault,
}

/// <summary>The expectation of <see cref="AccessPredictor"/>.</summary>
public readonly struct Prediction
{
    private const uint AccessedBit = 0x20;
    private const uint DirtyBit = 0x40;

    private readonly ulong _accessed;
    private readonly ulong _maybeAccessed;
    private readonly ulong _dirty;
    private readonly ulong _addressChange;
    private readonly int _offsetBitCount;

    internal Prediction(
        PredictedOutcome outcome, uint errorCode, ulong accessed, ulong maybeAccessed, ulong dirty, int leafLevel, int offsetBitCount, ulong addressChange, bool isGlobal)
    {
        Outcome = outcome;
        ErrorCode = errorCode;
        _accessed = accessed;
        _maybeAccessed = maybeAccessed;
        _dirty = dirty;
        LeafLevel = leafLevel;
        _offsetBitCount = offsetBitCount;
        _addressChange = addressChange;
        IsGlobal = isGlobal;
    }

    /// <summary>How the access ends.</summary>
    public PredictedOutcome Outcome { get; }

    /// <summary>The error code of the page fault (Intel SDM vol. 3A 4.7): P 1, W/R 2, U/S 4, RSVD 8, I/D 16; 0 without one.</summary>
    public uint ErrorCode { get; }

    /// <summary>The level of the entry that maps the page; 0 if the walk ends before one. A leaf may be there and refuse the access.</summary>
    public int LeafLevel { get; }

    /// <summary>Whether the leaf has G set; of no meaning without <see cref="LeafLevel"/>.</summary>
    public bool IsGlobal { get; }

    /// <summary>Bits (A 20h, D 40h) that must be set in the entry of a level after the access, whatever was set before.</summary>
    /// <param name="level">1 for a PTE.</param>
    public uint MustBeSet(int level)
    {
        int lane = AccessState.LevelStride * (level - 1);
        return ((uint)(_accessed >> lane) & 1) * AccessedBit | ((uint)(_dirty >> lane) & 1) * DirtyBit;
    }

    /// <summary>
    /// Bits that may be set in the entry of a level after the access, or not: A of the entries that a walk passed before a lower one stopped it. The manual sets it
    /// where an entry is used for a translation, and a walk that faults may count as that or not. All other A and D are as before.
    /// </summary>
    /// <param name="level">1 for a PTE.</param>
    public uint MayBeSet(int level) => (uint)((_maybeAccessed >> (AccessState.LevelStride * (level - 1))) & 1) * AccessedBit;

    /// <summary>Where a successful access goes.</summary>
    /// <param name="page">The physical address that the leaf was built with.</param>
    /// <param name="linear">The linear address.</param>
    public ulong PhysicalAddress(ulong page, ulong linear) => (page ^ _addressChange) | (linear & ((1ul << _offsetBitCount) - 1));
}
