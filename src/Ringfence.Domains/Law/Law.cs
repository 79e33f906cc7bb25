// The law of the fence as a pure function: who may touch what. It reads no page tables, so tables can be checked against it, and a
// kernel that copies for a thread asks about that thread, whatever happens to be applied at the moment.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Why the law denies an access.</summary>
public enum DenialReason : byte
{
    /// <summary>It doesn't: the access is allowed.</summary>
    None,

    /// <summary>The bytes go beyond the top of the address space. Address: the first byte asked for, since nothing of such a request is meant.</summary>
    WrapsAround,

    /// <summary>There is no such address in this paging format.</summary>
    NonCanonical,

    /// <summary>User mode has no right at all on the page.</summary>
    NoRights,

    /// <summary>User mode has rights on the page, but not to write.</summary>
    NotWritable,

    /// <summary>User mode has rights on the page, but not to execute.</summary>
    NotExecutable,
}

/// <summary>What the law says about an access: allowed, or the first address that is denied and why.</summary>
public readonly struct LawVerdict
{
    internal LawVerdict(DenialReason reason, VirtualAddress deniedAddress)
    {
        Reason = reason;
        DeniedAddress = deniedAddress;
    }

    /// <summary>Whether every byte may be accessed.</summary>
    public bool IsAllowed => Reason == DenialReason.None;

    /// <summary>Why not.</summary>
    public DenialReason Reason { get; }

    /// <summary>The lowest address that is denied. Of no meaning when allowed.</summary>
    public VirtualAddress DeniedAddress { get; }
}

/// <summary>
/// A user thread may do exactly what the base mapping gives user mode, what a partition of its domain gives, and read and write its own stack,
/// and the stacks that its domain holds.
/// Where the format can't withhold execution, read implies execute.
/// </summary>
public static class Law
{
    /// <summary>
    /// Whether a thread with this domain and stack may access <paramref name="byteCount"/> bytes from <paramref name="address"/> on.
    /// <para>No bytes: allowed at every canonical address, also one the thread has no right on, because nothing is touched; denied as
    /// <see cref="DenialReason.NonCanonical"/> elsewhere.</para>
    /// <para>The last byte of the last page can be reached; one byte more is <see cref="DenialReason.WrapsAround"/>, which is checked before all else.</para>
    /// </summary>
    public static LawVerdict Check<TFormat>(
        in Domain domain, in UserStack stack, BaseMapping baseMapping, VirtualAddress address, nuint byteCount, Access access)
        where TFormat : struct, IPagingFormat
    {
        if (byteCount == 0)
        {
            return FormatGeometry<TFormat>.Contains(address) ? default : new LawVerdict(DenialReason.NonCanonical, address);
        }

        nuint highest = AddressLimit.HighestAddress<TFormat>();
        if (address.Value > highest)
        {
            return new LawVerdict(DenialReason.NonCanonical, address);
        }

        if (byteCount - 1 > highest - address.Value)
        {
            return new LawVerdict(DenialReason.WrapsAround, address);
        }

        PageNumber page = address.Page;
        PageNumber end = new(new VirtualAddress(address.Value + (byteCount - 1)).Page.Value + 1);
        while (page < end)
        {
            bool mapped = TryGetRights<TFormat>(in domain, in stack, baseMapping, page, out LeafRights rights, out PageNumber stretchEnd);
            DenialReason reason = mapped ? Deny<TFormat>(rights, access) : DenialReason.NoRights;
            if (reason != DenialReason.None)
            {
                VirtualAddress denied = page == address.Page ? address : page.Address;
                return new LawVerdict(FormatGeometry<TFormat>.Contains(denied) ? reason : DenialReason.NonCanonical, denied);
            }

            page = stretchEnd;
        }

        return default;
    }

    /// <summary>
    /// The rights that the leaf of a page must have while a thread with this domain and stack runs. False when the base mapping doesn't map the page.
    /// </summary>
    /// <param name="domain">The thread's domain.</param>
    /// <param name="stack">The thread's stack.</param>
    /// <param name="baseMapping">The base mapping.</param>
    /// <param name="page">The page.</param>
    /// <param name="rights">The rights, user and supervisor side, when mapped.</param>
    /// <param name="stretchEnd">The first page above for which the answer may differ; always above <paramref name="page"/>.</param>
    public static bool TryGetRights<TFormat>(
        in Domain domain, in UserStack stack, BaseMapping baseMapping, PageNumber page, out LeafRights rights, out PageNumber stretchEnd)
        where TFormat : struct, IPagingFormat
    {
        int index = baseMapping.Find(page, out bool found);
        if (!found)
        {
            rights = default;
            stretchEnd = index < baseMapping.Regions.Length
                ? baseMapping.Regions[index].Pages.First
                : new PageNumber(nuint.MaxValue);
            return false;
        }

        BaseRegion region = baseMapping.Regions[index];
        rights = region.Rights;
        stretchEnd = region.Pages.End;

        // What user mode has anyway no domain can change, in either direction.
        if (region.Rights.IsUser)
        {
            return true;
        }

        Overlay(stack.Pages, LeafRights.UserReadWrite, page, ref rights, ref stretchEnd);
        for (int slot = 0; slot < domain.PartitionCount; slot++)
        {
            Partition partition = domain[slot];
            Overlay(partition.Pages, partition.Rights.ToLeafRights(), page, ref rights, ref stretchEnd);
        }

        for (int owned = 0; owned < domain.StackCount; owned++)
        {
            Overlay(domain.Stack(owned).Pages, LeafRights.UserReadWrite, page, ref rights, ref stretchEnd);
        }

        return true;
    }

    private static void Overlay(PageRange pages, LeafRights given, PageNumber page, ref LeafRights rights, ref PageNumber stretchEnd)
    {
        if (pages.Contains(page))
        {
            rights = given;
            stretchEnd = pages.End < stretchEnd ? pages.End : stretchEnd;
        }
        else if (!pages.IsEmpty && pages.First > page && pages.First < stretchEnd)
        {
            stretchEnd = pages.First;
        }
    }

    private static DenialReason Deny<TFormat>(LeafRights rights, Access access)
        where TFormat : struct, IPagingFormat
    {
        if (!rights.IsUser)
        {
            return DenialReason.NoRights;
        }

        return access switch
        {
            Access.Read => DenialReason.None,
            Access.Write => rights.IsWritable ? DenialReason.None : DenialReason.NotWritable,
            _ => rights.IsExecutable || !FormatGeometry<TFormat>.HasExecuteDisable ? DenialReason.None : DenialReason.NotExecutable,
        };
    }
}
