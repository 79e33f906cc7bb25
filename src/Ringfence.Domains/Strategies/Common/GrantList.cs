// What a set of page tables grants beyond the base mapping, by value: a copy that stays true when the domain it came from changes.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Pages with live rights other than their base rights: a partition, in the form in which a switch compares it. Plain numbers, which are compared where they lie.</summary>
internal struct Grant
{
    /// <summary>A page number above all.</summary>
    public static nuint EndMark => nuint.MaxValue;

    /// <summary>The first page; <see cref="EndMark"/> after the last grant of a list.</summary>
    public nuint First;

    /// <summary>The page after the last one.</summary>
    public nuint End;

    /// <summary>The rights.</summary>
    public LeafRights Rights;

    /// <summary>Whether this is a grant, not a mark, and all of it lies below the page.</summary>
    public readonly bool IsDoneAt(nuint page) => First != EndMark && End == page;
}

/// <summary>The partitions of a domain as they were at one moment, in the order of their addresses, with a mark after the last one.</summary>
internal struct GrantList
{
    /// <summary>The grants, then a mark: a comparison of two lists then needs no look at their counts.</summary>
    public GrantArray Grants;

    /// <summary>How many pages.</summary>
    public nuint PageTotal;

    [InlineArray(DomainCapacity.PartitionCount + DomainCapacity.StackCount + 1)]
    internal struct GrantArray
    {
        private Grant _first;
    }

#if STACKS_OF_DOMAIN
    /// <summary>Becomes the partitions and the stacks of the domain, in the order of their addresses.</summary>
    public void Load(in Domain domain)
    {
        Clear();
        int count = 0;
        int stack = 0;
        for (int index = 0; index < domain.PartitionCount; index++)
        {
            Partition partition = domain[index];
            while (stack < domain.StackCount && domain.Stack(stack).Pages.First < partition.Pages.First)
            {
                Append(ref count, domain.Stack(stack++).Pages, LeafRights.UserReadWrite);
            }

            Append(ref count, partition.Pages, partition.LeafRights);
        }

        while (stack < domain.StackCount)
        {
            Append(ref count, domain.Stack(stack++).Pages, LeafRights.UserReadWrite);
        }

        Grants[count].First = Grant.EndMark;
    }

    private void Append(ref int count, PageRange pages, LeafRights rights)
    {
        ref Grant grant = ref Grants[count++];
        grant.First = pages.First.Value;
        grant.End = pages.End.Value;
        grant.Rights = rights;
        PageTotal += grant.End - grant.First;
    }
#else
    /// <summary>Becomes the partitions of the domain.</summary>
    public void Load(in Domain domain)
    {
        // There is room for as many as a domain holds, and the mark.
        ref Grant grant = ref Unsafe.As<GrantArray, Grant>(ref Grants);
        nuint pageTotal = 0;
        for (int index = 0; index < domain.PartitionCount; index++)
        {
            ref readonly Partition partition = ref domain.PartitionAt(index);
            grant.First = partition.Pages.First.Value;
            grant.End = partition.Pages.End.Value;
            grant.Rights = partition.LeafRights;
            pageTotal += grant.End - grant.First;
            grant = ref Unsafe.Add(ref grant, 1);
        }

        grant.First = Grant.EndMark;
        PageTotal = pageTotal;
    }
#endif

    /// <summary>Becomes empty.</summary>
    public void Clear()
    {
        Grants[0].First = Grant.EndMark;
        PageTotal = 0;
    }
}
