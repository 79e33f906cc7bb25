// What a state says outside the tables: control bits of the processor, and EFLAGS.AC of the program.

using System;

namespace Ringfence.Simulator.Prediction;

/// <summary>Control bits on which the outcome of an access depends.</summary>
[Flags]
public enum Conditions
{
    /// <summary>All clear.</summary>
    None = 0,

    /// <summary>EFLAGS.AC.</summary>
    AlignmentCheckFlag = 1,

    /// <summary>CR0.WP.</summary>
    WriteProtect = 2,

    /// <summary>IA32_EFER.NXE.</summary>
    NoExecuteEnable = 4,

    /// <summary>CR4.SMEP.</summary>
    SupervisorExecutionPrevention = 8,

    /// <summary>CR4.SMAP.</summary>
    SupervisorAccessPrevention = 16,

    /// <summary>CR4.PSE; a condition of states of IA-32 only, since the other formats ignore it.</summary>
    PageSizeExtensions = 32,
}
