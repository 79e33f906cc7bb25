// What one step of a switch leaves for its caller to do.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>The outcome of one bounded step of a switch. The flush is owed whether or not the switch is complete.</summary>
[MustUseReturnValue]
public readonly struct SwitchStep
{
    internal SwitchStep(bool isComplete, in FlushObligation flush)
    {
        IsComplete = isComplete;
        Flush = flush;
    }

    /// <summary>Whether the thread that was asked for may run once the flush is discharged.</summary>
    public bool IsComplete { get; }

    /// <summary>What this step narrowed.</summary>
    public FlushObligation Flush { get; }
}
