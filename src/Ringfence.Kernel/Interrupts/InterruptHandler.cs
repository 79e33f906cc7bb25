// Every interrupt and exception arrives here, from the stubs in assembly.

using System.Runtime;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Decides what an interrupt means.</summary>
public static unsafe class InterruptHandler
{
    private const nuint FlagInterrupts = 1u << 9;
    private const nuint FlagTrap = 1u << 8;

    // How many interrupts are being served: a fault with any open is no thread's own.
    private static int s_depth;

    /// <summary>Non-maskable interrupts since boot. They change nothing; the count shows that they were survived.</summary>
    public static uint NonMaskableCount { get; private set; }

    /// <summary>Interrupts without a handler since boot, spurious ones included.</summary>
    public static uint UnexpectedCount { get; private set; }

    [RuntimeExport("KernelInterrupt")]
    private static void Handle(InterruptFrame* frame)
    {
        int vector = (int)frame->Vector;
        if (vector >= (int)ExceptionVector.FirstInterrupt)
        {
            HandleInterrupt(vector);
        }
        else if (vector == (int)ExceptionVector.NonMaskableInterrupt)
        {
            // Arrives anywhere, also where the kernel holds its lock: touch nothing else.
            NonMaskableCount++;
        }
        else if (vector == (int)ExceptionVector.DoubleFault)
        {
            HandleDoubleFault(in *frame, frame->StackPointer);
        }
        else if (vector == (int)ExceptionVector.MachineCheck)
        {
            // The machine's fault, whatever it interrupted.
            Panic.Stop(in *frame, 0);
        }
        else if (frame->IsFromUser)
        {
            HandleUserException(in *frame);
        }
        else
        {
            HandleKernelException(ref *frame);
        }
    }

    private static void HandleInterrupt(int vector)
    {
        if (!InterruptController.Acknowledge(vector))
        {
            UnexpectedCount++;
            return;
        }

        s_depth++;
        if (vector == InterruptController.FirstVector + IntervalTimer.Line)
        {
            Clock.Tick();
        }
        else if (!Serve(vector - InterruptController.FirstVector))
        {
            UnexpectedCount++;
        }

        s_depth--;
        Scheduler.SwitchIfWanted();
    }

    private static bool Serve(int line) => (ImageFeatures.HasSerialPorts && SerialLine.Serve(line)) || KernelConsole.Serve(line);

    private static void HandleUserException(in InterruptFrame frame)
    {
        nuint address = 0;
        if (frame.Vector == (nuint)ExceptionVector.PageFault)
        {
            address = Processor.ReadControl2();
            Access access = (frame.ErrorCode & 16) != 0 ? Access.Execute : (frame.ErrorCode & 2) != 0 ? Access.Write : Access.Read;

            // Only what user mode itself accessed: an access that the processor made as the supervisor on its behalf (error code bit 2 clear)
            // is not explained by user mode's rights, and would be repeated for ever.
            if ((frame.ErrorCode & 4) != 0 && Protection.IsSpuriousFault(address, access))
            {
#if KPTI && AUDIT
                // Every exit loads the domain's tables and forgets all else, so there is no narrower entry that could have been cached: an exit has left the kernel's tables loaded.
                Panic.Stop(in frame, address);
#endif

                // The fault itself dropped the cached entry it came from (SDM vol. 3A, 4.10.4.1); the access is made again.
                return;
            }
        }

        // Who faults waits until there is room for the report, and nobody else does. Not after a debug exception: on x86-64 it has a stack that the next one takes
        // as well, on which nobody may wait.
        if (frame.Vector != (nuint)ExceptionVector.Debug)
        {
            KernelConsole.WaitForRoom(FaultReport.UsualByteCount);
        }

        End(new FaultRecord((int)frame.Vector, frame.ErrorCode, address, frame.InstructionPointer, frame.StackPointer));
    }

    private static void HandleKernelException(ref InterruptFrame frame)
    {
        if (frame.Vector == (nuint)ExceptionVector.Debug)
        {
            // User mode can leave a debug exception pending that is delivered at the kernel's first instruction (MOV SS, CVE-2018-8897).
            frame.Flags &= ~FlagTrap;
            return;
        }

        nuint address = frame.Vector == (nuint)ExceptionVector.PageFault ? Processor.ReadControl2() : 0;
        if (!IsOfKernelThread(frame.Flags))
        {
            Panic.Stop(in frame, address);
        }

        End(new FaultRecord((int)frame.Vector, frame.ErrorCode, address, frame.InstructionPointer, frame.StackPointer));
    }

    // A kernel stack that overflows runs into its guard; the page fault can't be delivered on that stack and becomes a double fault,
    // which has a stack of its own. The thread's stack is never returned to, so the thread alone is lost.
    private static void HandleDoubleFault(in InterruptFrame frame, nuint stackPointer)
    {
        nuint address = Processor.ReadControl2();
        if (!IsOfKernelThread(frame.Flags) || AddressLayout.FindGuard(address) != Scheduler.Current)
        {
            Panic.Stop(in frame, address);
        }

        End(new FaultRecord((int)ExceptionVector.DoubleFault, frame.ErrorCode, address, frame.InstructionPointer, stackPointer));
    }

    // Whether a fault in ring 0 is a kernel thread's own: outside interrupts and locks, and not in a system call of a user thread.
    private static bool IsOfKernelThread(nuint flags) =>
        s_depth == 0 && (flags & FlagInterrupts) != 0 && Scheduler.Current != ThreadTable.Idle && !Scheduler.CurrentThread.IsUser;

    private static void End(in FaultRecord fault)
    {
        FaultReport.Write(in fault);
        ThreadLifecycle.FaultCurrent(in fault);
    }

#if ARCHITECTURE_IA32
    // Entered by a task switch: the interrupted state lies in the main task segment.
    [RuntimeExport("KernelDoubleFault")]
    private static void HandleDoubleFaultTask()
    {
        InterruptFrame frame = DescriptorTables.LeaveDoubleFaultTask();
        Protection.ReloadAfterTaskSwitch();
        HandleDoubleFault(in frame, frame.EspOfPushad);
    }
#endif
}
