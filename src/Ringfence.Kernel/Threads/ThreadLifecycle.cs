// A thread's way from creation to its end, and those who wait for it.

using System.Runtime.InteropServices;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Creates, starts, ends and joins threads.</summary>
public static class ThreadLifecycle
{
    private static uint s_endedCount;

    /// <summary>
    /// Creates a kernel thread that will run <paramref name="function"/>, a <c>void(nint)</c> in managed convention. It inherits the
    /// creator's domain, which counts once it drops to user mode. -1 if no slot is free.
    /// </summary>
    public static unsafe int CreateKernelThread(delegate*<nint, void> function, nint argument, int priority) =>
        Create(isUser: false, (nuint)function, (nuint)argument, priority, Scheduler.CurrentThread.Domain, Thread.NoComponent);

    /// <summary>
    /// Creates a user thread of a component: its start code calls <paramref name="function"/>, or Main for 0. -1 if no slot is free, or there is no such domain.
    /// </summary>
    public static int CreateUserThread(int component, int domain, nuint function, nuint argument, int priority) =>
        Create(isUser: true, function, argument, priority, domain, component);

    /// <summary>Lets a created thread run. False if the slot holds no created thread.</summary>
    public static bool Start(int slot)
    {
        bool enabled = Processor.DisableInterrupts();
        bool isCreated = ThreadTable.At(slot).State == ThreadState.Created;
        if (isCreated)
        {
            Scheduler.MakeReady(slot);
            if (enabled)
            {
                Scheduler.SwitchIfWanted();
            }
        }

        Processor.RestoreInterrupts(enabled);
        return isCreated;
    }

    /// <summary>Waits until the tick counter has advanced by <paramref name="ticks"/>; 0 yields.</summary>
    public static void Sleep(ulong ticks)
    {
        bool enabled = Processor.DisableInterrupts();
        if (ticks == 0)
        {
            Scheduler.Yield();
        }
        else
        {
            ulong now = Clock.Ticks;
            SleepToTick(ticks > ulong.MaxValue - now ? ulong.MaxValue : now + ticks);
        }

        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>Waits until the tick counter has reached a value.</summary>
    /// <returns>How many ticks ago it did; 0 if the thread waited.</returns>
    public static ulong SleepUntil(ulong tick)
    {
        bool enabled = Processor.DisableInterrupts();
        ulong now = Clock.Ticks;
        if (tick > now)
        {
            SleepToTick(tick);
        }

        Processor.RestoreInterrupts(enabled);
        return tick > now ? 0 : now - tick;
    }

    /// <summary>Lets threads of the same priority run.</summary>
    public static void Yield()
    {
        bool enabled = Processor.DisableInterrupts();
        Scheduler.Yield();
        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>Waits until a thread has ended. Its slot keeps the outcome until it is needed for another thread.</summary>
    public static void Join(int slot)
    {
        bool enabled = Processor.DisableInterrupts();
        if (ThreadTable.At(slot).State != ThreadState.Ended)
        {
            ref Thread current = ref Scheduler.CurrentThread;
            current.JoinTarget = slot;
            current.State = ThreadState.Joining;
            ThreadTable.At(slot).JoinerCount++;
            Scheduler.SwitchAway();
            ForgetJoinTarget(ref current);
        }

        ThreadTable.OnJoined(slot);
        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>Waits until <see cref="Wake"/>; the caller checks its condition with interrupts off before and after.</summary>
    public static void WaitForWake()
    {
        Scheduler.CurrentThread.State = ThreadState.Waiting;
        Scheduler.SwitchAway();
    }

    /// <summary>Ends a <see cref="WaitForWake"/>; does nothing if the thread isn't in one. Interrupts are off.</summary>
    public static void Wake(int slot)
    {
        if (ThreadTable.At(slot).State == ThreadState.Waiting)
        {
            Scheduler.MakeReady(slot);
        }
    }

    /// <summary>Ends the current thread. Never returns.</summary>
    public static void ExitCurrent(int exitCode)
    {
        _ = Processor.DisableInterrupts();
        Scheduler.CurrentThread.ExitCode = exitCode;
        End(Scheduler.Current);
        Scheduler.SwitchAway();
        Panic.Stop("an ended thread was switched to"u8);
    }

    /// <summary>Ends the current thread because of a fault; its report is written already. Never returns.</summary>
    public static void FaultCurrent(in FaultRecord fault)
    {
        _ = Processor.DisableInterrupts();
        ref Thread current = ref Scheduler.CurrentThread;
        current.Fault = fault;
        current.HasFaulted = true;
        ExitCurrent(-1);
    }

    /// <summary>Ends another thread, whatever it does. Kernel code that must not be cut short runs with interrupts off, so it isn't in any.</summary>
    public static void EndOther(int slot)
    {
        bool enabled = Protection.BeginEdit();
        ThreadState state = ThreadTable.At(slot).State;
        if (state is not (ThreadState.Free or ThreadState.Ended))
        {
            if (state == ThreadState.Ready)
            {
                ReadyQueues.Remove(ThreadTable.ReferenceTo(slot));
            }
            else if (ImageFeatures.HasObjects && state == ThreadState.Blocked)
            {
                WaitList.Remove(slot);
            }

            ThreadTable.At(slot).ExitCode = -1;
            End(slot);
            if (enabled)
            {
                Scheduler.SwitchIfWanted(); // whoever waited for the end may be more important than the caller
            }
        }

        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>The current kernel thread becomes a user thread of a component for good. Never returns. Not for the main thread: it has no user stack, and the kernel panics.</summary>
    public static void DropToUser(int component, nuint function, nuint argument)
    {
        _ = Processor.DisableInterrupts();
        int slot = Scheduler.Current;
        if (slot is ThreadTable.Main)
        {
            Panic.Stop("the main thread can't become a user thread: it has no user stack"u8);
        }

        ref Thread current = ref ThreadTable.At(slot);
        current.Component = component;
        current.Function = function;
        current.Argument = argument;
        current.IsUser = true;
        ComponentTable.OnThreadCreated(slot);
        current.StackGeneration++;
        _ = ClearUserStack(slot, current.Generation, enabled: true);
        Protection.OnStackReady(slot);
        while (!Protection.TryApply(ThreadTable.ReferenceTo(slot)))
        {
            // As between two steps of any switch, but here others may run meanwhile: when this thread runs again, the tables are its own.
            Processor.EnableInterrupts();
            _ = Processor.DisableInterrupts();
        }

        DescriptorTables.SetKernelStack(current.Context.KernelStackTop);
        EnterUser(slot);
    }

    /// <summary>What the first run of a thread does, with interrupts off. Never returns.</summary>
    [CallsThroughPointer]
    public static unsafe void RunCurrent()
    {
        int slot = Scheduler.Current;
        ref Thread current = ref ThreadTable.At(slot);
        if (current.IsUser)
        {
            EnterUser(slot);
        }

        Processor.EnableInterrupts();
        ((delegate*<nint, void>)current.Function)((nint)current.Argument);
        ExitCurrent(0);
    }

    private static void SleepToTick(ulong tick)
    {
        ref Thread current = ref Scheduler.CurrentThread;
        current.WakeTick = tick;
        current.State = ThreadState.Sleeping;
        Clock.Expect(tick);
        Scheduler.SwitchAway();
    }

    private static int Create(bool isUser, nuint function, nuint argument, int priority, int domain, int component)
    {
        bool enabled = Processor.DisableInterrupts();
        int slot = Protection.Exists(domain) ? ThreadTable.FindFree() : Thread.None;
        if (slot >= 0)
        {
            ref Thread thread = ref ThreadTable.At(slot);
            int generation = thread.Generation == Abi.KernelHandle.GenerationLimit ? 1 : thread.Generation + 1;
            uint stackGeneration = thread.StackGeneration;
            MemoryMarshal.CreateSpan(ref thread, 1).Clear(); // nothing of the slot's last thread may reach the next; an assignment of so many bytes would store them one by one
            ThreadTable.OnCreated(slot);
            thread.Slot = slot;
            thread.Generation = generation;
            thread.StackGeneration = stackGeneration;
            thread.State = ThreadState.Created;
            thread.IsUser = isUser;
            thread.Priority = priority;
            Protection.NoteDomain(ref thread, domain);
            thread.Component = component;
            thread.Function = function;
            thread.Argument = argument;
            thread.JoinTarget = Thread.None;
            thread.WaitObject = Thread.None;
            thread.Context.KernelStackTop = AddressLayout.KernelStackTop(slot);
            thread.Context.LoadedState = ProcessorState.Clean;
            thread.Context.StackPointer = Processor.PrepareThreadStack(thread.Context.KernelStackTop);
            if (isUser)
            {
                thread.StackGeneration++;
                ComponentTable.OnThreadCreated(slot);
                slot = ClearUserStack(slot, generation, enabled) ? slot : Thread.None;
                if (slot >= 0)
                {
                    Protection.OnStackReady(slot);
                }
            }
        }

        Processor.RestoreInterrupts(enabled);
        return slot;
    }

    // The stack's last owner may have been another domain's thread: nothing of it may be left. Interrupts are let in after each page; false if the thread, which nobody could start yet, was ended meanwhile
    // with its component.
    private static bool ClearUserStack(int slot, int generation, bool enabled)
    {
        PageRange stack = AddressLayout.UserStackPages(slot);
        PageNumber page = stack.First;
        while (true)
        {
            UserMemory.View(page.Address.Value, PageSize.ByteCount).Clear();
            page += PageCount.One;
            if (page == stack.End)
            {
                return true;
            }

            Processor.RestoreInterrupts(enabled);
            _ = Processor.DisableInterrupts();
            if (ThreadTable.At(slot).Generation != generation || ThreadTable.At(slot).State == ThreadState.Ended)
            {
                return false;
            }
        }
    }

    private static void EnterUser(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        nuint stackTop = AddressLayout.UserStackPages(slot).End.Address.Value;
        nuint entry = ImageTable.Component(thread.Component).Entry;

        // From here on there is a state of user mode to save and to load again.
        thread.Context.LoadedState = thread.Context.KernelStackTop;
        Processor.EnterUser(entry, thread.Argument, thread.Function, stackTop, thread.Context.KernelStackTop);
    }

    // The thread is in no queue. Its stack is taken out of the live tables before anyone else can be given it.
    private static void End(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        thread.State = ThreadState.Ended;
        thread.EndNumber = ++s_endedCount;
        ThreadTable.OnEnded(slot);
        if (thread.IsUser)
        {
#if AUDIT
            StackUse.OnUserThreadEnded(slot);
#endif
            Protection.OnThreadEnded(slot);
        }

        if (thread.JoinTarget != Thread.None)
        {
            ForgetJoinTarget(ref thread);
        }

        if (thread.JoinerCount != 0)
        {
            WakeJoiners(slot);
        }

        ComponentTable.OnThreadEnded(slot);
    }

    private static void ForgetJoinTarget(ref Thread thread)
    {
        ThreadTable.At(thread.JoinTarget).JoinerCount--;
        thread.JoinTarget = Thread.None;
    }

    private static void WakeJoiners(int slot)
    {
        int sleeping = ThreadTable.At(slot).JoinerCount;
        for (int waiter = 0; sleeping != 0; waiter++)
        {
            ref Thread waiting = ref ThreadTable.At(waiter);
            if (waiting.State == ThreadState.Joining && waiting.JoinTarget == slot)
            {
                sleeping--;
                Scheduler.MakeReady(waiter);
            }
        }
    }
}
