// What there is for each domain when domains differ by leaf tables.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Where a domain's list of leaf tables is, which stack its tables grant, and how many it has. A mutable value that lives beside the domain; the default one stands for no domain.</summary>
public struct LeafLinkTables
{
    internal TableAddress Place;
    internal TableAccount Account;

    // By generation: the stacks of two lives at one address are two. While a switch is under way its pages are those that are granted so far.
    internal UserStack Stack;

    // The thread to which linking the list is the whole switch: the tables grant its stack. 0 for none.
    internal nuint ReadyFor;

    /// <summary>The leaf tables that are the domain's own, each a page.</summary>
    public readonly PageCount PageCount => Account.InUse;

    /// <summary>The stack that the domain's tables grant; none when they grant none.</summary>
    public readonly UserStack AppliedStack => Stack;

    /// <summary>The thread that <see cref="LeafLinkStrategy{TFormat,TMemory,TWindows}.NoteReady"/> noted, while it holds; 0 for none.</summary>
    public readonly nuint NotedThread => ReadyFor;

    internal readonly bool Exists => Place.Value != 0;
}
