// Who has how many table pages: each owner of a set keeps one of these, and every edit that takes or gives a page is told whose.

namespace Ringfence.Paging;

/// <summary>
/// The table pages that one owner has taken and not given back, exactly, and how many it may have at once. A mutable value: keep it in one place. Several sets can be on one account.
/// </summary>
public struct TableAccount
{
    private readonly nuint _limit;
    private nuint _inUse;

    /// <summary>An account that may have at most <paramref name="limit"/> pages at once.</summary>
    public TableAccount(PageCount limit) => _limit = limit.Value;

    /// <summary>An account with no limit but the allocator's.</summary>
    public static TableAccount Unlimited => new(new PageCount(nuint.MaxValue));

    /// <summary>Pages at once at most.</summary>
    public readonly PageCount Limit => new(_limit);

    /// <summary>Pages taken and not given back.</summary>
    public readonly PageCount InUse => new(_inUse);

    /// <summary>Pages that the limit still leaves.</summary>
    public readonly PageCount Left => new(_limit - _inUse);

    internal void Charge(PageCount count) => _inUse += count.Value;

    internal void Credit() => _inUse--;
}
