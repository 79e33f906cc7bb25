// What every page is outside any domain: a short sorted list, known since boot, from which the law and the audit judge.

using System;
using System.Runtime.InteropServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Consecutive pages of the base mapping with the same rights, mapped to consecutive frames. Pages in no region are not mapped.</summary>
/// <remarks>An image builder may write an array of these as data: first page, end and first frame, a word each, then a word with the rights in its lowest byte and the obstacle in the next.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct BaseRegion
{
    private readonly PageNumber _first;
    private readonly PageNumber _end;

    /// <summary>Names a region.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="firstFrame">The frame of the first page.</param>
    /// <param name="rights">The base rights: what the pages allow when no domain and no stack is applied.</param>
    /// <param name="obstacle">Why no partition may cover these pages, or <see cref="GrantObstacleKind.None"/> for memory that can be granted. A region whose rights include user mode is never granted.</param>
    public BaseRegion(PageRange pages, FrameNumber firstFrame, LeafRights rights, GrantObstacleKind obstacle = GrantObstacleKind.NotGrantable)
    {
        _first = pages.First;
        _end = pages.End;
        FirstFrame = firstFrame;
        Rights = rights;
        Obstacle = obstacle;
    }

    /// <summary>The pages.</summary>
    public PageRange Pages => PageRange.CreateUnchecked(_first, _end);

    /// <summary>The first page, read by itself: a search looks at many regions.</summary>
    internal PageNumber First => _first;

    /// <summary>The page after the last one.</summary>
    internal PageNumber End => _end;

    /// <summary>The frame of the first page.</summary>
    public FrameNumber FirstFrame { get; }

    /// <summary>The base rights.</summary>
    public LeafRights Rights { get; }

    /// <summary>Why no partition may cover these pages.</summary>
    public GrantObstacleKind Obstacle { get; }
}

/// <summary>The base mapping: regions that don't overlap, in the order of their addresses, none of them empty.</summary>
public readonly ref struct BaseMapping
{
    private readonly ReadOnlySpan<BaseRegion> _regions;

    private BaseMapping(ReadOnlySpan<BaseRegion> regions) => _regions = regions;

    /// <summary>A base mapping over these regions, or false when they overlap, are out of order, or one is empty.</summary>
    public static bool TryCreate(ReadOnlySpan<BaseRegion> regions, out BaseMapping mapping)
    {
        mapping = default;
        for (int index = 0; index < regions.Length; index++)
        {
            if (regions[index].Pages.IsEmpty || (index != 0 && regions[index].Pages.First < regions[index - 1].Pages.End))
            {
                return false;
            }
        }

        mapping = new BaseMapping(regions);
        return true;
    }

    /// <summary>A base mapping over regions that <see cref="TryCreate"/> has accepted before and that did not change since: what a system call uses.</summary>
    public static BaseMapping CreateUnchecked(ReadOnlySpan<BaseRegion> regions) => new(regions);

    /// <summary>The regions.</summary>
    public ReadOnlySpan<BaseRegion> Regions => _regions;

    /// <summary>The index of the region that holds the page, or of the first one above it when <paramref name="found"/> is false.</summary>
    public int Find(PageNumber page, out bool found)
    {
        ReadOnlySpan<BaseRegion> regions = _regions;
        int low = 0;
        int high = regions.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (regions[middle].End <= page)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        // No region before it reaches as far, and this one goes beyond the page.
        found = low < regions.Length && regions[low].First <= page;
        return low;
    }

    /// <summary>
    /// The first page of the range that can't be granted, judged by the regions alone: not mapped, or in a region with an obstacle, or one that user mode
    /// reaches anyway. What comes and goes (stacks made at run time) the kernel checks on top of this.
    /// </summary>
    public GrantObstacle FindObstacle(PageRange pages)
    {
        PageNumber page = pages.First;
        while (page < pages.End)
        {
            int index = Find(page, out bool found);
            if (!found)
            {
                return new GrantObstacle(GrantObstacleKind.NotMapped, page);
            }

            ref readonly BaseRegion region = ref _regions[index];
            if (region.Obstacle != GrantObstacleKind.None || region.Rights.IsUser)
            {
                return new GrantObstacle(region.Obstacle == GrantObstacleKind.None ? GrantObstacleKind.NotGrantable : region.Obstacle, page);
            }

            page = region.End;
        }

        return GrantObstacle.None;
    }
}
