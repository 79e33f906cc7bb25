// What one access is told and what it tells; probe.asm knows the layout.

using System.Runtime.InteropServices;

namespace Ringfence.AccessMatrix.Supervisor;

/// <summary>One access: what to do, and what came of it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProbeBlock
{
    /// <summary>In: the linear address; for an implicit read the selector of the descriptor that is read, for a load of CR3 its new value.</summary>
    public nuint Address;

    /// <summary>In: where the instruction lies that makes the access; for a fetch the address itself.</summary>
    public nuint Code;

    /// <summary>In: 1 for an access in ring 3, 0 in ring 0.</summary>
    public nuint IsUser;

    /// <summary>In: EFLAGS during the access.</summary>
    public nuint Flags;

    /// <summary>In: what a write writes, 32 bits. Out: what was read, or what the code said that was reached.</summary>
    public nuint Value;

    /// <summary>Out: 0 if the access succeeded, otherwise the exception.</summary>
    public nuint Vector;

    /// <summary>Out: the exception's error code.</summary>
    public nuint ErrorCode;

    /// <summary>Out: CR2 after an exception.</summary>
    public nuint FaultAddress;
}

/// <summary>Pieces of probe.asm, in its order.</summary>
internal enum ProbeCode
{
    /// <summary>Reads 32 bits.</summary>
    Read = 0,

    /// <summary>Writes 32 bits.</summary>
    Write,

    /// <summary>Asks for the limit in a descriptor, which the processor reads for itself.</summary>
    ImplicitRead,

    /// <summary>Loads CR3.</summary>
    LoadRoot,

    /// <summary>Start of what user mode executes.</summary>
    UserCode,

    /// <summary>Its end.</summary>
    UserCodeEnd,

    /// <summary>Handler of the interrupt behind every access.</summary>
    Done,

    /// <summary>Handler of page faults.</summary>
    PageFault,

    /// <summary>Handler of general-protection faults.</summary>
    GeneralProtection,
}
