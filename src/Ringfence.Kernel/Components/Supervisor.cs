// The kernel thread that starts the components, restarts those that faulted, and ends the machine when nothing is left to run.

using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Carries out restart policies.</summary>
public static class Supervisor
{
    private static int s_slot = Thread.None;

    /// <summary>Runs until every component has finished or was stopped; the result is the exit status of the machine.</summary>
    public static int Run()
    {
        s_slot = Scheduler.Current;
        for (int index = 0; index < ComponentTable.Count; index++)
        {
            Start(index);
        }

        _ = Processor.DisableInterrupts();
        while (true)
        {
            bool acted = HandleFaults();
            if (!acted && !AnyRunning())
            {
                break;
            }

            if (!acted)
            {
                ThreadLifecycle.WaitForWake();
            }
        }

        Processor.EnableInterrupts();
        return ExitStatus();
    }

    /// <summary>Something happened to a component. Interrupts are off.</summary>
    public static void Notify()
    {
        if (s_slot != Thread.None)
        {
            ThreadLifecycle.Wake(s_slot);
        }
    }

    private static void Start(int index)
    {
        if (!ComponentTable.StartMain(index))
        {
            Panic.Stop("no thread slot is left to start component number"u8, (nuint)(uint)index);
        }
    }

    // Interrupts are off on entry and return.
    private static bool HandleFaults()
    {
        for (int index = 0; index < ComponentTable.Count; index++)
        {
            ref Component component = ref ComponentTable.At(index);
            if (component.State != ComponentState.Faulted)
            {
                continue;
            }

            ref readonly ComponentDescription description = ref ImageTable.Component(index);
            bool restart = (RestartPolicy)description.Restart == RestartPolicy.OnFault && component.RestartCount < (int)description.RestartLimit;
            ComponentTable.EndThreads(index);
            if (restart)
            {
                component.RestartCount++;
            }
            else
            {
                component.State = ComponentState.Stopped;
            }

            // One that is restarted counts as there all the while: a wait for its next life may begin now.
            Peers.OnComponentEnded(index, restart);
            WriteDecision(index, restart);
            Processor.EnableInterrupts();
            if (restart)
            {
                ComponentTable.RestoreStatics(index);
                Start(index);
            }

            _ = Processor.DisableInterrupts();
            return true;
        }

        return false;
    }

    private static bool AnyRunning()
    {
        for (int index = 0; index < ComponentTable.Count; index++)
        {
            if (ComponentTable.At(index).State == ComponentState.Running)
            {
                return true;
            }
        }

        return false;
    }

    // Success means that every component's last life ended as it should.
    private static int ExitStatus()
    {
        for (int index = 0; index < ComponentTable.Count; index++)
        {
            ref Component component = ref ComponentTable.At(index);
            if (component.State != ComponentState.Finished || component.ExitCode != 0)
            {
                return 1;
            }
        }

        return 0;
    }

    private static void WriteDecision(int index, bool restart)
    {
        KernelConsole.Write("kernel  "u8);
        KernelConsole.Write(ComponentTable.NameOf(index));
        if (restart)
        {
            KernelConsole.Write(" is restarted with pristine statics, restart "u8);
            KernelConsole.WriteDecimal(ComponentTable.At(index).RestartCount);
            KernelConsole.Write(" of "u8);
            KernelConsole.WriteDecimal(ImageTable.Component(index).RestartLimit);
        }
        else
        {
            KernelConsole.Write(" stays down, as its restart policy says"u8);
        }

        KernelConsole.Write("\n"u8);
    }
}
