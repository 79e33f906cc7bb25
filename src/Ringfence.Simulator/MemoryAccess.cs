// One access of the simulated program, and what became of it.

using System;

namespace Ringfence.Simulator;

/// <summary>The kind of an access.</summary>
public enum AccessKind
{
    /// <summary>Data read.</summary>
    Read,

    /// <summary>Data write.</summary>
    Write,

    /// <summary>Instruction fetch.</summary>
    Fetch,
}

/// <summary>An access by an instruction.</summary>
/// <param name="Address">The linear address.</param>
/// <param name="Kind">Read, write or fetch.</param>
/// <param name="IsUser">Whether CPL is 3.</param>
/// <param name="AlignmentCheckFlag">EFLAGS.AC, which suspends SMAP for explicit accesses.</param>
/// <param name="IsImplicit">
/// Whether the processor makes it on its own account, to a descriptor table or task segment: a supervisor access whatever the CPL, for which AC suspends nothing
/// (Intel SDM vol. 3A 4.6).
/// </param>
public readonly record struct MemoryAccess(ulong Address, AccessKind Kind, bool IsUser, bool AlignmentCheckFlag = false, bool IsImplicit = false)
{
    /// <summary>Whether it is a user-mode access.</summary>
    public bool IsUserMode => IsUser && !IsImplicit;
}

/// <summary>The error code of a page fault (Intel SDM vol. 3A 4.7, figure 4-12).</summary>
[Flags]
public enum PageFaultCode
{
    /// <summary>A supervisor read of a page that is not present.</summary>
    None = 0,

    /// <summary>P: the fault was a rights violation or a reserved bit, not a missing page.</summary>
    Present = 1,

    /// <summary>W/R: the access was a write.</summary>
    Write = 2,

    /// <summary>U/S: it was a user-mode access.</summary>
    User = 4,

    /// <summary>RSVD: a reserved bit was set.</summary>
    Reserved = 8,

    /// <summary>I/D: the access was a fetch; reported only where NXE or SMEP is on.</summary>
    Fetch = 16,
}

/// <summary>How an access ended.</summary>
public enum AccessOutcome
{
    /// <summary>It succeeded.</summary>
    Done,

    /// <summary>It raised a page fault.</summary>
    PageFault,

    /// <summary>It raised a general-protection fault: the address is not canonical.</summary>
    GeneralProtection,
}

/// <summary>The result of an access.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="PhysicalAddress">When done: where it went.</param>
/// <param name="FaultCode">With a page fault: the error code.</param>
public readonly record struct AccessResult(AccessOutcome Outcome, ulong PhysicalAddress, PageFaultCode FaultCode)
{
    /// <summary>Whether the access succeeded.</summary>
    public bool Succeeded => Outcome == AccessOutcome.Done;
}
