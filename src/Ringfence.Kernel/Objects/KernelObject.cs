// One slot of the object table: a semaphore, a message queue or a serial port, and who waits for it.

using System.Runtime.CompilerServices;
using Ringfence.Abi;

namespace Ringfence.Kernel;

/// <summary>An object that threads wait for, with the components that may use it.</summary>
public struct KernelObject
{
    /// <summary>The bit of kernel code among the components that may use an object: the kernel has no end.</summary>
    public const uint KernelBit = 1u << 31;

    /// <summary>What it is; <see cref="KernelObjectKind.None"/> if the slot is free.</summary>
    public KernelObjectKind Kind;

    /// <summary>Its handle, or in a free slot that of the last one here: the next life counts on from it. See <see cref="KernelHandle"/>.</summary>
    public int Handle;

    /// <summary>Components that may give, send or write: one bit each.</summary>
    public uint GivingComponents;

    /// <summary>Components that may take, receive or read: one bit each.</summary>
    public uint TakingComponents;

    /// <summary>The first of the threads that wait, the most important first, among equals the one that waits longest; none if nobody does.</summary>
    public ThreadReference FirstWaiter;

    /// <summary>Semaphore: units that can be taken. Queue: messages in it.</summary>
    public int Count;

    /// <summary>The most that <see cref="Count"/> can be.</summary>
    public int Limit;

    /// <summary>Semaphore: units at the start of its life.</summary>
    public int InitialCount;

    /// <summary>Semaphore: whether units belong to the component that took them.</summary>
    public bool IsLock;

    /// <summary>Lock: whether a unit was given back by the kernel because its holder ended, and nobody was told yet.</summary>
    public bool IsAbandoned;

    /// <summary>Whether a component created it at run time; it then belongs to that one alone.</summary>
    public bool IsCreated;

    /// <summary>Queue: bytes of a message.</summary>
    public int MessageByteCount;

    /// <summary>Queue: number of the slot of the oldest message.</summary>
    public int FirstMessage;

    /// <summary>Queue: address of the first slot.</summary>
    public nuint Buffer;

    /// <summary>Lock: units that each component holds.</summary>
    public ComponentCounts Held;

    /// <summary>A count for each component, kernel code included (the last).</summary>
    [InlineArray(ComponentTable.Capacity + 1)]
    public struct ComponentCounts
    {
        private ushort _count;
    }
}
