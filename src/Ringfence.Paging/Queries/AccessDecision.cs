// The answer to "why": which bit, at which level, stands in the way of an access.

namespace Ringfence.Paging;

/// <summary>What denies an access.</summary>
public enum DenyingBit : byte
{
    /// <summary>Nothing: the access is allowed.</summary>
    None,

    /// <summary>The address is not canonical.</summary>
    NonCanonical,

    /// <summary>P is 0.</summary>
    Present,

    /// <summary>A bit is 1 that is reserved on this processor, so the walk ends there whatever the rights.</summary>
    Reserved,

    /// <summary>U/S is 0 and the access is a user one.</summary>
    User,

    /// <summary>R/W is 0.</summary>
    Writable,

    /// <summary>XD is 1.</summary>
    ExecuteDisable,

    /// <summary>U/S is 1 at every level and SMEP forbids the supervisor to execute there.</summary>
    SupervisorExecutionPrevention,

    /// <summary>U/S is 1 at every level and SMAP forbids the supervisor to touch it.</summary>
    SupervisorAccessPrevention,
}

/// <summary>Whether the tables allow an access, and if not, which bit of which level denies it.</summary>
public readonly struct AccessDecision
{
    internal AccessDecision(DenyingBit bit, int level)
    {
        Bit = bit;
        Level = level;
    }

    /// <summary>Whether the access is allowed.</summary>
    public bool IsAllowed => Bit == DenyingBit.None;

    /// <summary>The bit that denies it: the first one met from the root down, P before the others of one entry.</summary>
    public DenyingBit Bit { get; }

    /// <summary>The level of the entry with that bit: 0 is the leaf. Of no meaning for an allowed access or a non-canonical address.</summary>
    public int Level { get; }
}
