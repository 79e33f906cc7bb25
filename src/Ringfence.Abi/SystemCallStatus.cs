// What a system call answers when it did not do what was asked.

namespace Ringfence.Abi;

/// <summary>Results of system calls; the negative ones are errors. Every other error ends the calling thread.</summary>
public enum SystemCallStatus
{
    /// <summary>Done, and the lock was last held by a component that ended without giving it back: what it guards may be half changed.</summary>
    HolderEnded = 1,

    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>The thread table is full.</summary>
    NoThreadAvailable = -1,

    /// <summary>A priority beyond <see cref="ThreadPriority.Least"/>, or more important than the caller's own.</summary>
    PriorityNotAllowed = -2,

    /// <summary>The joined thread was ended by a fault.</summary>
    ThreadFaulted = -3,

    /// <summary>The time was over first; also the answer to a call that would have to wait and was given no time.</summary>
    TimedOut = -4,

    /// <summary>No component is left that could end the wait, and none will be started.</summary>
    PeerEnded = -5,

    /// <summary>The semaphore's count is at its limit.</summary>
    LimitReached = -6,

    /// <summary>The image has no room for another kernel object.</summary>
    NoObjectAvailable = -7,

    /// <summary>The object was destroyed while the thread waited for it.</summary>
    ObjectDestroyed = -8,

    /// <summary>A serial port lost bytes or received damaged ones; what had arrived is thrown away.</summary>
    LineError = -9,

    /// <summary>A semaphore with a limit below 1, or an initial count beyond its limit.</summary>
    SettingNotAllowed = -10,

    /// <summary>A lock was given back by a component that doesn't hold it.</summary>
    NotHolder = -11,

    /// <summary>The last component that could have ended the wait faulted and is restarted: what was asked of its last life is lost, its next may end the next wait.</summary>
    PeerRestarted = -12,
}
