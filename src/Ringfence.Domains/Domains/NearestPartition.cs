// For a fault report: the partition that the thread probably meant, and how far it missed.

using Ringfence.Paging;

namespace Ringfence.Domains;

/// <summary>Where an address lies in relation to a partition.</summary>
public enum PartitionSide : byte
{
    /// <summary>In it.</summary>
    Inside,

    /// <summary>Below its first byte.</summary>
    Below,

    /// <summary>Above its last byte.</summary>
    Above,
}

/// <summary>The partition of a domain that is nearest to an address.</summary>
public readonly struct NearestPartition
{
    private NearestPartition(int index, PartitionSide side, nuint byteDistance)
    {
        Index = index;
        Side = side;
        ByteDistance = byteDistance;
    }

    /// <summary>The index of the partition in the domain.</summary>
    public int Index { get; }

    /// <summary>Where the address lies in relation to it.</summary>
    public PartitionSide Side { get; }

    /// <summary>Bytes between the address and the nearest byte of the partition: 1 for the byte next to it, 0 inside.</summary>
    public nuint ByteDistance { get; }

    /// <summary>Finds it; false when the domain has no partition. Of two at the same distance the lower one is named.</summary>
    public static bool TryFind(in Domain domain, VirtualAddress address, out NearestPartition nearest)
    {
        nearest = default;
        bool found = false;
        for (int index = 0; index < domain.PartitionCount; index++)
        {
            PageRange pages = domain[index].Pages;
            nuint firstByte = pages.First.Address.Value;
            nuint lastByte = firstByte + (nuint)(pages.Count.ByteCount - 1);
            PartitionSide side = address.Value < firstByte ? PartitionSide.Below
                : address.Value > lastByte ? PartitionSide.Above
                : PartitionSide.Inside;
            nuint distance = side switch
            {
                PartitionSide.Below => firstByte - address.Value,
                PartitionSide.Above => address.Value - lastByte,
                _ => 0,
            };
            if (!found || distance < nearest.ByteDistance)
            {
                nearest = new NearestPartition(index, side, distance);
                found = true;
            }
        }

        return found;
    }
}
