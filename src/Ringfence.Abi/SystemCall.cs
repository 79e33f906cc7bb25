// The numbers by which user mode calls the kernel. Assembly code gets them from here: the image builder turns this enum into
// an include file, so there is no second list to keep in step.

namespace Ringfence.Abi;

/// <summary>
/// Number of a system call. Up to five pointer-sized arguments; a 64-bit result, negative values being a <see cref="SystemCallStatus"/>.
/// </summary>
/// <remarks>An unknown number ends the calling thread, and so does one that the code of no component of the image names.</remarks>
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

    /// <summary>(tickLow, tickHigh): waits until the tick counter has reached the 64-bit value given in two halves of 32 bits.
    /// Returns how many ticks ago that was when the call was made; 0 if it had to wait.</summary>
    SleepUntil = 13,

    /// <summary>(handle, timeoutTicks): takes a unit of a semaphore, waiting for one. The right to take is needed; see <see cref="KernelHandle"/>.
    /// Errors: timed out; nobody left who could give, or restarted meanwhile; destroyed meanwhile. <see cref="SystemCallStatus.HolderEnded"/> is a success.</summary>
    SemaphoreTake = 14,

    /// <summary>(handle): gives a unit: to the most important thread that waits, else to the count. The right to give is needed.
    /// Errors: the count is at its limit; a lock that the caller's component doesn't hold.</summary>
    SemaphoreGive = 15,

    /// <summary>(handle): units that could be taken now. Either right will do.</summary>
    SemaphoreCount = 16,

    /// <summary>(initialCount, limit): creates a semaphore for the caller's component alone. Returns a handle. Errors: no object left; a setting out of range.</summary>
    CreateSemaphore = 17,

    /// <summary>(handle): destroys a semaphore that the caller's component created; whoever waits for it is told.</summary>
    DestroySemaphore = 18,

    /// <summary>(handle, address, timeoutTicks): copies a message of the queue's size from the caller's memory, waiting for room. The right to send is needed.
    /// Errors: timed out; nobody left who could receive, or restarted meanwhile. Memory the caller may not read at the moment of the copy ends the caller.</summary>
    SendMessage = 19,

    /// <summary>(handle, address, timeoutTicks): copies the oldest message to the caller's memory, waiting for one. The right to receive is needed.
    /// Errors: timed out; nobody left who could send, or restarted meanwhile. Memory the caller may not write at the moment of the copy ends the caller.</summary>
    ReceiveMessage = 20,

    /// <summary>(handle, address, byteCount, timeoutTicks): copies what has arrived at a serial port, at most so many bytes, waiting for the first. Returns
    /// their number, 1 or more. Errors: timed out; line error. Memory the caller may not write at the moment of the copy ends the caller.</summary>
    ReadSerial = 21,

    /// <summary>(handle, address, byteCount, timeoutTicks): hands bytes to a serial port, waiting for room. Returns how many the port took before the time
    /// was over. Memory the caller may not read at the moment of the copy ends the caller.</summary>
    WriteSerial = 22,

    /// <summary>(): timer ticks a second.</summary>
    TickFrequency = 23,
}
