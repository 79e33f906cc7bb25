// The four paging modes of the simulated processor.

namespace Ringfence.Simulator;

/// <summary>A paging mode (Intel SDM vol. 3A 4.1.1).</summary>
public enum PagingMode
{
    /// <summary>32-bit paging: CR4.PAE = 0.</summary>
    ThirtyTwoBit,

    /// <summary>PAE paging: CR4.PAE = 1, IA32_EFER.LME = 0.</summary>
    Pae,

    /// <summary>4-level paging: CR4.PAE = 1, IA32_EFER.LME = 1, CR4.LA57 = 0.</summary>
    FourLevel,

    /// <summary>5-level paging: as 4-level paging, with CR4.LA57 = 1.</summary>
    FiveLevel,
}
