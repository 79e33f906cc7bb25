namespace Ringfence.Machine;

/// <summary>One component of the image: its private regions, its entry point and how it is run. Emitted by the image builder.</summary>
public readonly struct ComponentDescription
{
    /// <summary>Address of the name, ASCII, not terminated.</summary>
    public readonly nuint Name;

    /// <summary>Length of the name in bytes.</summary>
    public readonly nuint NameLength;

    /// <summary>Text: read and execute for the component's domain. Page aligned, half-open, as all ranges here.</summary>
    public readonly nuint TextStart;

    /// <inheritdoc cref="TextStart"/>
    public readonly nuint TextEnd;

    /// <summary>Read-only data of the component.</summary>
    public readonly nuint ReadOnlyStart;

    /// <inheritdoc cref="ReadOnlyStart"/>
    public readonly nuint ReadOnlyEnd;

    /// <summary>Statics: the component's private partition. Memory only; the kernel fills it at every start.</summary>
    public readonly nuint StaticsStart;

    /// <inheritdoc cref="StaticsStart"/>
    public readonly nuint StaticsEnd;

    /// <summary>Initial content of the statics, in kernel read-only data; byte aligned.</summary>
    public readonly nuint PristineStart;

    /// <summary>Length of the initial content in bytes; what follows up to <see cref="StaticsEnd"/> starts as zeroes.</summary>
    public readonly nuint PristineLength;

    /// <summary>Address of <c>ComponentStart</c>, or its like without a cookie: the first user instruction of every thread of the component.</summary>
    public readonly nuint Entry;

    /// <summary>Priority of the main thread; 0 is the most important.</summary>
    public readonly nuint Priority;

    /// <summary>What happens after a fault ended one of its threads: a <see cref="RestartPolicy"/>.</summary>
    public readonly nuint Restart;

    /// <summary>How many times the component may be restarted.</summary>
    public readonly nuint RestartLimit;

    /// <summary>Address of the first <see cref="GrantDescription"/>.</summary>
    public readonly nuint Grants;

    /// <summary>Number of grants.</summary>
    public readonly nuint GrantCount;
}

/// <summary>A component's right to a shared partition.</summary>
public readonly struct GrantDescription
{
    /// <summary>Index of the shared partition in the image.</summary>
    public readonly nuint SharedPartition;

    /// <summary>0 for read, 1 for read and write.</summary>
    public readonly nuint Writable;
}

/// <summary>A partition that several components may be granted.</summary>
public readonly struct SharedPartitionDescription
{
    /// <summary>Address of the name, ASCII, not terminated.</summary>
    public readonly nuint Name;

    /// <summary>Length of the name in bytes.</summary>
    public readonly nuint NameLength;

    /// <summary>Page-aligned range, half-open; zero-filled at boot.</summary>
    public readonly nuint Start;

    /// <inheritdoc cref="Start"/>
    public readonly nuint End;
}

/// <summary>What the kernel does when a fault has ended a thread of a component.</summary>
public enum RestartPolicy
{
    /// <summary>The component stays down.</summary>
    Never = 0,

    /// <summary>Its other threads are ended, its statics are restored and its main thread is started again, up to the limit.</summary>
    OnFault = 1,
}
