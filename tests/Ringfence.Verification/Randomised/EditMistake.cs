// Mistakes that are put in on purpose, to show that the checks of random programs notice them.

namespace Ringfence.Verification.Randomised;

/// <summary>A planted mistake.</summary>
internal enum EditMistake
{
    None,

    /// <summary>An obligation is not discharged.</summary>
    FlushLeftOut,

    /// <summary>The first page of an obligation is forgotten.</summary>
    PageLeftOutOfFlush,

    /// <summary>A table page is given back before the flush.</summary>
    FreedBeforeFlush,

    /// <summary>The entry after an edited one is given to user mode, too.</summary>
    PageTooMany,

    /// <summary>The entry after an edited one is written although it stays as it is.</summary>
    NeedlessWrite,

    /// <summary>An edit loses the base rights.</summary>
    BaseRightsLost,

    /// <summary>An edit clears D.</summary>
    DirtyLost,

    /// <summary>What should be one locked operation is a read and a store.</summary>
    PlainStore,

    /// <summary>Edits count on a processor that caches only what has A set, and this one doesn't.</summary>
    PromiseNotKept,

    /// <summary>A table page stays on the account that was given back.</summary>
    CreditForgotten,
}
