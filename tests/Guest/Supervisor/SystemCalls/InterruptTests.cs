// A long system call lets interrupts in between its pieces: one of an unimportant thread delays nobody.

using Ringfence.Abi;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class InterruptTests
{
    private const int Page = 0;
    private const int Attempts = 10;

    [GuestTest]
    internal static void ATickPreemptsAThreadWithinASystemCall()
    {
        // One long line of spaces: the only long call there is.
        UserMemory.View(Probe.ScratchAddress(Page), PageSize.ByteCount).Fill((byte)' ');
        UserMemory.View(Probe.ScratchAddress(Page) + PageSize.ByteCount - 1, 1)[0] = (byte)'\n';
        bool seen = false;
        for (int attempt = 0; attempt < Attempts && !seen; attempt++)
        {
            int slot = Probe.Create(
                Probe.Component, 0, ProbeOperation.SystemCall, (nuint)SystemCall.WriteConsole, Probe.ScratchAddress(Page), PageSize.ByteCount);
            ThreadLifecycle.Start(slot);
            while (ThreadTable.At(slot).State != ThreadState.Ended)
            {
                ThreadLifecycle.Sleep(1);
                seen |= ThreadTable.At(slot).State == ThreadState.Ready && WasInKernel(slot);
            }

            Probe.ExpectDone(slot, 0, "the call is finished in spite of it"u8);
            Expect.Equal((int)PageSize.ByteCount, (int)Probe.Request(0).Result, "all bytes were written"u8);
        }

        Expect.True(seen, "the timer interrupted the kernel in the middle of a call"u8);
    }

    // Whether the first frame on the thread's kernel stack is that of a system call and not of an interrupt of user mode.
    private static bool WasInKernel(int slot)
    {
        nuint top = AddressLayout.KernelStackTop(slot);
#if ARCHITECTURE_AMD64
        // An interrupt pushes SS first, the entry of a system call the user's stack pointer.
        return AddressLayout.UserStackPages(slot).Contains(new VirtualAddress(KernelMemory.At<nuint>(top - 8)).Page);
#else
        // The two frames begin alike; then an interrupt has an error code of 0 and its vector, a system call ebp and ebx.
        return KernelMemory.At<uint>(top - 28) != InterruptController.FirstVector;
#endif
    }
}
