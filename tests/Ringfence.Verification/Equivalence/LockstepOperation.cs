// What a kernel does with domains, threads and its base mapping, as numbers that mean the same under every strategy.

namespace Ringfence.Verification.Equivalence;

/// <summary>The kinds of operations. Some stand twice so that they come twice as often.</summary>
internal enum LockstepOperationKind
{
    CreateDomain,
    CreateDomainAgain,
    DestroyDomain,
    AddPartition,
    AddPartitionAgain,
    RemovePartition,
    StartThread,
    StartThreadAgain,
    EndThread,
    MoveThread,
    MoveRunningThread,
    Run,
    RunAgain,
    RunAnother,
    Step,
    StepAgain,
    RunKernelThread,
    MapBase,
    UnmapBase,
    Touch,
}

/// <summary>One operation; the numbers are taken modulo whatever they choose from.</summary>
internal readonly record struct LockstepOperation(LockstepOperationKind Kind, int A, int B, int C);

/// <summary>A program and the machine that it runs on.</summary>
/// <param name="PoolPageCount">Table pages that there are: few enough that some creations are refused.</param>
/// <param name="HoldsOnlyAccessed">Whether the processor caches only what has A set.</param>
/// <param name="Operations">The operations.</param>
internal sealed record LockstepProgram(int PoolPageCount, bool HoldsOnlyAccessed, LockstepOperation[] Operations)
{
    /// <summary>A machine with table pages in plenty, for scenes that are not random.</summary>
    public static LockstepProgram Scene { get; } = new(PoolLimit, HoldsOnlyAccessed: false, []);

    /// <summary>Every how many occasions a mistake is made: not always, so that what follows it can go wrong too.</summary>
    public int MistakePeriod { get; init; } = 2;

    /// <summary>Whether the processor keeps the supervisor from user pages (SMEP and SMAP).</summary>
    public bool KeepsSupervisorFromUserPages { get; init; }

    /// <summary>Operations of each program.</summary>
    public const int Length = 48;

    /// <summary>A program that is always the same for the same seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="levelCount">Levels of the format, on which it depends how many table pages are few.</param>
    public static LockstepProgram FromSeed(long seed, int levelCount)
    {
        // A generator of its own rather than System.Random, whose sequence is nobody's promise.
        ulong state = unchecked(((ulong)seed * 2_862_933_555_777_941_757) + 3_037_000_493);
        int Next(int limit)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            return (int)(state % (ulong)limit);
        }

        // About twice the levels for a set: enough for the base set and one to five others, and never just a whole number of them.
        int pool = (levelCount * 2 * (2 + Next(5))) + Next(levelCount * 2);
        bool holdsOnlyAccessed = Next(4) == 0;
        LockstepOperation[] operations = new LockstepOperation[Length];
        for (int index = 0; index < Length; index++)
        {
            LockstepOperationKind kind = index < 2 ? LockstepOperationKind.CreateDomain
                : index < 4 ? LockstepOperationKind.StartThread
                : (LockstepOperationKind)Next((int)LockstepOperationKind.Touch + 1);
            operations[index] = new LockstepOperation(kind, Next(1000), Next(1000), Next(1000));
        }

        return new LockstepProgram(pool, holdsOnlyAccessed, operations);
    }

    /// <summary>Table pages at most.</summary>
    public const int PoolLimit = 64;
}
