// The address space of the lockstep: pages in groups that lie at borders of tables and at the top, known by numbers that are the same in every format.

using System;
using System.Linq;
using Ringfence.Paging;

namespace Ringfence.Verification.Equivalence;

/// <summary>Pages by number: 0 to <see cref="PageTotal"/>-1, in groups of consecutive pages.</summary>
internal static class AddressPlan
{
    /// <summary>The memory of a small kernel, with an unmapped page at each end and a border between two leaf tables in the grantable memory.</summary>
    public const int KernelGroup = 0;

    /// <summary>The last pages of the address space and an unmapped one before them.</summary>
    public const int TopGroup = 1;

    /// <summary>A device's pages, two on each side of a border, in leaf tables of their own.</summary>
    public const int DeviceGroup = 2;

    /// <summary>A device's pages where there is no table at all but the root.</summary>
    public const int FarGroup = 3;

    public const int GroupCount = 4;
    public const int FirstStackPage = 12;
    public const int StackPageCount = 12;

    /// <summary>The guard below the stacks, mapped and read-only.</summary>
    public const int MappedGuardPage = 11;

    /// <summary>The page of kernel text that entry and exit need.</summary>
    public const int EntryPage = 1;

    private static readonly int[] s_groupFirst = [0, 43, 50, 54, 56];

    // Page, count, rights, whether it can be granted. What is not listed is not mapped at first.
    private static readonly (int First, int Count, LeafRights Rights, bool IsGrantable)[] s_regions =
    [
        (1, 3, LeafRights.SupervisorReadExecute, false),
        (4, 3, LeafRights.SupervisorReadWrite, false),
        (7, 2, LeafRights.UserReadExecute, false),
        (9, 1, LeafRights.UserRead, false),
        (MappedGuardPage, 1, LeafRights.SupervisorRead, false),
        (FirstStackPage, StackPageCount, LeafRights.SupervisorRead, false),
        (24, 16, LeafRights.SupervisorRead, true),
        (40, 2, LeafRights.SupervisorRead, false),
        (44, 6, LeafRights.SupervisorReadWrite, true),
    ];

    private static readonly (int First, int Count)[] s_devices = [(50, 4), (50, 2), (53, 1), (54, 2), (0, 1), (10, 1)];

    private static readonly int[] s_grantablePages =
    [
        .. Enumerable.Range(24, 16), .. Enumerable.Range(FirstOf(TopGroup) + 1, 6), .. Enumerable.Range(FirstOf(DeviceGroup), 6), 0, 10,
    ];

    /// <summary>Pages that can be granted at one time or another.</summary>
    public static ReadOnlySpan<int> GrantablePages => s_grantablePages;

    /// <summary>Pages in all.</summary>
    public static int PageTotal => s_groupFirst[GroupCount];

    /// <summary>What is mapped from the beginning.</summary>
    public static ReadOnlySpan<(int First, int Count, LeafRights Rights, bool IsGrantable)> Regions => s_regions;

    /// <summary>Ranges that come and go.</summary>
    public static ReadOnlySpan<(int First, int Count)> Devices => s_devices;

    /// <summary>The first page of a group.</summary>
    public static int FirstOf(int group) => s_groupFirst[group];

    /// <summary>Where a run of pages from here ends at the latest: the end of its group.</summary>
    public static int EndOfGroup(int page)
    {
        int group = 0;
        while (s_groupFirst[group + 1] <= page)
        {
            group++;
        }

        return s_groupFirst[group + 1];
    }
}

/// <summary>Where the pages of the plan lie in a format.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal static class Placement<TFormat>
    where TFormat : struct, IPagingFormat
{
    /// <summary>The page with this number.</summary>
    public static PageNumber PageOf(int number)
    {
        int group = 0;
        while (AddressPlan.FirstOf(group + 1) <= number)
        {
            group++;
        }

        return new PageNumber(FirstPage(group) + (nuint)(number - AddressPlan.FirstOf(group)));
    }

    /// <summary>The number of a page, or -1 if it has none.</summary>
    public static int NumberOf(PageNumber page)
    {
        for (int group = 0; group < AddressPlan.GroupCount; group++)
        {
            nuint offset = page.Value - FirstPage(group);
            if (page.Value >= FirstPage(group) && offset < (nuint)(AddressPlan.FirstOf(group + 1) - AddressPlan.FirstOf(group)))
            {
                return AddressPlan.FirstOf(group) + (int)offset;
            }
        }

        return -1;
    }

    /// <summary>A run of pages of one group.</summary>
    public static PageRange Pages(int first, int count) => PageRange.CreateTruncated(PageOf(first), new PageCount((nuint)count));

    private static nuint FirstPage(int group)
    {
        nuint span = TFormat.Level(1).EntrySpan.Value;
        return group switch
        {
            AddressPlan.KernelGroup => span - 29,
            AddressPlan.TopGroup => FormatGeometry<TFormat>.LastPage.Value - 6,
            AddressPlan.DeviceGroup => (5 * span) - 2,
            _ => ((nuint)1 << 19) + 3,
        };
    }
}
