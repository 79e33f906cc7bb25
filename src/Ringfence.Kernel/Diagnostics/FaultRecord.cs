using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>What is remembered of a fault after the thread that raised it has ended.</summary>
public readonly struct FaultRecord
{
    /// <summary>A fault that the processor raised.</summary>
    public FaultRecord(int vector, nuint errorCode, nuint address, nuint instructionPointer, nuint stackPointer)
    {
        Kind = FaultKind.Exception;
        Vector = vector;
        ErrorCode = errorCode;
        Address = address;
        InstructionPointer = instructionPointer;
        StackPointer = stackPointer;
    }

    /// <summary>A fault that code found itself: a failed check, a wrong system call.</summary>
    public FaultRecord(FaultKind kind, nuint value, nuint instructionPointer, nuint stackPointer)
    {
        Kind = kind;
        ErrorCode = value;
        InstructionPointer = instructionPointer;
        StackPointer = stackPointer;
    }

    /// <summary>Who noticed.</summary>
    public FaultKind Kind { get; }

    /// <summary>The processor's vector; meaningful for <see cref="FaultKind.Exception"/>.</summary>
    public int Vector { get; }

    /// <summary>The processor's error code; the failure reason, call number, handle or address for the other kinds.</summary>
    public nuint ErrorCode { get; }

    /// <summary>The address that could not be accessed; meaningful for page faults.</summary>
    public nuint Address { get; }

    /// <summary>Where it happened; 0 if not known.</summary>
    public nuint InstructionPointer { get; }

    /// <summary>Stack pointer of the faulting code; 0 if not known.</summary>
    public nuint StackPointer { get; }

    /// <summary>Whether this is a page fault.</summary>
    public bool IsPageFault => Kind == FaultKind.Exception && Vector == (int)ExceptionVector.PageFault;
}

/// <summary>Who found a fault, and so what its value means.</summary>
public enum FaultKind : byte
{
    /// <summary>The processor raised an exception.</summary>
    Exception = 0,

    /// <summary>A check in C# failed (bounds, null, division, overflow); the value is the reason.</summary>
    FailedCheck,

    /// <summary>A system call with a number that doesn't exist; the value is the number.</summary>
    BadSystemCall,

    /// <summary>A system call named memory that the thread may not use; the value is the first such address.</summary>
    BadAddress,

    /// <summary>A system call named a thread or other kernel object that the caller may not use so; the value is the handle.</summary>
    BadHandle,
}
