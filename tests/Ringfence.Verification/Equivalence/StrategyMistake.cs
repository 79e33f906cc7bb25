// Mistakes that are put in on purpose, to show that the lockstep of the strategies notices them.

namespace Ringfence.Verification.Equivalence;

/// <summary>A planted mistake, of a strategy or of the kernel that uses it.</summary>
internal enum StrategyMistake
{
    None,

    /// <summary>An obligation that loads no root is not discharged.</summary>
    FlushLeftOut,

    /// <summary>A root is not loaded.</summary>
    RootLoadLeftOut,

    /// <summary>A partition is granted in the set of another domain.</summary>
    GrantInWrongSet,

    /// <summary>A partition is not revoked.</summary>
    RevocationLeftOut,

    /// <summary>The end of a thread is told with the generation of a stack that had its pages before.</summary>
    StaleStackGeneration,

    /// <summary>The end of a thread is not told.</summary>
    ExitNotTold,

    /// <summary>The move of a thread is not told.</summary>
    MoveNotTold,

    /// <summary>A loaded set, or linked tables, are destroyed and the processor goes on using them.</summary>
    DestroyedWhileLoaded,

    /// <summary>A table page is given back twice, so that two sets get it.</summary>
    TableFreedTwice,

    /// <summary>A set is copied from one in which something is granted.</summary>
    GrantedRightsCopied,

    /// <summary>A guard withholds live rights only, and an edit of the whole stack brings its base rights back.</summary>
    GuardLost,

    /// <summary>A domain gets the number and the generations of one that was there before, as if it were known by its address.</summary>
    DomainNumberReused,

    /// <summary>Pages go out of the base set only.</summary>
    UnmappedInBaseSetOnly,

    /// <summary>Pages come into the base set only.</summary>
    MappedInBaseSetOnly,

    /// <summary>A partition is granted in a table that all sets share, too.</summary>
    SharedTableEdited,

    /// <summary>A table that one domain has for itself is linked into the set of another.</summary>
    OwnTableLinked,

    /// <summary>The load of a set that is out of date keeps what the processor holds of it: a mark that was left out, or disregarded.</summary>
    KeptOutOfDate,

    /// <summary>A set that gets the number of one before it is loaded as if that number's translations were its own.</summary>
    ContextNumberReused,

    /// <summary>A flush of every context reaches only the one that is loaded.</summary>
    OtherContextsForgotten,

    /// <summary>What the next exit was to forget is left out when another set is noted for it.</summary>
    NotedFlushLost,

    /// <summary>Somebody else gives pages that are granted their base rights, and the strategy goes on by what it knows of them.</summary>
    GrantedEntryEdited,

    /// <summary>The tables of a domain are noted as ready for the thread that they were ready for before.</summary>
    NotedForAnother,

    /// <summary>What is known of a stack was found out about the pages beside it, as if it had been kept when the stack moved.</summary>
    StackPlaceKept,
}

/// <summary>Decides when a mistake happens.</summary>
/// <param name="mistake">The mistake.</param>
/// <param name="period">Every how many occasions it is made.</param>
internal sealed class MistakeMaker(StrategyMistake mistake, int period)
{
    private int _occasions;

    /// <summary>The mistake.</summary>
    public StrategyMistake Mistake { get; } = mistake;

    /// <summary>Whether it is made now.</summary>
    public bool Happens(StrategyMistake kind) => Mistake == kind && ++_occasions % period == 0;
}
