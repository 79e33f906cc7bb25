// Mistakes that are put in on purpose, to show that the search notices them.

namespace Ringfence.Verification.Exhaustive;

/// <summary>A planted mistake.</summary>
internal enum ToyMistake
{
    None,

    /// <summary>No obligation is discharged.</summary>
    FlushLeftOut,

    /// <summary>Of an obligation to flush everything only one page is flushed, and of one to flush pages all but the first.</summary>
    FlushTooSmall,

    /// <summary>A table page is given back before the flush.</summary>
    FreedBeforeFlush,

    /// <summary>The page after a range is edited too.</summary>
    OnePageTooMany,

    /// <summary>The edit is told that the processor holds only what has A set, and the processor does not keep to it.</summary>
    PromiseNotKept,

    /// <summary>What should be one locked operation is a read and a store.</summary>
    PlainStore,

    /// <summary>Memory that exception delivery touches is edited on terms that don't say so.</summary>
    ExceptionMemoryNotNamed,

    /// <summary>The kernel forgets to tell the strategy that a partition was removed.</summary>
    RemovalNotTold,

    /// <summary>The kernel forgets to tell the strategy that a thread moved.</summary>
    MoveNotTold,
}
