// What an edit may count on. The defaults are those that are right on every processor for memory of user mode.

namespace Ringfence.Paging;

/// <summary>
/// What is known about the processor and about the memory whose rights are edited. It decides what an edit owes, never what it writes but for the A bit.
/// The default value: nothing is promised about A, spurious faults are retried, the supervisor may use pages of user mode.
/// </summary>
public readonly struct EditTerms
{
    /// <summary>Names the terms.</summary>
    /// <param name="holdsOnlyAccessed">See <see cref="HoldsOnlyAccessed"/>.</param>
    /// <param name="spuriousFaultsAreFatal">See <see cref="SpuriousFaultsAreFatal"/>.</param>
    /// <param name="supervisorIsKeptFromUserPages">See <see cref="SupervisorIsKeptFromUserPages"/>.</param>
    public EditTerms(bool holdsOnlyAccessed = false, bool spuriousFaultsAreFatal = false, bool supervisorIsKeptFromUserPages = false)
    {
        HoldsOnlyAccessed = holdsOnlyAccessed;
        SpuriousFaultsAreFatal = spuriousFaultsAreFatal;
        SupervisorIsKeptFromUserPages = supervisorIsKeptFromUserPages;
    }

    /// <summary>
    /// The processor promises to hold no translation through an entry whose A bit it has not set (Intel SDM vol. 3A 4.8, 4.10.2.3). An edit that finds A clear in the same locked
    /// operation that changes the entry then owes no flush for it, and an edit that takes rights and finds A set clears it. Leave it off for a vendor that promises nothing.
    /// </summary>
    public bool HoldsOnlyAccessed { get; }

    /// <summary>
    /// The processor touches this memory while it delivers an exception (descriptor tables, stacks of ring 0, entry code), so a fault on a stale narrower translation can't be retried: widening is flushed too.
    /// </summary>
    public bool SpuriousFaultsAreFatal { get; }

    /// <summary>SMEP or SMAP is on, and it matters at once: giving a page to user mode takes it from the supervisor, which is a narrowing like any other.</summary>
    public bool SupervisorIsKeptFromUserPages { get; }
}
