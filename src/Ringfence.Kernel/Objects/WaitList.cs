// Threads that wait for an object: a list in each object, in the order in which they will be served.

using Ringfence.Abi;

namespace Ringfence.Kernel;

/// <summary>Blocking and waking. All operations run with interrupts off; a switch that a wake makes due is the caller's to allow.</summary>
public static class WaitList
{
    /// <summary>
    /// Blocks the current thread until it is woken or the time is over; the result is the waker's, or <see cref="SystemCallStatus.TimedOut"/>.
    /// </summary>
    /// <param name="index">The object's slot.</param>
    /// <param name="wakeTick">The tick at which the wait ends by itself; <see cref="ulong.MaxValue"/> for never.</param>
    public static int Wait(int index, ulong wakeTick)
    {
        ref Thread current = ref ThreadTable.At(Scheduler.Current);
        current.WaitObject = index;
        current.WakeTick = wakeTick;
        current.State = ThreadState.Blocked;
        Insert(ref ObjectTable.At(index), Scheduler.Current);
        Clock.Expect(wakeTick);
        Scheduler.SwitchAway();
        return current.WaitResult;
    }

    /// <summary>The tick at which a wait ends by itself that begins now.</summary>
    public static ulong EndOf(nuint timeoutTicks) => timeoutTicks >= uint.MaxValue ? ulong.MaxValue : Clock.Ticks + timeoutTicks;

    /// <summary>Takes the most important waiter off the list and makes it ready.</summary>
    /// <returns>Its slot.</returns>
    public static int WakeFirst(ref KernelObject kernelObject, int result)
    {
        int slot = kernelObject.FirstWaiter;
        kernelObject.FirstWaiter = ThreadTable.At(slot).Next;
        MakeReady(slot, result);
        return slot;
    }

    /// <summary>Wakes everybody with one result.</summary>
    public static void WakeAll(ref KernelObject kernelObject, int result)
    {
        while (kernelObject.FirstWaiter != Thread.None)
        {
            WakeFirst(ref kernelObject, result);
        }
    }

    /// <summary>Ends the wait of one thread, wherever in the list it is: its time is over.</summary>
    public static void Wake(int slot, int result)
    {
        Remove(slot);
        MakeReady(slot, result);
    }

    /// <summary>Takes a thread off the list it waits in: it is ended.</summary>
    public static void Remove(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        ref int link = ref ObjectTable.At(thread.WaitObject).FirstWaiter;
        while (link != slot)
        {
            link = ref ThreadTable.At(link).Next;
        }

        link = thread.Next;
        thread.WaitObject = Thread.None;
    }

    private static void Insert(ref KernelObject kernelObject, int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        ref int link = ref kernelObject.FirstWaiter;
        while (link != Thread.None && ThreadTable.At(link).Priority <= thread.Priority)
        {
            link = ref ThreadTable.At(link).Next;
        }

        thread.Next = link;
        link = slot;
    }

    private static void MakeReady(int slot, int result)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        thread.WaitObject = Thread.None;
        thread.WaitResult = result;
        Scheduler.MakeReady(slot);
    }
}
