// Threads that wait for an object: a list in each object, in the order in which they will be served.

using System.Runtime.CompilerServices;
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
    public static int Wait(int index, ulong wakeTick) => Wait(ref ObjectTable.At(index), index, wakeTick);

    /// <summary>The same by reference: the caller has looked at it already.</summary>
    internal static int Wait(ref KernelObject kernelObject, int index, ulong wakeTick)
    {
        ref Thread current = ref Scheduler.CurrentThread;
        current.WaitObject = index;
        current.WakeTick = wakeTick;
        current.State = ThreadState.Blocked;
        Insert(ref kernelObject, Scheduler.CurrentReference);
        Clock.Expect(wakeTick);
        Scheduler.SwitchAway();
        return current.WaitResult;
    }

    /// <summary>The tick at which a wait ends by itself that begins now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EndOf(nuint timeoutTicks) => timeoutTicks >= uint.MaxValue ? ulong.MaxValue : Clock.Ticks + timeoutTicks;

    /// <summary>Takes the most important waiter off the list and makes it ready.</summary>
    public static void WakeFirst(ref KernelObject kernelObject, int result)
    {
        ThreadReference first = kernelObject.FirstWaiter;
        kernelObject.FirstWaiter = first.Target.Next;
        MakeReady(first, result);
    }

    /// <summary>Wakes everybody with one result.</summary>
    public static void WakeAll(ref KernelObject kernelObject, int result)
    {
        while (!kernelObject.FirstWaiter.IsNone)
        {
            WakeFirst(ref kernelObject, result);
        }
    }

    /// <summary>Ends the wait of one thread, wherever in the list it is: its time is over.</summary>
    public static void Wake(int slot, int result)
    {
        Remove(slot);
        MakeReady(ThreadTable.ReferenceTo(slot), result);
    }

    /// <summary>Takes a thread off the list it waits in: it is ended.</summary>
    public static void Remove(int slot)
    {
        ThreadReference removed = ThreadTable.ReferenceTo(slot);
        ref Thread thread = ref removed.Target;
        ref ThreadReference link = ref ObjectTable.At(thread.WaitObject).FirstWaiter;
        while (link != removed)
        {
            link = ref link.Target.Next;
        }

        link = thread.Next;
        thread.WaitObject = Thread.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Insert(ref KernelObject kernelObject, ThreadReference added)
    {
        ref Thread thread = ref added.Target;
        ref ThreadReference link = ref kernelObject.FirstWaiter;
        while (!link.IsNone && link.Target.Priority <= thread.Priority)
        {
            link = ref link.Target.Next;
        }

        thread.Next = link;
        link = added;
    }

    private static void MakeReady(ThreadReference woken, int result)
    {
        ref Thread thread = ref woken.Target;
        thread.WaitObject = Thread.None;
        thread.WaitResult = result;
        Scheduler.MakeReady(woken);
    }
}
