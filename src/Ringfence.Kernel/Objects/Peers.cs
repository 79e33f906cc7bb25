// What the end of a component means for the objects that it used and for those who wait for it.

using System.Numerics;
using Ringfence.Abi;

namespace Ringfence.Kernel;

/// <summary>
/// The rules at the end of a component's life, by fault or by return of its last thread, whether or not it is restarted:
/// <list type="bullet">
/// <item>units of locks that it held are given back, and the next taker is told;</item>
/// <item>queues that it alone received from, and the buffers of a serial port that it alone used, are emptied: what was meant for that life doesn't reach the next;</item>
/// <item>messages that it sent stay, for they are the receiver's;</item>
/// <item>objects that it alone uses are as at boot again, those that it created are gone;</item>
/// <item>a wait of another component that nobody but this one could have ended ends with <see cref="SystemCallStatus.PeerRestarted"/> if it is restarted, for what was
/// asked of the life that is over is lost, else with <see cref="SystemCallStatus.PeerEnded"/>.</item>
/// </list>
/// </summary>
public static class Peers
{
    /// <summary>Whether one of these components lives, or kernel code is among them: then a wait for them makes sense.</summary>
    public static bool AnyLeft(uint components)
    {
        if ((components & KernelObject.KernelBit) != 0)
        {
            return true;
        }

        while (components != 0)
        {
            if (ComponentTable.At(BitOperations.TrailingZeroCount(components)).State is not (ComponentState.Finished or ComponentState.Stopped))
            {
                return true;
            }

            components &= components - 1;
        }

        return false;
    }

    /// <summary>The life of a component is over: its threads have ended. Interrupts are off.</summary>
    /// <param name="component">The component.</param>
    /// <param name="isRestarted">Whether another life follows; otherwise its state says that none does.</param>
    public static void OnComponentEnded(int component, bool isRestarted)
    {
        if (!ImageFeatures.HasObjects)
        {
            return;
        }

        uint bit = 1u << component;
        for (int index = 0; index < ObjectTable.Capacity; index++)
        {
            ref KernelObject ended = ref ObjectTable.At(index);
            if (((ended.GivingComponents | ended.TakingComponents) & bit) == 0 || ended.Kind == KernelObjectKind.None)
            {
                continue;
            }

            bool isPrivate = ((ended.GivingComponents | ended.TakingComponents) & ~bit) == 0;
            switch (ended.Kind)
            {
                case KernelObjectKind.Semaphore when ImageFeatures.HasSemaphores && isPrivate && ended.IsCreated:
                    ObjectTable.Destroy(index);
                    continue;
                case KernelObjectKind.Semaphore when ImageFeatures.HasSemaphores && isPrivate:
                    ended.Count = ended.InitialCount;
                    ended.Held = default;
                    break;
                case KernelObjectKind.Semaphore when ImageFeatures.HasSemaphores:
                    Semaphores.ReturnHeld(ref ended, component);
                    break;
                case KernelObjectKind.MessageQueue when ImageFeatures.HasMessageQueues && ended.TakingComponents == bit:
                    MessageQueues.Empty(ref ended);
                    break;
                case KernelObjectKind.SerialPort when ImageFeatures.HasSerialPorts && (ended.TakingComponents & ~(bit | KernelObject.KernelBit)) == 0:
                    SerialLine.Discard();
                    break;
            }

            WakeForsaken(ref ended, bit, isRestarted ? SystemCallStatus.PeerRestarted : SystemCallStatus.PeerEnded);
        }
    }

    // Waiters of a full queue are senders and wait for takers; all others wait for givers.
    private static void WakeForsaken(ref KernelObject kernelObject, uint ended, SystemCallStatus status)
    {
        bool isFull = kernelObject.Kind == KernelObjectKind.MessageQueue && kernelObject.Count == kernelObject.Limit;
        uint peers = isFull ? kernelObject.TakingComponents : kernelObject.GivingComponents;
        if ((peers & ended) != 0 && !AnyLeft(peers & ~ended))
        {
            WaitList.WakeAll(ref kernelObject, (int)status);
        }
    }
}
