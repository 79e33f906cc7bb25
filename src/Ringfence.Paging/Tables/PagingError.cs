// Why an edit was refused, with the value that was to blame: errors are values here.

namespace Ringfence.Paging;

/// <summary>The reasons for which an edit is refused.</summary>
public enum PagingErrorCode : byte
{
    /// <summary>No error.</summary>
    None,

    /// <summary>The range leaves the address space of the format or crosses its non-canonical middle. Page: the first of the range.</summary>
    RangeNotCanonical,

    /// <summary>The frames reach beyond what an entry of the format can name. Page: the first of the range.</summary>
    FrameOutOfReach,

    /// <summary>A page to be mapped is mapped already. Page: the first such page.</summary>
    AlreadyMapped,

    /// <summary>A page is not mapped, so it can't be unmapped or given rights. Page: the first such page.</summary>
    NotMapped,

    /// <summary>The range begins or ends inside a large page, which must be split first; or a small page shall be mapped there. Page: the first such page.</summary>
    UnderLargePage,

    /// <summary>There are too few table pages, in the allocator or on the account. See <see cref="PagingError.TablesNeeded"/>.</summary>
    OutOfTablePages,

    /// <summary>The first page, the count or the first frame is no multiple of the leaf size. Page: the first of the range.</summary>
    NotAligned,

    /// <summary>A table, perhaps an empty one, is where a large leaf or a shared table shall be. Page: the first page that it maps.</summary>
    TableInTheWay,

    /// <summary>A table on the way belongs to another set, which alone may edit it. Page: the first such page.</summary>
    UnderSharedTable,

    /// <summary>There is no large page to split, no table to merge, no shared table to unshare, no table to share. Page: the page asked for.</summary>
    NothingThere,

    /// <summary>The pages of a table can't be one large page: one is absent, or its frame doesn't follow on, or its rights differ. Page: the first such page.</summary>
    NotUniform,

    /// <summary>A page shall be granted that lies in none of the windows that are planned for such pages. Page: the first such page.</summary>
    OutsideWindows,
}

/// <summary>The outcome of an edit: no error, or which page (and how many table pages) was to blame.</summary>
public readonly struct PagingError
{
    internal PagingError(PagingErrorCode code, PageNumber page, PageCount tablesNeeded = default, PageCount tablesAvailable = default)
    {
        Code = code;
        Page = page;
        TablesNeeded = tablesNeeded;
        TablesAvailable = tablesAvailable;
    }

    /// <summary>There are too few table pages for an edit of several sets together.</summary>
    /// <param name="page">The first page of the edit.</param>
    /// <param name="needed">Table pages that it takes.</param>
    /// <param name="available">Table pages that are left.</param>
    public static PagingError OutOfTablePages(PageNumber page, PageCount needed, PageCount available) =>
        new(PagingErrorCode.OutOfTablePages, page, needed, available);

    /// <summary>A page to be granted lies in no window.</summary>
    /// <param name="page">The page.</param>
    public static PagingError OutsideWindows(PageNumber page) => new(PagingErrorCode.OutsideWindows, page);

    /// <summary>The reason.</summary>
    public PagingErrorCode Code { get; }

    /// <summary>The page to blame, as the reason says.</summary>
    public PageNumber Page { get; }

    /// <summary>With <see cref="PagingErrorCode.OutOfTablePages"/>: table pages that the edit takes.</summary>
    public PageCount TablesNeeded { get; }

    /// <summary>With <see cref="PagingErrorCode.OutOfTablePages"/>: table pages that were left, to the allocator or to the account, whichever had fewer.</summary>
    public PageCount TablesAvailable { get; }

    /// <summary>Whether the edit succeeded.</summary>
    public bool IsNone => Code == PagingErrorCode.None;
}
