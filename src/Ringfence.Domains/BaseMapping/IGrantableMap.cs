// What memory may be granted is known to whoever laid it out, so a domain asks before it accepts a partition.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Why a page can't be part of a partition.</summary>
public enum GrantObstacleKind : byte
{
    /// <summary>There is no obstacle: all pages may be granted.</summary>
    None,

    /// <summary>The page is not mapped.</summary>
    NotMapped,

    /// <summary>The page is the kernel's, or user mode reaches it without any domain.</summary>
    NotGrantable,

    /// <summary>The page belongs to a stack.</summary>
    Stack,

    /// <summary>The page is a guard.</summary>
    Guard,

    /// <summary>The page holds page tables.</summary>
    PageTable,
}

/// <summary>The first page of a range that can't be granted, and why.</summary>
public readonly struct GrantObstacle
{
    /// <summary>Names an obstacle.</summary>
    public GrantObstacle(GrantObstacleKind kind, PageNumber page)
    {
        Kind = kind;
        Page = page;
    }

    /// <summary>No obstacle.</summary>
    public static GrantObstacle None => default;

    /// <summary>Why.</summary>
    public GrantObstacleKind Kind { get; }

    /// <summary>The page.</summary>
    public PageNumber Page { get; }
}

/// <summary>Answers whether pages may be granted to a domain at all.</summary>
public interface IGrantableMap
{
    /// <summary>The first page of the range that can't be granted, or <see cref="GrantObstacle.None"/>.</summary>
    GrantObstacle FindObstacle(PageRange pages);
}
