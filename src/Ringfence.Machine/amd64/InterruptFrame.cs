// What the common entry path of interrupts.asm leaves on the stack; the two files change together.

using System.Runtime.InteropServices;

namespace Ringfence.Machine;

/// <summary>Registers of the interrupted code, from the lowest address up.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct InterruptFrame
{
#pragma warning disable CS1591, SA1600 // the field names are the register names
    public nuint R15;
    public nuint R14;
    public nuint R13;
    public nuint R12;
    public nuint R11;
    public nuint R10;
    public nuint R9;
    public nuint R8;
    public nuint Rdi;
    public nuint Rsi;
    public nuint Rbp;
    public nuint Rbx;
    public nuint Rdx;
    public nuint Rcx;
    public nuint Rax;
#pragma warning restore CS1591, SA1600

    /// <summary>Vector number, 0 to 255.</summary>
    public nuint Vector;

    /// <summary>The processor's error code; 0 for vectors without one.</summary>
    public nuint ErrorCode;

    /// <summary>Address of the interrupted instruction (fault) or of the next one (trap, interrupt).</summary>
    public nuint InstructionPointer;

    /// <summary>CS of the interrupted code.</summary>
    public nuint CodeSelector;

    /// <summary>RFLAGS of the interrupted code.</summary>
    public nuint Flags;

    /// <summary>RSP of the interrupted code: pushed in 64-bit mode whatever the privilege level.</summary>
    public nuint StackPointer;

    /// <summary>SS of the interrupted code.</summary>
    public nuint StackSelector;

    /// <summary>Whether user mode was interrupted.</summary>
    public readonly bool IsFromUser => (CodeSelector & 3) != 0;
}
