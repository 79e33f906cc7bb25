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
        ref Thread thread = ref added.Target;
        thread.Next = ThreadReference.None;
        ref Queue queue = ref s_queues[thread.Priority];
        if (TryOccupy(thread.Priority))
        {
            queue.First = added;
        }
        else
        {
            queue.Last.Target.Next = added;
        }

        queue.Last = added;
    }

    /// <summary>Puts a thread before all others of its priority: one that was interrupted in the middle of its turn.</summary>
    public static void Prepend(ThreadReference added)
    {
        ref Thread thread = ref added.Target;
        ref Queue queue = ref s_queues[thread.Priority];
        if (TryOccupy(thread.Priority))
        {
            queue.Last = added;
            thread.Next = ThreadReference.None;
        }
        else
        {
            thread.Next = queue.First;
        }

        queue.First = added;
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

        ref Queue queue = ref s_queues[priority];
        ThreadReference taken = queue.First;
        RemoveFirst(ref queue, priority, taken.Target.Next);
        return taken;
    }

    /// <summary>
    /// Puts a thread behind its equals, of which at least one is ready, and takes the first of them: the two halves of a yield, of which neither leaves a queue empty.
    /// </summary>
    /// <returns>The one that was first.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadReference Rotate(ThreadReference added)
    {
        ref Thread thread = ref added.Target;
        ref Queue queue = ref s_queues[thread.Priority];
        thread.Next = ThreadReference.None;
        queue.Last.Target.Next = added;
        queue.Last = added;
        ThreadReference taken = queue.First;
        queue.First = taken.Target.Next;
        return taken;
    }

    /// <summary>Takes out a thread that is in a queue: one that another thread ends.</summary>
    public static void Remove(ThreadReference removed)
    {
        ref Thread thread = ref removed.Target;
        ref Queue queue = ref s_queues[thread.Priority];
        if (queue.First == removed)
        {
            RemoveFirst(ref queue, thread.Priority, thread.Next);
            return;
        }

        ThreadReference previous = queue.First;
        while (previous.Target.Next != removed)
        {
            previous = previous.Target.Next;
        }

        previous.Target.Next = thread.Next;
        if (thread.Next.IsNone)
        {
            queue.Last = previous;
        }
    }

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
    private static void RemoveFirst(ref Queue queue, int priority, ThreadReference next)
    {
        if (next.IsNone)
        {
            s_occupied &= ~(1u << priority);
            s_mostImportant = s_occupied == 0 ? NobodysPriority : BitOperations.TrailingZeroCount(s_occupied);
        }
        else
        {
            queue.First = next;
        }
    }

    // Of an empty queue neither end means anything.
    private struct Queue
    {
        public ThreadReference First;
        public ThreadReference Last;
    }

    [InlineArray(ThreadPriority.Least + 1)]
    private struct Queues
    {
        private Queue _queue;
    }
}
