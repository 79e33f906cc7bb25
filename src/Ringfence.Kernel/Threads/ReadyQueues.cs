// Who may run next: one queue a priority and a mask of those that aren't empty, so that the choice costs the same whatever waits.

using System.Numerics;
using System.Runtime.CompilerServices;
using Ringfence.Abi;

namespace Ringfence.Kernel;

/// <summary>First-in, first-out queues of ready threads. All operations run with interrupts off.</summary>
public static class ReadyQueues
{
    private static uint s_occupied;
    private static Ends s_first;
    private static Ends s_last;

    /// <summary>The most important priority at which a thread is ready; <see cref="ThreadPriority.Least"/> + 1 if none is.</summary>
    public static int MostImportant => s_occupied == 0 ? ThreadPriority.Least + 1 : BitOperations.TrailingZeroCount(s_occupied);

    /// <summary>Puts a thread behind all others of its priority.</summary>
    public static void Append(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        int priority = thread.Priority;
        thread.Next = Thread.None;
        if ((s_occupied & (1u << priority)) == 0)
        {
            s_occupied |= 1u << priority;
            s_first[priority] = slot;
        }
        else
        {
            ThreadTable.At(s_last[priority]).Next = slot;
        }

        s_last[priority] = slot;
    }

    /// <summary>Puts a thread before all others of its priority: one that was interrupted in the middle of its turn.</summary>
    public static void Prepend(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        int priority = thread.Priority;
        if ((s_occupied & (1u << priority)) == 0)
        {
            s_occupied |= 1u << priority;
            s_last[priority] = slot;
            thread.Next = Thread.None;
        }
        else
        {
            thread.Next = s_first[priority];
        }

        s_first[priority] = slot;
    }

    /// <summary>Takes the first thread of the most important priority; <see cref="ThreadTable.Idle"/> if no thread is ready.</summary>
    public static int TakeMostImportant()
    {
        if (s_occupied == 0)
        {
            return ThreadTable.Idle;
        }

        int priority = BitOperations.TrailingZeroCount(s_occupied);
        int slot = s_first[priority];
        RemoveFirst(priority, ThreadTable.At(slot).Next);
        return slot;
    }

    /// <summary>Takes out a thread that is in a queue: one that another thread ends.</summary>
    public static void Remove(int slot)
    {
        int priority = ThreadTable.At(slot).Priority;
        int next = ThreadTable.At(slot).Next;
        if (s_first[priority] == slot)
        {
            RemoveFirst(priority, next);
            return;
        }

        int previous = s_first[priority];
        while (ThreadTable.At(previous).Next != slot)
        {
            previous = ThreadTable.At(previous).Next;
        }

        ThreadTable.At(previous).Next = next;
        if (next == Thread.None)
        {
            s_last[priority] = previous;
        }
    }

    private static void RemoveFirst(int priority, int next)
    {
        if (next == Thread.None)
        {
            s_occupied &= ~(1u << priority);
        }
        else
        {
            s_first[priority] = next;
        }
    }

    [InlineArray(ThreadPriority.Least + 1)]
    private struct Ends
    {
        private int _slot;
    }
}
