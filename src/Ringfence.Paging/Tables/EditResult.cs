// An edit answers two questions at once, and neither may be forgotten: did it work, and what must be flushed.

namespace Ringfence.Paging;

/// <summary>The error of an edit, or the flush that it owes. With an error nothing was changed and nothing is owed.</summary>
[MustUseReturnValue]
public readonly struct EditResult
{
    /// <summary>An edit that was refused, or was done and owes nothing: for edits that are made of others.</summary>
    public EditResult(PagingError error) => Error = error;

    /// <summary>An edit that was done: for edits that are made of others.</summary>
    public EditResult(FlushObligation flush) => Flush = flush;

    /// <summary>What went wrong; <see cref="PagingError.IsNone"/> when nothing did.</summary>
    public PagingError Error { get; }

    /// <summary>What must be flushed before the old translations may be relied on to be gone.</summary>
    public FlushObligation Flush { get; }

    /// <summary>Whether the edit was done.</summary>
    public bool Succeeded => Error.IsNone;
}
