namespace Ringfence.Kernel;

/// <summary>Where a slot of the thread table stands.</summary>
public enum ThreadState : byte
{
    /// <summary>Never used, or its last thread was joined.</summary>
    Free = 0,

    /// <summary>Created, not started.</summary>
    Created,

    /// <summary>In a ready queue.</summary>
    Ready,

    /// <summary>The current thread.</summary>
    Running,

    /// <summary>Waiting for a tick.</summary>
    Sleeping,

    /// <summary>Waiting for another thread to end.</summary>
    Joining,

    /// <summary>Waiting until another thread wakes it.</summary>
    Waiting,

    /// <summary>Waiting for a kernel object, in its list of waiters.</summary>
    Blocked,

    /// <summary>Over; the slot keeps the outcome until it is joined or needed for another thread.</summary>
    Ended,
}
