// One operation of a random program. Its numbers are taken modulo whatever they choose from, so that every program is one and stays one when it is shrunk.

using CsCheck;
using Ringfence.Paging;

namespace Ringfence.Verification.Randomised;

/// <summary>What is done.</summary>
internal enum EditKind
{
    Map,
    MapLarge,
    Unmap,
    SetRights,
    ResetRights,
    SetBaseRights,
    EditInSteps,
    Split,
    Merge,
    Share,
    Unshare,
    Unlink,
    Copy,
    DetachAll,
    DetachEmpty,
    Load,
    Touch,
}

/// <summary>An operation.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Set">In which set.</param>
/// <param name="Where">To which pages.</param>
/// <param name="What">With which rights, frames, limits.</param>
internal readonly record struct EditOperation(EditKind Kind, int Set, int Where, int What)
{
    /// <summary>One operation; mapping and memory accesses come more often, since all else depends on them.</summary>
    public static readonly Gen<EditOperation> Any = Gen.Select(
        Gen.Frequency(
            (1, Gen.Const(EditKind.Map)), (1, Gen.Const(EditKind.MapLarge)), (1, Gen.Const(EditKind.Touch)), (6, Gen.Int[0, (int)EditKind.Touch].Select(static kind => (EditKind)kind))),
        Gen.Int[0, 3],
        Gen.Int[0, 999],
        Gen.Int[0, 999],
        static (kind, set, where, what) => new EditOperation(kind, set, where, what));
}

/// <summary>A program and the machine it runs on.</summary>
/// <param name="TermBits">Which of the three <see cref="EditTerms"/> hold, a bit each.</param>
/// <param name="PoolPageCount">Table pages that there are.</param>
/// <param name="AccountLimit">Table pages that the second set may have.</param>
/// <param name="Operations">What is done, in this order.</param>
internal sealed record EditProgram(int TermBits, int PoolPageCount, int AccountLimit, EditOperation[] Operations)
{
    /// <summary>Operations at most.</summary>
    public const int LongestProgram = 16;

    /// <summary>Any program.</summary>
    public static readonly Gen<EditProgram> Any = Gen.Select(
        Gen.Int[0, 7], Gen.Int[2, 16], Gen.Int[0, 12], EditOperation.Any.Array[1, LongestProgram],
        static (terms, pool, limit, operations) => new EditProgram(terms, pool, limit, operations));

    /// <summary>The terms.</summary>
    public EditTerms Terms => new((TermBits & 1) != 0, (TermBits & 2) != 0, (TermBits & 4) != 0);

    /// <inheritdoc/>
    public override string ToString() => $"terms {TermBits}, pool {PoolPageCount}, limit {AccountLimit}: {string.Join("; ", Operations)}";
}
