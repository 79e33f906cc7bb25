// A kernel thread that runs out of stack is lost; the machine is not, and it can happen again.

using System.Runtime.CompilerServices;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class KernelStackOverflowTests
{
    // The first 8259's mask register; the second hangs on a line of the first.
    private const ushort InterruptMask = 0x21;

    private static byte s_mask;

    // On IA-32 the double fault is a task switch, and loads the page tables that its task segment names: those of the probe, which are loaded before, have to be loaded again
    // for it to go on. Without that the audit ends the machine in the last line, or the probe's thread faults.
    [GuestTest]
    internal static void KernelStackOverflowEndsThatThreadTwiceInARow()
    {
        Probe.ExpectDone(Probe.Run(Contracts.ProbeOperation.None), 0, "a user thread before"u8);
        nuint tables = Processor.ReadControl3();
        for (int round = 0; round < 2; round++)
        {
            int slot = ThreadLifecycle.CreateKernelThread(&Overflow, 0, Probe.Priority);
            Probe.Finish(slot);
            Processor.WritePort8(InterruptMask, s_mask);
            ref Thread thread = ref ThreadTable.At(slot);
            Expect.True(thread.HasFaulted, "the thread was ended"u8);
            Expect.Equal((int)ExceptionVector.DoubleFault, thread.Fault.Vector, "vector"u8);
            Expect.Equal(tables, Processor.ReadControl3(), "the page tables that were loaded"u8);
            Expect.Equal(slot, AddressLayout.FindGuard(thread.Fault.Address), "the guard is that of the thread's slot"u8);
        }

        int after = Probe.Run(Contracts.ProbeOperation.None);
        Probe.ExpectDone(after, 0, "user threads run on"u8);
    }

    // With every line masked and interrupts on: an interrupt that comes when the stack is all but used up has no room for its entry, and that is a panic.
    private static void Overflow(nint argument)
    {
        s_mask = Processor.ReadPort8(InterruptMask);
        Processor.WritePort8(InterruptMask, 0xFF);
        Recurse((int)argument);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Recurse(int depth) => depth + Recurse(depth + 1) + (depth * 3);
}
