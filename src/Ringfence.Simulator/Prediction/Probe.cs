// The eight kinds of access that the manual's rules tell apart.

namespace Ringfence.Simulator.Prediction;

/// <summary>An access and who makes it (Intel SDM vol. 3A 4.6).</summary>
public enum Probe
{
    /// <summary>Data read at CPL 3.</summary>
    UserRead,

    /// <summary>Data write at CPL 3.</summary>
    UserWrite,

    /// <summary>Instruction fetch at CPL 3.</summary>
    UserFetch,

    /// <summary>Data read at CPL 0.</summary>
    SupervisorRead,

    /// <summary>Data write at CPL 0.</summary>
    SupervisorWrite,

    /// <summary>Instruction fetch at CPL 0.</summary>
    SupervisorFetch,

    /// <summary>Read of a system structure by the processor itself, at any CPL: EFLAGS.AC doesn't open SMAP for it.</summary>
    ImplicitRead,

    /// <summary>Write to a system structure by the processor itself, at any CPL.</summary>
    ImplicitWrite,
}
