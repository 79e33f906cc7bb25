// What a system call answers when it did not do what was asked.

namespace Ringfence.Abi;

/// <summary>Negative results of system calls. Every other error ends the calling thread.</summary>
public enum SystemCallStatus
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>The thread table is full.</summary>
    NoThreadAvailable = -1,

    /// <summary>A priority beyond <see cref="ThreadPriority.Least"/>, or more important than the caller's own.</summary>
    PriorityNotAllowed = -2,

    /// <summary>The joined thread was ended by a fault.</summary>
    ThreadFaulted = -3,
}
