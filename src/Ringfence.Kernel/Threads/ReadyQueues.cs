// Who may run next: one queue a priority and a mask of those that aren't empty, so that the choice costs the same whatever waits.

using System.Numerics;
using System.Runtime.CompilerServices;
using Ringfence.Abi;

namespace Ringfence.Kernel;

/// <summary>First-in, first-out queues of ready threads. All operations run with interrupts off.</summary>
public static class ReadyQueues
{
    // Less important than every thread, the idle one included.
    private const int NobodysPriority = ThreadPriority.Least + 2;

    private static int s_mostImportant = NobodysPriority;

    // A bit for each priority at which a thread is ready: looked at when a queue becomes empty.
    private static uint s_occupied;
    private static Queues s_queues;

    /// <summary>The most important priority at which a thread is ready; one less important than every thread's if none is.</summary>
    public static int MostImportant => s_mostImportant;

    /// <summary>Puts a thread behind all others of its priority.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Append(ThreadReference added)
    {
        ref ThreadReference last = ref LastAt(added.Target.Priority);
        if (TryOccupy(added.Target.Priority))
        {
            added.Target.Next = added;
        }
        else
        {
            InsertBehind(last, added);
        }

        last = added;
    }

    /// <summary>Puts a thread before all others of its priority: one that was interrupted in the middle of its turn.</summary>
    public static void Prepend(ThreadReference added)
    {
        ref ThreadReference last = ref LastAt(added.Target.Priority);
        if (TryOccupy(added.Target.Priority))
        {
            added.Target.Next = added;
            last = added;
        }
        else
        {
            InsertBehind(last, added);
        }
    }

    /// <summary>Takes the first thread of the most important priority; the idle thread if no thread is ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadReference TakeMostImportant()
    {
        int priority = s_mostImportant;
        if (priority == NobodysPriority)
        {
            return ThreadTable.ReferenceTo(ThreadTable.Idle);
        }

        ThreadReference last = LastAt(priority);
        ThreadReference taken = last.Target.Next;
        if (taken == last)
        {
            Vacate(priority);
        }
        else
        {
            last.Target.Next = taken.Target.Next;
        }

        return taken;
    }

    /// <summary>
    /// Puts a thread behind its equals, of which at least one is ready, and takes the first of them: the two halves of a yield, of which neither leaves a queue empty.
    /// </summary>
    /// <param name="added">The thread.</param>
    /// <param name="priority">Its priority.</param>
    /// <returns>The one that was first.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadReference Rotate(ThreadReference added, int priority)
    {
        ref ThreadReference last = ref LastAt(priority);
        ThreadReference lastBefore = last;
        last = added;
        ThreadReference taken = lastBefore.Target.Next;

        // In this order, because the first may be the last.
        lastBefore.Target.Next = added;
        added.Target.Next = taken.Target.Next;
        return taken;
    }

    /// <summary>Takes out a thread that is in a queue: one that another thread ends.</summary>
    public static void Remove(ThreadReference removed)
    {
        ref Thread thread = ref removed.Target;
        ref ThreadReference last = ref LastAt(thread.Priority);
        ThreadReference previous = last;
        while (previous.Target.Next != removed)
        {
            previous = previous.Target.Next;
        }

        if (previous == removed)
        {
            Vacate(thread.Priority);
            return;
        }

        previous.Target.Next = thread.Next;
        if (last == removed)
        {
            last = previous;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InsertBehind(ThreadReference last, ThreadReference added)
    {
        added.Target.Next = last.Target.Next;
        last.Target.Next = added;
    }

    // The last thread of a priority, which is followed by the first. Priorities are checked when threads are made; the mask says so to the compiler, which then has nothing to check.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ThreadReference LastAt(int priority) => ref s_queues[priority & ThreadPriority.Least];

    // Notes that a thread of this priority is ready. False if another one was already, so that the queue has ends.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryOccupy(int priority)
    {
        uint bit = 1u << priority;
        if ((s_occupied & bit) != 0)
        {
            return false;
        }

        s_occupied |= bit;
        if (priority < s_mostImportant)
        {
            s_mostImportant = priority;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Vacate(int priority)
    {
        s_occupied &= ~(1u << priority);
        s_mostImportant = s_occupied == 0 ? NobodysPriority : BitOperations.TrailingZeroCount(s_occupied);
    }

    // Each queue is a ring of which the last thread is known. Of an empty one that means nothing.
    [InlineArray(ThreadPriority.Least + 1)]
    private struct Queues
    {
        private ThreadReference _last;
    }
}
