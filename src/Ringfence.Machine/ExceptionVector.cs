namespace Ringfence.Machine;

/// <summary>Vectors that the processor raises by itself (Intel SDM vol. 3A, table 6-1), and the kernel's own.</summary>
public enum ExceptionVector
{
    /// <summary>#DE.</summary>
    DivideError = 0,

    /// <summary>#DB: single step, breakpoint registers.</summary>
    Debug = 1,

    /// <summary>Non-maskable interrupt.</summary>
    NonMaskableInterrupt = 2,

    /// <summary>#BP: INT3.</summary>
    Breakpoint = 3,

    /// <summary>#OF: INTO.</summary>
    Overflow = 4,

    /// <summary>#BR: BOUND.</summary>
    BoundRange = 5,

    /// <summary>#UD.</summary>
    InvalidOpcode = 6,

    /// <summary>#NM.</summary>
    DeviceNotAvailable = 7,

    /// <summary>#DF: no return is possible.</summary>
    DoubleFault = 8,

    /// <summary>#TS.</summary>
    InvalidTask = 10,

    /// <summary>#NP.</summary>
    SegmentNotPresent = 11,

    /// <summary>#SS.</summary>
    StackSegment = 12,

    /// <summary>#GP.</summary>
    GeneralProtection = 13,

    /// <summary>#PF.</summary>
    PageFault = 14,

    /// <summary>#MF: x87.</summary>
    FloatingPoint = 16,

    /// <summary>#AC.</summary>
    AlignmentCheck = 17,

    /// <summary>#MC.</summary>
    MachineCheck = 18,

    /// <summary>#XM: SSE.</summary>
    SimdFloatingPoint = 19,

    /// <summary>First vector that an exception cannot have.</summary>
    FirstInterrupt = 32,
}
