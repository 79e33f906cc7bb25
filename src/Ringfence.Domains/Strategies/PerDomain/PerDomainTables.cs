// What there is for each domain when each has a set of its own.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>A domain's set of tables, which stack it grants, and what it takes. A mutable value that lives beside the domain; the default one stands for no domain.</summary>
/// <typeparam name="TFormat">The paging format.</typeparam>
/// <typeparam name="TMemory">Access to table pages.</typeparam>
/// <typeparam name="TSet">The kind of set.</typeparam>
public struct PerDomainTables<TFormat, TMemory, TSet>
    where TFormat : struct, IPagingFormat
    where TMemory : struct, ITableMemory
    where TSet : struct, IDomainSet<TSet, TFormat, TMemory>
{
    // The set's root, once more as wide as the processor's registers: each switch looks at it.
    internal TableAddress Root;
    internal TSet Set;
    internal TableAccount Account;

    // Remembered for each set, by generation: the stacks of two lives at one address are two. While a switch is under way its pages are those that are granted so far.
    internal UserStack Stack;

    // The thread to which a load of the set is the whole switch: the set grants its stack. 0 for none.
    internal nuint ReadyFor;

    // Under which number the processor keeps the set's translations, and whether they may be other than the set is now: then the next load drops them.
    internal byte Context;
    internal bool IsOutOfDate;

    /// <summary>The table pages that the domain has.</summary>
    public readonly PageCount PageCount => Account.InUse;

    /// <summary>The stack that the set grants; none when it grants none.</summary>
    public readonly UserStack AppliedStack => Stack;

    /// <summary>The thread that <see cref="PerDomainStrategy{TFormat,TMemory,TSet}.NoteReady"/> noted, while it holds; 0 for none.</summary>
    public readonly nuint NotedThread => ReadyFor;
}
