// What an emulator does that no processor does, where it keeps a test from seeing what the test is about.

using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class EmulatorDefect
{
    private const nuint SupervisorAccessPrevention = 1 << 21; // CR4.SMAP
    private const nuint SupervisorReadDenied = 1;

    /// <summary>
    /// Whether the thread was ended because a far return in user mode read its own stack as the supervisor, which SMAP forbids: QEMU before
    /// 9.1. The test is skipped then; that the kernel has ended the thread, and not let it try for ever, has been seen.
    /// </summary>
    public static bool ReturnReadStackAsSupervisor(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        bool isDefect = (Processor.ReadControl4() & SupervisorAccessPrevention) != 0
            && thread.HasFaulted && thread.Fault.IsPageFault && thread.Fault.ErrorCode == SupervisorReadDenied;
        if (isDefect)
        {
            Expect.Skip("this emulator lets a far return in user mode read the stack as the supervisor, which SMAP forbids"u8);
        }

        return isDefect;
    }
}
