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

    /// <summary>A page lies under a large-page entry, which no operation here splits. Page: the first such page.</summary>
    UnderLargePage,

    /// <summary>The allocator has too few table pages. See <see cref="PagingError.TablesNeeded"/>.</summary>
    OutOfTablePages,
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

    /// <summary>The reason.</summary>
    public PagingErrorCode Code { get; }

    /// <summary>The page to blame, as the reason says.</summary>
    public PageNumber Page { get; }

    /// <summary>With <see cref="PagingErrorCode.OutOfTablePages"/>: table pages that the edit takes.</summary>
    public PageCount TablesNeeded { get; }

    /// <summary>With <see cref="PagingErrorCode.OutOfTablePages"/>: table pages that were left.</summary>
    public PageCount TablesAvailable { get; }

    /// <summary>Whether the edit succeeded.</summary>
    public bool IsNone => Code == PagingErrorCode.None;
}
