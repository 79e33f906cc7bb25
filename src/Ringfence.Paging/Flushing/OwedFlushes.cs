// A translation cache that does nothing yet: for a caller who wants to know what an edit owes that discharges by itself.

namespace Ringfence.Paging;

/// <summary>Notes flushes instead of carrying them out.</summary>
public struct OwedFlushes : ITranslationCache
{
    private FlushObligation _owed;

    /// <summary>Continues this obligation.</summary>
    public OwedFlushes(in FlushObligation owed) => _owed = owed;

    /// <summary>All that was noted.</summary>
    public readonly FlushObligation Owed => _owed;

    /// <inheritdoc/>
    public void FlushPage(PageNumber page) => _owed.Add(page);

    /// <inheritdoc/>
    public void FlushAll() => _owed = _owed.Combine(FlushObligation.WholeSet);

    /// <inheritdoc/>
    public void LoadRoot(TableAddress root) => _owed = _owed.Combine(FlushObligation.ForRoot(new PhysicalAddress(root.Value)));

    /// <inheritdoc/>
    public void LoadContext(ContextRoot root) => _owed = _owed.Combine(FlushObligation.ForRoot(root));

    /// <inheritdoc/>
    public void FlushEveryContext() => _owed = _owed.Combine(FlushObligation.WholeSet.InEveryContext());
}
