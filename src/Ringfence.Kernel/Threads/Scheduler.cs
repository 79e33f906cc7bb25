// Who runs: preemptive, fixed priorities, round robin among equals. One processor, so "interrupts off" is the lock.

using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Abi;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Chooses the running thread and switches to it.</summary>
public static class Scheduler
{
    /// <summary>Ticks that a thread runs before threads of the same priority get their turn.</summary>
    public const int SliceTicks = 2;

    private static ThreadReference s_current;
    private static bool s_switchWanted;

    // A switch is between two steps: what interrupts want waits for the step to come.
    private static bool s_isBetweenSteps;

#if AUDIT
    /// <summary>Called once, with interrupts off, when a switch, or an edit of the live domain, next stands between two steps: a test does there what an interrupt's handler could do.</summary>
    public static unsafe delegate*<void> BetweenSteps { get; set; }

    /// <summary>How often a switch, or an edit of the live domain, stood between two steps since boot.</summary>
    public static uint StepCount { get; private set; }

#endif
    /// <summary>Whether there is a running thread: not before <see cref="AdoptBootThread"/>.</summary>
    public static bool IsStarted => !s_current.IsNone;

    /// <summary>The running thread's slot; <see cref="ThreadTable.Idle"/> also while the machine starts.</summary>
    public static int Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_current.Target.Slot;
    }

    /// <summary>The running thread.</summary>
    public static ref Thread CurrentThread
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref s_current.Target;
    }

    /// <summary>The running thread, by address.</summary>
    internal static ThreadReference CurrentReference
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_current;
    }

    /// <summary>Threads switched to since boot.</summary>
    public static uint SwitchCount { get; private set; }

    /// <summary>Makes the code that runs now the idle thread.</summary>
    public static void AdoptBootThread()
    {
        s_current = ThreadTable.ReferenceTo(ThreadTable.Idle);
        ref Thread idle = ref s_current.Target;
        idle.Slot = ThreadTable.Idle;
        idle.State = ThreadState.Running;
        idle.Priority = Abi.ThreadPriority.Least + 1;
        idle.Component = Thread.NoComponent;
        idle.JoinTarget = Thread.None;
        idle.Context.LoadedState = ProcessorState.Clean;
    }

    /// <summary>Lets a thread run when its turn comes. A switch, if it is due, happens at the end of the interrupt or in <see cref="SwitchIfWanted"/>.</summary>
    public static void MakeReady(int slot) => MakeReady(ThreadTable.ReferenceTo(slot));

    /// <inheritdoc cref="MakeReady(int)"/>
    public static void MakeReady(ThreadReference ready)
    {
        ref Thread thread = ref ready.Target;
        thread.State = ThreadState.Ready;
        thread.SliceTicks = SliceTicks;
        ReadyQueues.Append(ready);
        if (thread.Priority < s_current.Target.Priority)
        {
            s_switchWanted = true;
        }
    }

    /// <summary>Ends the current thread's turn when its slice is used up and an equal waits.</summary>
    public static void CountSlice()
    {
        // A used-up slice stays used up until the thread is queued behind its equals: a more important thread may wake at this very tick.
        ref Thread current = ref s_current.Target;
        if (current.SliceTicks > 0)
        {
            current.SliceTicks--;
        }

        s_switchWanted |= current.SliceTicks == 0 && ReadyQueues.MostImportant <= current.Priority;
    }

    /// <summary>Lets ready threads of the same priority run first. Interrupts are off.</summary>
    public static void Yield()
    {
        ThreadReference yielding = s_current;
        yielding.Target.SliceTicks = SliceTicks;
        int waiting = ReadyQueues.MostImportant;
        int priority = yielding.Target.Priority;
        if (waiting == priority)
        {
            yielding.Target.State = ThreadState.Ready;
            SwitchTo(yielding, ReadyQueues.Rotate(yielding, priority));
        }
        else if (waiting < priority)
        {
            yielding.Target.State = ThreadState.Ready;
            ReadyQueues.Append(yielding);
            SwitchAway();
        }
    }

    /// <summary>Gives the processor away if a more important thread became ready or the slice is over. Interrupts are off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SwitchIfWanted()
    {
        if (s_switchWanted)
        {
            SwitchNow();
        }
    }

    /// <summary>
    /// Runs another thread; the caller has set the current one's new state and queued it where it belongs. Returns when the current
    /// thread is switched to again, which is never if it has ended. Interrupts are off.
    /// </summary>
    public static void SwitchAway()
    {
        ThreadReference previous = s_current;
        ThreadReference next = ReadyQueues.TakeMostImportant();
        if (next != previous)
        {
            SwitchTo(previous, next);
            return;
        }

        s_switchWanted = false;
        next.Target.State = ThreadState.Running;
    }

    private static void SwitchNow()
    {
        if (s_isBetweenSteps)
        {
            return;
        }

        s_switchWanted = false;
        ref Thread current = ref s_current.Target;
        int waiting = ReadyQueues.MostImportant;
        if (waiting > current.Priority)
        {
            return;
        }

        if (current.Slot != ThreadTable.Idle)
        {
            current.State = ThreadState.Ready;
            if (waiting < current.Priority && current.SliceTicks > 0)
            {
                ReadyQueues.Prepend(s_current);
            }
            else
            {
                current.SliceTicks = SliceTicks;
                ReadyQueues.Append(s_current);
            }
        }

        SwitchAway();
    }

    // To another thread than the current one. In line with both callers: most of what a switch of kernel threads costs would be the call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwitchTo(ThreadReference previous, ThreadReference next)
    {
        next.Target.State = ThreadState.Running;
        s_switchWanted = false;
        s_current = next;
        SwitchCount++;
        if (!next.Target.IsUser)
        {
            SwitchToKernelThread(previous, next);
        }
        else if (Protection.TryApply(next))
        {
            SwitchToUserThread(previous, next);
        }
        else
        {
            SwitchInSteps(previous, next);
        }
    }

    // The page tables stay as they are.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwitchToKernelThread(ThreadReference previous, ThreadReference next)
    {
        if (previous.Target.IsUser)
        {
            ThreadContext.SwitchFromUser(previous.Address, next.Address);
        }
        else
        {
            ThreadContext.Switch(previous.Address, next.Address);
        }
    }

    // The page tables are as it needs them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwitchToUserThread(ThreadReference previous, ThreadReference next)
    {
        DescriptorTables.SetKernelStack(next.Target.Context.KernelStackTop);
        if (previous.Target.IsUser)
        {
            ThreadContext.SwitchFromUser(previous.Address, next.Address);
        }
        else
        {
            ThreadContext.SwitchToUser(previous.Address, next.Address);
        }
    }

    /// <summary>
    /// Goes on with a switch whose first step wrote as many entries as one may. Between two steps interrupts are served, still on the stack of the thread that is left: their handlers make threads ready and nothing
    /// else, and a more important one among those takes the place of the one chosen before, which is ready again. If that is a kernel thread, the tables stay as they are, half way, and
    /// the next switch to a user thread goes on from there.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SwitchInSteps(ThreadReference previous, ThreadReference next)
    {
        s_isBetweenSteps = true;
        do
        {
            Processor.EnableInterrupts();
            _ = Processor.DisableInterrupts();
#if AUDIT
            CallBetweenSteps();
#endif
            if (ReadyQueues.MostImportant < next.Target.Priority)
            {
                next.Target.State = ThreadState.Ready;
                ReadyQueues.Prepend(next);
                next = ReadyQueues.TakeMostImportant();
                next.Target.State = ThreadState.Running;
                s_current = next;
            }
        }
        while (next.Target.IsUser && !Protection.TryApply(next));

        s_isBetweenSteps = false;
        s_switchWanted = false;

        // It may be the one that gave the processor away: an interrupt has ended what it waited for.
        if (next == previous)
        {
            return;
        }

        if (next.Target.IsUser)
        {
            SwitchToUserThread(previous, next);
        }
        else
        {
            SwitchToKernelThread(previous, next);
        }
    }

#if AUDIT
    /// <summary>Interrupts have just been let in between two steps.</summary>
    [CallsThroughPointer]
    internal static unsafe void CallBetweenSteps()
    {
        StepCount++;
        delegate*<void> handler = BetweenSteps;
        BetweenSteps = null;
        if (handler != null)
        {
            handler();
        }
    }

#endif
    /// <summary>What the idle thread does for the rest of its life.</summary>
    public static void Idle()
    {
        while (true)
        {
            _ = Processor.DisableInterrupts();
            s_switchWanted = true;
            SwitchIfWanted();
            Processor.WaitForInterrupt();
        }
    }

    // First C# code of every thread, on its own kernel stack, with interrupts off.
    [RuntimeExport("KernelThreadStart")]
    private static void ThreadStart() => ThreadLifecycle.RunCurrent();
}
