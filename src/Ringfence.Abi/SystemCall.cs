// The numbers by which user mode calls the kernel. Assembly code gets them from here: the image builder turns this enum into
// an include file, so there is no second list to keep in step.

namespace Ringfence.Abi;

/// <summary>
/// Number of a system call. Up to five pointer-sized arguments; a 64-bit result, negative values being a <see cref="SystemCallStatus"/>.
/// </summary>
/// <remarks>An unknown number ends the calling thread.</remarks>
public enum SystemCall
{
    /// <summary>(exitCode): ends the calling thread. Does not return.</summary>
    Exit = 0,

    /// <summary>(failureReason, stackPointer): ends the calling thread with a fault report. Does not return.</summary>
    Fail = 1,

    /// <summary>(): lets threads of the same priority run.</summary>
    Yield = 2,

    /// <summary>(ticks): waits at least that many timer ticks; 0 is a yield.</summary>
    Sleep = 3,

    /// <summary>(handle): waits until the thread has ended and returns its exit code, 0 to 2^31-1, or <see cref="SystemCallStatus.ThreadFaulted"/>.
    /// A handle that names no thread of the caller's component, or the caller itself, ends the caller.</summary>
    Join = 4,

    /// <summary>(function, argument, priority): creates a thread of the caller's component, in the caller's domain, not started.
    /// Returns a handle. Errors: no thread left; priority out of range or more important than the caller's.</summary>
    CreateThread = 5,

    /// <summary>(handle): starts a created thread. A handle that names no created thread of the caller's component ends the caller.</summary>
    StartThread = 6,

    /// <summary>(): handle of the calling thread.</summary>
    CurrentThread = 7,

    /// <summary>(address, byteCount): writes bytes to the console. Memory the caller may not read ends the caller.</summary>
    WriteConsole = 8,

    /// <summary>(): timer ticks since boot.</summary>
    Ticks = 9,

    /// <summary>(): how often the caller's component was restarted since boot.</summary>
    RestartCount = 10,

    /// <summary>(mark): does nothing; the price of a call. Images built to count take a <see cref="CountingMark"/>; to all others the argument means nothing.</summary>
    Nothing = 11,

    /// <summary>(): the argument that the calling thread was created with.</summary>
    Argument = 12,
}
