// What a set of page tables grants beyond the base mapping, by value: a copy that stays true when the domain it came from changes.

using System.Runtime.CompilerServices;
using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Pages with live rights other than their base rights.</summary>
internal readonly struct Grant
{
    public Grant(PageRange pages, LeafRights rights)
    {
        Pages = pages;
        Rights = rights;
    }

    public PageRange Pages { get; }

    public LeafRights Rights { get; }
}

/// <summary>Disjoint grants in the order of their addresses: the partitions of a domain and one stack.</summary>
internal struct GrantList
{
    private const int Capacity = DomainCapacity.PartitionCount + 1;

    private GrantArray _grants;
    private int _count;

    [InlineArray(Capacity)]
    private struct GrantArray
    {
        private Grant _first;
    }

    public readonly int Count => _count;

    public readonly Grant this[int index] => _grants[index];

    /// <summary>Becomes the partitions of the domain and the stack.</summary>
    public void Load(in Domain domain, in UserStack stack)
    {
        _count = 0;
        bool stackIsIn = stack.IsNone;
        for (int index = 0; index < domain.PartitionCount; index++)
        {
            Partition partition = domain[index];
            if (!stackIsIn && stack.Pages.First < partition.Pages.First)
            {
                Append(new Grant(stack.Pages, LeafRights.UserReadWrite));
                stackIsIn = true;
            }

            Append(new Grant(partition.Pages, partition.Rights.ToLeafRights()));
        }

        if (!stackIsIn)
        {
            Append(new Grant(stack.Pages, LeafRights.UserReadWrite));
        }
    }

    /// <summary>Becomes the other list without the grant of exactly these pages.</summary>
    public void LoadWithout(in GrantList other, PageRange pages)
    {
        _count = 0;
        for (int index = 0; index < other._count; index++)
        {
            if (other._grants[index].Pages != pages)
            {
                Append(other._grants[index]);
            }
        }
    }

    /// <summary>Becomes the one grant of the other list with exactly these pages, or nothing.</summary>
    public void LoadOnly(in GrantList other, PageRange pages)
    {
        _count = 0;
        for (int index = 0; index < other._count; index++)
        {
            if (other._grants[index].Pages == pages && !pages.IsEmpty)
            {
                Append(other._grants[index]);
            }
        }
    }

    /// <summary>Becomes empty.</summary>
    public void Clear() => _count = 0;

    private void Append(Grant grant) => _grants[_count++] = grant;
}
