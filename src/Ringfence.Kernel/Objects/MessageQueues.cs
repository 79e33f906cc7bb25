// Queues of messages of one size. A message is copied from the sender's memory to the waiting receiver's, or to the queue and later from it; each copy is
// judged by the law for the thread whose memory it is, at the moment of the copy, whichever thread runs then.

using System;
using Ringfence.Abi;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Sending and receiving for the current user thread. All operations run with interrupts off; a switch that they make due is left to the caller.</summary>
public static class MessageQueues
{
    /// <summary>Sends the message at an address of the current thread.</summary>
    public static SystemCallStatus Send(int index, nuint address, nuint timeoutTicks)
    {
        ref KernelObject queue = ref ObjectTable.At(index);
        int sender = Scheduler.Current;

        // Waiters of an empty queue are receivers.
        while (queue.Count == 0 && !queue.FirstWaiter.IsNone)
        {
            if (!MayAccess(sender, address, in queue, Paging.Access.Read))
            {
                return Transfers.BadAddress;
            }

            ref Thread receiver = ref queue.FirstWaiter.Target;
            if (MayAccess(receiver.Slot, receiver.WaitAddress, in queue, Paging.Access.Write))
            {
                nuint count = (nuint)(uint)queue.MessageByteCount;
                UserMemory.View(address, count).CopyTo(UserMemory.View(receiver.WaitAddress, count));
                WaitList.WakeFirst(ref queue, (int)SystemCallStatus.Success);
                return SystemCallStatus.Success;
            }

            WaitList.WakeFirst(ref queue, (int)Transfers.BadAddress);
        }

        if (queue.Count < queue.Limit)
        {
            return Append(ref queue, sender, address) ? SystemCallStatus.Success : Transfers.BadAddress;
        }

        // What can't be read now ends the caller now.
        if (!MayAccess(sender, address, in queue, Paging.Access.Read))
        {
            return Transfers.BadAddress;
        }

        return Wait(index, address, timeoutTicks, queue.TakingComponents);
    }

    /// <summary>Receives the oldest message to an address of the current thread.</summary>
    public static SystemCallStatus Receive(int index, nuint address, nuint timeoutTicks)
    {
        ref KernelObject queue = ref ObjectTable.At(index);
        int receiver = Scheduler.Current;
        if (!MayAccess(receiver, address, in queue, Paging.Access.Write))
        {
            return Transfers.BadAddress;
        }

        if (queue.Count == 0)
        {
            return Wait(index, address, timeoutTicks, queue.GivingComponents);
        }

        Message(in queue, 0).CopyTo(UserMemory.View(address, (nuint)(uint)queue.MessageByteCount));
        queue.FirstMessage = queue.FirstMessage + 1 == queue.Limit ? 0 : queue.FirstMessage + 1;
        queue.Count--;
        AcceptWaiting(ref queue);
        return SystemCallStatus.Success;
    }

    /// <summary>
    /// Forgets every message; then takes in those of waiting senders, as far as there is room. Nothing is cleared: no byte of a slot is ever copied out that
    /// wasn't copied in with the same message.
    /// </summary>
    public static void Empty(ref KernelObject queue)
    {
        bool wasEmpty = queue.Count == 0;
        queue.Count = 0;
        queue.FirstMessage = 0;
        if (!wasEmpty)
        {
            AcceptWaiting(ref queue);
        }
    }

    // Waiters of a queue that was full are senders: the most important one's message takes the place that became free.
    private static void AcceptWaiting(ref KernelObject queue)
    {
        while (queue.Count < queue.Limit && !queue.FirstWaiter.IsNone)
        {
            ref Thread sender = ref queue.FirstWaiter.Target;
            bool isAccepted = Append(ref queue, sender.Slot, sender.WaitAddress);
            WaitList.WakeFirst(ref queue, (int)(isAccepted ? SystemCallStatus.Success : Transfers.BadAddress));
        }
    }

    private static SystemCallStatus Wait(int index, nuint address, nuint timeoutTicks, uint peers)
    {
        if (timeoutTicks == 0)
        {
            return SystemCallStatus.TimedOut;
        }

        if (!Peers.AnyLeft(peers))
        {
            return SystemCallStatus.PeerEnded;
        }

        Scheduler.CurrentThread.WaitAddress = address;
        return (SystemCallStatus)WaitList.Wait(index, WaitList.EndOf(timeoutTicks));
    }

    private static bool Append(ref KernelObject queue, int sender, nuint address)
    {
        bool isRead = Transfers.TryRead(sender, address, Message(in queue, queue.Count));
        queue.Count += isRead ? 1 : 0;
        return isRead;
    }

    private static bool MayAccess(int slot, nuint address, in KernelObject queue, Paging.Access access) =>
        Transfers.MayAccess(slot, address, (nuint)(uint)queue.MessageByteCount, access);

    private static Span<byte> Message(in KernelObject queue, int place)
    {
        int slot = queue.FirstMessage + place;
        slot = slot >= queue.Limit ? slot - queue.Limit : slot;
        return KernelMemory.Bytes(queue.Buffer + ((nuint)(uint)slot * (nuint)(uint)queue.MessageByteCount), (nuint)(uint)queue.MessageByteCount);
    }
}
