namespace Ringfence.Kernel;

/// <summary>What the kernel keeps of a component while the machine runs; what the image says of it is in the image's table.</summary>
public struct Component
{
    /// <summary>Where its life stands.</summary>
    public ComponentState State;

    /// <summary>Its domain.</summary>
    public int Domain;

    /// <summary>Its threads that have not ended.</summary>
    public int LiveThreadCount;

    /// <summary>Threads of it that a fault ended since boot.</summary>
    public int FaultCount;

    /// <summary>How often it was restarted since boot.</summary>
    public int RestartCount;

    /// <summary>Exit code of its main thread in its last life.</summary>
    public int ExitCode;

    /// <summary>Its main thread, also after that has ended; the default handle before the first start.</summary>
    public ThreadHandle MainThread;
}

/// <summary>The life of a component.</summary>
public enum ComponentState : byte
{
    /// <summary>Its domain exists, no thread was started.</summary>
    Prepared = 0,

    /// <summary>It has threads.</summary>
    Running,

    /// <summary>A fault ended one of its threads; the supervisor has not acted yet.</summary>
    Faulted,

    /// <summary>All its threads returned.</summary>
    Finished,

    /// <summary>Stopped after a fault, by its restart policy.</summary>
    Stopped,
}
