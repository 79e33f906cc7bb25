// Who runs: preemptive, fixed priorities, round robin among equals. One processor, so "interrupts off" is the lock.

using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Chooses the running thread and switches to it.</summary>
public static class Scheduler
{
    /// <summary>Ticks that a thread runs before threads of the same priority get their turn.</summary>
    public const int SliceTicks = 2;

    private static int s_current;
    private static bool s_switchWanted;

    // A switch is between two steps: what interrupts want waits for the step to come.
    private static bool s_isBetweenSteps;

#if AUDIT
    /// <summary>Called once, with interrupts off, when a switch next stands between two steps: a test does there what an interrupt's handler could do.</summary>
    public static unsafe delegate*<void> BetweenSteps { get; set; }

    /// <summary>How often a switch stood between two steps since boot.</summary>
    public static uint StepCount { get; private set; }

#endif
    /// <summary>The running thread's slot; <see cref="ThreadTable.Idle"/> also while the machine starts.</summary>
    public static int Current => s_current;

    /// <summary>Threads switched to since boot.</summary>
    public static uint SwitchCount { get; private set; }

    /// <summary>Makes the code that runs now the idle thread.</summary>
    public static void AdoptBootThread()
    {
        s_current = ThreadTable.Idle;
        ref Thread idle = ref ThreadTable.At(ThreadTable.Idle);
        idle.State = ThreadState.Running;
        idle.Priority = Abi.ThreadPriority.Least + 1;
        idle.Component = Thread.NoComponent;
        idle.JoinTarget = Thread.None;
    }

    /// <summary>Lets a thread run when its turn comes. A switch, if it is due, happens at the end of the interrupt or in <see cref="SwitchIfWanted"/>.</summary>
    public static void MakeReady(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        thread.State = ThreadState.Ready;
        thread.SliceTicks = SliceTicks;
        ReadyQueues.Append(slot);
        s_switchWanted |= thread.Priority < ThreadTable.At(s_current).Priority;
    }

    /// <summary>Ends the current thread's turn when its slice is used up and an equal waits.</summary>
    public static void CountSlice()
    {
        // A used-up slice stays used up until the thread is queued behind its equals: a more important thread may wake at this very tick.
        ref Thread current = ref ThreadTable.At(s_current);
        if (current.SliceTicks > 0)
        {
            current.SliceTicks--;
        }

        s_switchWanted |= current.SliceTicks == 0 && ReadyQueues.MostImportant <= current.Priority;
    }

    /// <summary>Lets ready threads of the same priority run first. Interrupts are off.</summary>
    public static void Yield()
    {
        ref Thread current = ref ThreadTable.At(s_current);
        current.SliceTicks = SliceTicks;
        if (ReadyQueues.MostImportant > current.Priority)
        {
            return;
        }

        current.State = ThreadState.Ready;
        ReadyQueues.Append(s_current);
        SwitchAway();
    }

    /// <summary>Gives the processor away if a more important thread became ready or the slice is over. Interrupts are off.</summary>
    public static void SwitchIfWanted()
    {
        if (!s_switchWanted || s_isBetweenSteps)
        {
            return;
        }

        s_switchWanted = false;
        ref Thread current = ref ThreadTable.At(s_current);
        int waiting = ReadyQueues.MostImportant;
        if (waiting > current.Priority)
        {
            return;
        }

        if (s_current != ThreadTable.Idle)
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

    /// <summary>
    /// Runs another thread; the caller has set the current one's new state and queued it where it belongs. Returns when the current
    /// thread is switched to again, which is never if it has ended. Interrupts are off.
    /// </summary>
    public static void SwitchAway()
    {
        int next = ReadyQueues.TakeMostImportant();
        int previous = s_current;
        ref Thread incoming = ref ThreadTable.At(next);
        incoming.State = ThreadState.Running;
        s_switchWanted = false;
        if (next == previous)
        {
            return;
        }

        s_current = next;
        SwitchCount++;
        if (incoming.IsUser)
        {
            if (!Protection.TryApply(next))
            {
                SwitchInSteps(previous, next);
                return;
            }

            DescriptorTables.SetKernelStack(AddressLayout.KernelStackEnd(next));
        }

        Processor.SwitchStack(ref ThreadTable.At(previous).SavedStackPointer, incoming.SavedStackPointer);
    }

    /// <summary>
    /// Goes on with a switch whose first step wrote as many entries as one may. Between two steps interrupts are served, still on the stack of the thread that is left: their handlers make threads ready and nothing
    /// else, and a more important one among those takes the place of the one chosen before, which is ready again. If that is a kernel thread, the tables stay as they are, half way, and
    /// the next switch to a user thread goes on from there.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SwitchInSteps(int previous, int next)
    {
        s_isBetweenSteps = true;
        do
        {
            Processor.EnableInterrupts();
            _ = Processor.DisableInterrupts();
#if AUDIT
            CallBetweenSteps();
#endif
            if (ReadyQueues.MostImportant < ThreadTable.At(next).Priority)
            {
                ThreadTable.At(next).State = ThreadState.Ready;
                ReadyQueues.Prepend(next);
                next = ReadyQueues.TakeMostImportant();
                ThreadTable.At(next).State = ThreadState.Running;
                s_current = next;
            }
        }
        while (ThreadTable.At(next).IsUser && !Protection.TryApply(next));

        s_isBetweenSteps = false;
        s_switchWanted = false;

        // It may be the one that gave the processor away: an interrupt has ended what it waited for.
        if (next == previous)
        {
            return;
        }

        if (ThreadTable.At(next).IsUser)
        {
            DescriptorTables.SetKernelStack(AddressLayout.KernelStackEnd(next));
        }

        Processor.SwitchStack(ref ThreadTable.At(previous).SavedStackPointer, ThreadTable.At(next).SavedStackPointer);
    }

#if AUDIT
    private static unsafe void CallBetweenSteps()
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
