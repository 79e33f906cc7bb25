// Time is counted in ticks of the interval timer.

using Ringfence.Abi;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Ticks since boot, and waking those who sleep.</summary>
public static class Clock
{
    private static ulong s_ticks;
    private static ulong s_nextWakeTick = ulong.MaxValue;

    /// <summary>Ticks since the timer was started.</summary>
    public static ulong Ticks
    {
        get
        {
            // Two halves on IA-32: a tick in between would tear the value.
            bool enabled = Processor.DisableInterrupts();
            ulong ticks = s_ticks;
            Processor.RestoreInterrupts(enabled);
            return ticks;
        }
    }

    /// <summary>Starts the ticks.</summary>
    public static void Start()
    {
        IntervalTimer.Start((uint)ImageTable.Description.TickFrequencyHertz);
        InterruptController.Unmask(IntervalTimer.Line);
    }

    /// <summary>Notes when the next sleeper wants to wake. Interrupts are off.</summary>
    public static void Expect(ulong wakeTick)
    {
        if (wakeTick < s_nextWakeTick)
        {
            s_nextWakeTick = wakeTick;
        }
    }

    /// <summary>Counts a tick, wakes those whose sleep or wait for an object is over and ends the time slice of the current thread. Interrupts are off.</summary>
    public static void Tick()
    {
        s_ticks++;
        if (s_ticks >= s_nextWakeTick)
        {
            Wake();
        }

        Scheduler.CountSlice();
    }

    private static void Wake()
    {
        ulong next = ulong.MaxValue;
        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            ref Thread thread = ref ThreadTable.At(slot);
            if (thread.State is not (ThreadState.Sleeping or ThreadState.Blocked))
            {
                continue;
            }

            if (ImageFeatures.HasObjects && thread.WakeTick <= s_ticks && thread.State == ThreadState.Blocked)
            {
                WaitList.Wake(slot, (int)SystemCallStatus.TimedOut);
            }
            else if (thread.WakeTick <= s_ticks)
            {
                Scheduler.MakeReady(slot);
            }
            else if (thread.WakeTick < next)
            {
                next = thread.WakeTick;
            }
        }

        s_nextWakeTick = next;
    }
}
