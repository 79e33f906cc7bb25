// The one place that says how many partitions a domain can hold.

namespace Ringfence.Domains;

/// <summary>Limits of a domain.</summary>
public static class DomainCapacity
{
    /// <summary>Partitions that a domain can hold. An unused slot costs memory, and no time at a switch.</summary>
    public const int PartitionCount = 20;
}
