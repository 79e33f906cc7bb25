// Translations of sets that aren't loaded, where the processor keeps them: under which number, and until when.

using System.Numerics;
using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <content>
/// Contexts (PCID). Each set has a number; loading it keeps what the processor held under that number, unless the set is marked as out of date: since it was last loaded it owed a flush, or it is new and the number was another's. INVPCID of
/// a single context would do no better than the mark: a load that has to be made anyway does the flush, and does it on processors without INVPCID, too.
/// </content>
public partial struct PerDomainStrategy<TFormat, TMemory, TSet>
{
    // The base set's own: under it nothing else is ever held, whether the kernel runs on that set always or in want of another.
    private const int BaseContext = 0;

    // That of domains which found no number free: loading it always forgets.
    private const int SharedContext = 64;

    // One bit for each number between those.
    private const ulong AllContexts = ulong.MaxValue - 1;

    private readonly bool UsesContexts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasProcessContexts && _usesContexts;
    }

    /// <summary>Gives a new domain a number that no other has. What the processor holds under it may be of one that had it before.</summary>
    private void TakeContext(ref PerDomainTables<TFormat, TMemory, TSet> tables)
    {
        tables.Context = SharedContext;
        if (_freeContexts != 0)
        {
            int context = BitOperations.TrailingZeroCount(_freeContexts);
            _freeContexts &= ~(1ul << context);
            tables.Context = (byte)context;
        }

        tables.IsOutOfDate = true;
    }

    private void GiveBackContext(in PerDomainTables<TFormat, TMemory, TSet> tables)
    {
        if (tables.Context != SharedContext)
        {
            _freeContexts |= 1ul << tables.Context;
        }
    }

    /// <summary>Loads a set. The mark goes when the obligation is made: one that is combined away takes its flush along.</summary>
    /// <remarks>Not inlined, so that a switch without contexts has no room for it on its stack; nor is the combination, which a kernel that discharges each step's obligation has no use for.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OweLoad(ref PerDomainTables<TFormat, TMemory, TSet> tables, ref FlushObligation owed)
    {
        ContextRoot root = TakeLoad(ref tables);
        if (owed.IsNone)
        {
            owed = FlushObligation.ForRoot(root);
        }
        else
        {
            OweLoadBeside(root, ref owed);
        }
    }

    // Not inlined, like what is above.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ContextRoot TakeLoad(ref PerDomainTables<TFormat, TMemory, TSet> tables)
    {
        bool keepsTranslations = tables.Context != SharedContext && !tables.IsOutOfDate;
        tables.IsOutOfDate = false;
        return new ContextRoot(tables.Set.Tables.Root, tables.Context, keepsTranslations);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OweLoadBeside(ContextRoot root, ref FlushObligation owed) => owed = owed.Combine(FlushObligation.ForRoot(root));

    /// <summary>Leaves what a set owes to the next load of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Postpone(ref PerDomainTables<TFormat, TMemory, TSet> tables, in FlushObligation owed)
    {
        if (UsesContexts)
        {
            tables.IsOutOfDate |= !owed.IsNone;
        }
    }
}
