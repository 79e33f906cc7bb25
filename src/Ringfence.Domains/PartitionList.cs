// What a set of page tables grants beyond the base mapping, by value: a copy that stays true when the domain it came from changes.

using System.Runtime.CompilerServices;

namespace Ringfence.Domains;

/// <summary>The partitions of a domain as they were at one moment, in the order of their addresses, with a mark after the last one.</summary>
internal struct PartitionList
{
    /// <summary>The partitions, then <see cref="Partition.EndMark"/>: a comparison of two lists then needs no look at their counts.</summary>
    public PartitionArray Partitions;

    /// <summary>How many pages.</summary>
    public nuint PageTotal;

    /// <summary>Whose content this is; the default identity for the empty list.</summary>
    public DomainIdentity Identity;

    [InlineArray(DomainCapacity.PartitionCount + 1)]
    internal struct PartitionArray
    {
        private Partition _first;
    }

    /// <summary>Becomes the partitions of the domain.</summary>
    public void Load(in Domain domain)
    {
        domain.CopyPartitions(Partitions);
        Partitions[domain.PartitionCount] = Partition.EndMark;
        PageTotal = domain.PageTotal;
        Identity = domain.Identity;
    }

    /// <summary>Becomes empty.</summary>
    public void Clear()
    {
        PageTotal = 0;
        Partitions[0] = Partition.EndMark;
        Identity = default;
    }
}
