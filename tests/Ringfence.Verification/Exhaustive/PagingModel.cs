// What the page tables of the toy world must say, kept as plainly as can be: a list of pages for each set.

using System;
using Ringfence.Paging;
using Ringfence.Simulator;

namespace Ringfence.Verification.Exhaustive;

/// <summary>How a quarter of the address space is mapped.</summary>
internal enum Quarter : byte
{
    /// <summary>Not at all.</summary>
    Nothing,

    /// <summary>By a table of the set's own, perhaps an empty one.</summary>
    OwnTable,

    /// <summary>By the other set's table.</summary>
    SharedTable,

    /// <summary>By one large page.</summary>
    LargePage,
}

/// <summary>A page.</summary>
/// <param name="Frame">Its frame; 0 when it is not mapped.</param>
/// <param name="Live">Its rights now.</param>
/// <param name="Base">The rights that a reset gives it.</param>
/// <param name="IsDirty">Whether it was written.</param>
internal readonly record struct ModelPage(byte Frame, LeafRights Live, LeafRights Base, bool IsDirty)
{
    public bool IsMapped => Frame != 0;
}

/// <summary>Two sets of 16 pages. In the second one quarters may be the first one's.</summary>
internal sealed class PagingModel : IAccessLaw
{
    public const int PageCount = 16;
    public const int QuarterPageCount = 4;
    public const int QuarterCount = 4;
    public const int SetCount = 2;

    private readonly ModelPage[] _pages = new ModelPage[SetCount * PageCount];
    private readonly Quarter[] _quarters = new Quarter[SetCount * QuarterCount];

    /// <summary>The set that the processor uses.</summary>
    public int Loaded { get; set; }

    public PagingModel Clone()
    {
        PagingModel copy = new() { Loaded = Loaded };
        _pages.CopyTo(copy._pages, 0);
        _quarters.CopyTo(copy._quarters, 0);
        return copy;
    }

    /// <summary>How a quarter is mapped.</summary>
    public ref Quarter QuarterOf(int set, int page) => ref _quarters[(set * QuarterCount) + (page / QuarterPageCount)];

    /// <summary>A page as the set's own tables map it.</summary>
    public ref ModelPage Own(int set, int page) => ref _pages[(set * PageCount) + page];

    /// <summary>A page as the processor sees it when the set is loaded.</summary>
    public ref ModelPage Seen(int set, int page) => ref Own(QuarterOf(set, page) == Quarter.SharedTable ? 0 : set, page);

    /// <summary>Whether the second set uses this quarter of the first.</summary>
    public bool IsSharedOut(int quarter) => QuarterOf(1, quarter * QuarterPageCount) == Quarter.SharedTable;

    /// <summary>Whether every page of the range is mapped by the set's own tables, and no large page only in part.</summary>
    public bool IsEditable(int set, int first, int count)
    {
        for (int page = first; page < first + count; page++)
        {
            int quarterStart = page / QuarterPageCount * QuarterPageCount;
            bool isWhole = first <= quarterStart && first + count >= quarterStart + QuarterPageCount;
            Quarter quarter = QuarterOf(set, page);
            bool fits = quarter == Quarter.OwnTable || (quarter == Quarter.LargePage && isWhole);
            if (!fits || !Own(set, page).IsMapped)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether pages can be mapped there: nothing is, and no table that isn't the set's own is in the way.</summary>
    public bool IsFree(int set, int first, int count)
    {
        for (int page = first; page < first + count; page++)
        {
            if (QuarterOf(set, page) > Quarter.OwnTable || Own(set, page).IsMapped)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Tables that mapping the range takes.</summary>
    public int TablesMissing(int set, int first, int count)
    {
        int missing = 0;
        for (int quarter = first / QuarterPageCount; quarter <= (first + count - 1) / QuarterPageCount; quarter++)
        {
            missing += QuarterOf(set, quarter * QuarterPageCount) == Quarter.Nothing ? 1 : 0;
        }

        return missing;
    }

    /// <summary>Whether the table maps four pages that one large page could map.</summary>
    public bool IsUniform(int set, int first)
    {
        ModelPage start = Own(set, first);
        bool isUniform = start.IsMapped && start.Frame % QuarterPageCount == 0;
        for (int offset = 1; offset < QuarterPageCount; offset++)
        {
            ModelPage page = Own(set, first + offset);
            isUniform &= page.Frame == start.Frame + offset && HasBitsOf(page.Live, start.Live) && page.Base == start.Base;
        }

        return isUniform;
    }

    /// <summary>Whether no page of a quarter is mapped.</summary>
    public bool IsEmpty(int set, int first) =>
        !Own(set, first).IsMapped && !Own(set, first + 1).IsMapped && !Own(set, first + 2).IsMapped && !Own(set, first + 3).IsMapped;

    /// <summary>The law: user code may do what the loaded set says, and on this format what it may read it may execute.</summary>
    public bool AllowsUser(ulong pageAddress, AccessKind kind, out ulong frameAddress)
    {
        ModelPage page = Seen(Loaded, (int)(pageAddress >> PageSize.Shift));
        frameAddress = (ulong)page.Frame << PageSize.Shift;
        return page.IsMapped && page.Live.IsUser && (kind != AccessKind.Write || page.Live.IsWritable);
    }

    /// <summary>Equal on a format without execute-disable.</summary>
    public static bool HasBitsOf(LeafRights one, LeafRights other) => one.IsUser == other.IsUser && one.IsWritable == other.IsWritable;

    public void Clear(int set)
    {
        Array.Clear(_pages, set * PageCount, PageCount);
        Array.Clear(_quarters, set * QuarterCount, QuarterCount);
    }
}
