// How a handle is made up. The kernel makes and checks handles; the image builder computes those of declared objects, so the layout is
// said here, for both.

namespace Ringfence.Abi;

/// <summary>
/// Layout of a handle: bits 0 to 7 are the slot in the table of its kind, bits 8 to 10 the <see cref="KernelObjectKind"/>, bits 11 to 30 the generation, which is
/// never 0. So a handle is never negative, never 0, and never the handle of another kind of object.
/// </summary>
public static class KernelHandle
{
    /// <summary>Bits of the slot.</summary>
    public const int SlotBitCount = 8;

    /// <summary>First bit of the kind.</summary>
    public const int KindShift = 8;

    /// <summary>Bits of the kind.</summary>
    public const int KindBitCount = 3;

    /// <summary>First bit of the generation.</summary>
    public const int GenerationShift = 11;

    /// <summary>Generations count from 1 to this and start again.</summary>
    public const int GenerationLimit = 1048575;
}

/// <summary>What a handle can name.</summary>
public enum KernelObjectKind
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A thread of the caller's component.</summary>
    Thread = 1,

    /// <summary>A counting semaphore.</summary>
    Semaphore = 2,

    /// <summary>A queue of messages of one size.</summary>
    MessageQueue = 3,

    /// <summary>A serial port.</summary>
    SerialPort = 4,
}
