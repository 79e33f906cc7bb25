// What a set for user mode alone has of the base mapping.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Keeps the leaves that user mode may use and those of entry pages, and tables in which something may be granted later.</summary>
/// <param name="entryPages">The entry pages.</param>
/// <param name="preparedPages">Pages whose tables are made although nothing may be in them.</param>
internal readonly struct UserModeLeaves(PageRange entryPages, PageRange preparedPages) : ILeafFilter
{
    private readonly PageRange _entryPages = entryPages;
    private readonly PageRange _preparedPages = preparedPages;

    /// <inheritdoc/>
    public static bool KeepsAll => false;

    /// <inheritdoc/>
    public bool Keeps(PageNumber page, LeafRights rights) => rights.IsUser || _entryPages.Contains(page);

    /// <inheritdoc/>
    public bool KeepsTable(PageRange pages) => _preparedPages.Overlaps(pages);
}
