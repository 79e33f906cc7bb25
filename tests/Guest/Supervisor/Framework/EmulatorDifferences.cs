// The list of what QEMU's own translator (TCG) does otherwise than the manuals say. Each entry is what the tests expect there,
// exactly: the day an emulator mends one, a test fails and the entry goes.

using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class EmulatorDifferences
{
    private const uint HypervisorLeaf = 0x40000000;
    private const uint HypervisorPresent = 1u << 31; // CPUID.1:ECX
    private const uint Signature = 0x54474354;       // "TCGT", of "TCGTCGTCGTCG"
    private const nuint SupervisorAccessPrevention = 1 << 21; // CR4.SMAP
    private const nuint SupervisorReadDenied = 1;
    private const nuint IsGate = 2;

    /// <summary>Whether this machine is one of QEMU's without hardware virtualisation.</summary>
    public static bool IsTranslated =>
        (Processor.Identify(1, 0).Ecx & HypervisorPresent) != 0 && Processor.Identify(HypervisorLeaf, 0).Ebx == Signature;

    /// <summary>
    /// Error code of a software interrupt that its gate refuses: the gate's index and the bit that says it is a gate's (Intel SDM vol. 3A,
    /// 6.13). TCG counts the gates of long mode in halves of their 16 bytes, and so gives twice the index.
    /// </summary>
    public static nuint RefusedGate(int vector) => ((nuint)(uint)vector * (nuint.Size == 8 && IsTranslated ? 16u : 8u)) + IsGate;

    /// <summary>A push to an address that isn't canonical is a stack-segment fault (Intel SDM vol. 3A, 6.15, #SS); TCG raises the general one.</summary>
    public static ExceptionVector PushBeyondTheCanonical => IsTranslated ? ExceptionVector.GeneralProtection : ExceptionVector.StackSegment;

    /// <summary>
    /// Whether the thread was ended because a far return in user mode read its own stack as the supervisor, which SMAP forbids: TCG before
    /// QEMU 9.1. The test is skipped then; that the kernel has ended the thread, and not let it try for ever, has been seen.
    /// </summary>
    public static bool ReturnReadStackAsSupervisor(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        bool isDifferent = IsTranslated
            && (Processor.ReadControl4() & SupervisorAccessPrevention) != 0
            && thread.HasFaulted && thread.Fault.IsPageFault && thread.Fault.ErrorCode == SupervisorReadDenied;
        if (isDifferent)
        {
            Expect.Skip("this emulator lets a far return in user mode read the stack as the supervisor, which SMAP forbids"u8);
        }

        return isDifferent;
    }
}
