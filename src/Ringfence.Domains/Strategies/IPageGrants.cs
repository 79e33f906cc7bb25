// What a change of stacks asks of the tables of a domain, of whatever kind they are.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Tables in which pages are given to user mode and taken back.</summary>
public interface IPageGrants
{
    /// <summary>Gives user mode these rights on pages on which the base mapping gives it nothing.</summary>
    void Grant(PageRange pages, LeafRights rights, ref FlushObligation owed);

    /// <summary>Takes every right on these pages from user mode.</summary>
    void Revoke(PageRange pages, ref FlushObligation owed);
}
