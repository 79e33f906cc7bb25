// The one place that says how many partitions a domain can hold. A kernel's image chooses it when it is built; everybody else takes what stands here.

using System.Runtime.CompilerServices;

namespace Ringfence.Domains;

/// <summary>Limits of a domain.</summary>
public static class DomainCapacity
{
#if CHOSEN_CAPACITY
    /// <summary>Partitions that a domain can hold, as the build property RingfencePartitionCapacity says. An unused slot costs memory, and no time at a switch.</summary>
    public const int PartitionCount = BuildConstants.PartitionCapacity;
#else
    /// <summary>Partitions that a domain can hold; the build property RingfencePartitionCapacity says otherwise. An unused slot costs memory, and no time at a switch.</summary>
    public const int PartitionCount = 20;
#endif

#if STACKS_OF_DOMAIN
    /// <summary>Stacks that a domain can hold besides: those of all threads.</summary>
    public const int StackCount = BuildConstants.ThreadCapacity;
#else
    /// <summary>Stacks that a domain can hold besides: none, for a stack is its thread's alone.</summary>
    public const int StackCount = 0;
#endif

    /// <summary>Whether stacks are the domain's, so that no thread has one of its own: known when this is compiled.</summary>
    internal static bool StacksAreDomains
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => StackCount != 0;
    }
}
