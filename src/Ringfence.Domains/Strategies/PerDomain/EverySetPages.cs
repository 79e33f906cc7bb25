// What a set of a domain has room for, whatever the domain's partitions are.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Pages that concern the set of every domain.</summary>
/// <param name="entry">Pages of the kernel that entry and exit need whatever set is loaded.</param>
/// <param name="stacks">All user stacks, with what lies between them.</param>
public readonly struct EverySetPages(PageRange entry, PageRange stacks)
{
    /// <summary>Pages of the kernel that entry and exit need whatever set is loaded; empty where the kernel has no set of its own.</summary>
    public PageRange Entry { get; } = entry;

    /// <summary>All user stacks, with what lies between them: a switch grants one of them, and can't fail.</summary>
    public PageRange Stacks { get; } = stacks;
}
