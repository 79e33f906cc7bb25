// What the common entry path of interrupts.asm leaves on the stack; the two files change together.

using System.Runtime.InteropServices;

namespace Ringfence.Machine;

/// <summary>Registers of the interrupted code, from the lowest address up.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct InterruptFrame
{
#pragma warning disable CS1591, SA1600 // the field names are the register names
    public nuint Edi;
    public nuint Esi;
    public nuint Ebp;
    public nuint EspOfPushad;
    public nuint Ebx;
    public nuint Edx;
    public nuint Ecx;
    public nuint Eax;
#pragma warning restore CS1591, SA1600

    /// <summary>Vector number, 0 to 255.</summary>
    public nuint Vector;

    /// <summary>The processor's error code; 0 for vectors without one.</summary>
    public nuint ErrorCode;

    /// <summary>Address of the interrupted instruction (fault) or of the next one (trap, interrupt).</summary>
    public nuint InstructionPointer;

    /// <summary>CS of the interrupted code.</summary>
    public nuint CodeSelector;

    /// <summary>EFLAGS of the interrupted code.</summary>
    public nuint Flags;

    // Pushed only when the privilege level changed: valid only if IsFromUser.
    private readonly nuint _userStackPointer;
    private readonly nuint _userStackSelector;

    /// <summary>Whether user mode was interrupted.</summary>
    public readonly bool IsFromUser => (CodeSelector & 3) != 0;

    /// <summary>ESP of the interrupted code. In ring 0 nothing is pushed: what lay above the frame is where the stack stood.</summary>
    public readonly unsafe nuint StackPointer
    {
        get
        {
            if (IsFromUser)
            {
                return _userStackPointer;
            }

            fixed (nuint* above = &_userStackPointer)
            {
                return (nuint)above;
            }
        }
    }
}
