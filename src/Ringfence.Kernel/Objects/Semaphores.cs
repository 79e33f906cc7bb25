// Counting semaphores. A unit goes straight from the giver to the most important waiter: nobody who comes later can take it between.

using System.Runtime.CompilerServices;
using Ringfence.Abi;

namespace Ringfence.Kernel;

/// <summary>Taking and giving. All operations run with interrupts off; the component is <see cref="Thread.NoComponent"/> for kernel code.</summary>
public static class Semaphores
{
    /// <summary>Takes a unit for the current thread, waiting for one.</summary>
    public static SystemCallStatus Take(int index, nuint timeoutTicks, int component) => Take(ref ObjectTable.At(index), index, timeoutTicks, component);

    /// <summary>The same by reference: the caller has looked at it already.</summary>
    internal static SystemCallStatus Take(ref KernelObject semaphore, int index, nuint timeoutTicks, int component)
    {
        if (semaphore.Count > 0)
        {
            semaphore.Count--;
            return Hold(ref semaphore, component);
        }

        if (timeoutTicks == 0)
        {
            return SystemCallStatus.TimedOut;
        }

        return Peers.AnyLeft(semaphore.GivingComponents)
            ? (SystemCallStatus)WaitList.Wait(ref semaphore, index, WaitList.EndOf(timeoutTicks))
            : SystemCallStatus.PeerEnded;
    }

    /// <summary>Gives a unit. A switch that this makes due is left to the caller.</summary>
    public static SystemCallStatus Give(int index, int component) => Give(ref ObjectTable.At(index), component);

    /// <summary>The same by reference: the caller has looked at it already.</summary>
    internal static SystemCallStatus Give(ref KernelObject semaphore, int component)
    {
        if (semaphore.IsLock)
        {
            ref ushort held = ref semaphore.Held[PlaceOf(component)];
            if (held == 0)
            {
                return SystemCallStatus.NotHolder;
            }

            held--;
        }

        return Return(ref semaphore);
    }

    /// <summary>Gives back the units of a lock that a component held when it ended.</summary>
    public static void ReturnHeld(ref KernelObject semaphore, int component)
    {
        ref ushort held = ref semaphore.Held[PlaceOf(component)];
        while (held > 0)
        {
            held--;
            semaphore.IsAbandoned = true;
            Return(ref semaphore);
        }
    }

    private static SystemCallStatus Return(ref KernelObject semaphore)
    {
        if (!semaphore.FirstWaiter.IsNone)
        {
            int component = semaphore.FirstWaiter.Target.Component;
            WaitList.WakeFirst(ref semaphore, (int)Hold(ref semaphore, component));
            return SystemCallStatus.Success;
        }

        if (semaphore.Count == semaphore.Limit)
        {
            return SystemCallStatus.LimitReached;
        }

        semaphore.Count++;
        return SystemCallStatus.Success;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SystemCallStatus Hold(ref KernelObject semaphore, int component) =>
        semaphore.IsLock ? HoldLock(ref semaphore, component) : SystemCallStatus.Success;

    // Notes who holds the unit, and what that one must be told of the holder before.
    private static SystemCallStatus HoldLock(ref KernelObject semaphore, int component)
    {
        semaphore.Held[PlaceOf(component)]++;
        bool wasAbandoned = semaphore.IsAbandoned;
        semaphore.IsAbandoned = false;
        return wasAbandoned ? SystemCallStatus.HolderEnded : SystemCallStatus.Success;
    }

    private static int PlaceOf(int component) => component == Thread.NoComponent ? ComponentTable.Capacity : component;
}
