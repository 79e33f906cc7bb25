// What one entry of a state holds: nine conditions, the same nine at every level of every format.

using System;

namespace Ringfence.Simulator.Prediction;

/// <summary>
/// The conditions of one entry. Which bit of the entry stands for one is told by <see cref="EntryEncoding"/>; every combination is legal at every level, except
/// that IA-32 has no <see cref="ExecuteDisable"/>.
/// </summary>
[Flags]
public enum EntryTraits
{
    /// <summary>All bits but the address are clear.</summary>
    None = 0,

    /// <summary>P, bit 0.</summary>
    Present = 1,

    /// <summary>R/W, bit 1; reserved in a PDPTE of PAE.</summary>
    Writable = 2,

    /// <summary>U/S, bit 2; reserved in a PDPTE of PAE.</summary>
    User = 4,

    /// <summary>Bit 7: PS above level 1, reserved where there is no page of that size; PAT at level 1, which no walk asks for.</summary>
    Size = 8,

    /// <summary>A, bit 5; reserved in a PDPTE of PAE.</summary>
    Accessed = 16,

    /// <summary>D, bit 6; ignored in an entry that maps no page, reserved in a PDPTE of PAE.</summary>
    Dirty = 32,

    /// <summary>XD, bit 63.</summary>
    ExecuteDisable = 64,

    /// <summary>The lowest bit beyond the physical-address width; an ignored bit (10) where the entry has no such bit.</summary>
    BeyondWidth = 128,

    /// <summary>A bit that the format reserves at this place: below the address of a large page, bit 52 in PAE; an ignored bit (9) where there is none.</summary>
    FormatReserved = 256,
}
