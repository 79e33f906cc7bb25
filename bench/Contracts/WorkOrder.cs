// What the supervisor asks of a worker thread, and the counts that it brings back.

using System.Runtime.CompilerServices;

namespace Ringfence.Bench.Contracts;

/// <summary>What a worker does.</summary>
public enum WorkKind
{
    /// <summary>Returns at once.</summary>
    None = 0,

    /// <summary>Yields so many times.</summary>
    Yield,

    /// <summary>Makes so many calls that do nothing.</summary>
    NullCall,

    /// <summary>Gives one semaphore and takes the other so many times.</summary>
    Serve,

    /// <summary>Takes the one and gives the other so many times.</summary>
    Return,

    /// <summary>Asks so many times for the count of a semaphore.</summary>
    Count,

    /// <summary>Makes so many calls with as many arguments as the order says.</summary>
    Arguments,

    /// <summary>Looks at the time until <see cref="WorkOrder.IsOver"/>: <see cref="WorkOrder.EndStamp"/> is always the latest.</summary>
    Watch,

    /// <summary>Sleeps for a tick so many times, and each time adds up for how long the order before has not looked at the time.</summary>
    Wake,
}

/// <summary>One worker's order; a thread's argument is its index.</summary>
public struct WorkOrder
{
    /// <summary>What to do.</summary>
    public WorkKind Kind;

    /// <summary>How often.</summary>
    public int RepeatCount;

    /// <summary>Arguments of a call, 0 to 5.</summary>
    public int ArgumentCount;

    /// <summary>Ends a <see cref="WorkKind.Watch"/>.</summary>
    public bool IsOver;

    /// <summary>Whether the loop is the one that is measured: then begin and end are marked for images built to count.</summary>
    public bool IsMeasured;

    /// <summary>Time stamp before the first round.</summary>
    public ulong StartStamp;

    /// <summary>Time stamp after the last round.</summary>
    public ulong EndStamp;
}

/// <summary>The orders of all workers.</summary>
[InlineArray(Count)]
public struct WorkOrders
{
    /// <summary>Number of orders.</summary>
    public const int Count = 8;

    private WorkOrder _order;
}

/// <summary>Pages that the supervisor hands out as partitions.</summary>
[InlineArray(PageCount * 4096)]
public struct PartitionPages
{
    /// <summary>Number of pages.</summary>
    public const int PageCount = 120;

    private byte _first;
}
