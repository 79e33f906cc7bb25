// Every exception that user mode can raise by itself: which vector, with which error code, at which instruction.

using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class UserExceptionTests
{
    [GuestTest]
    internal static void ADivisionByZeroIsReportedAtTheDivision() =>

        // xor eax, eax; div eax
        UserCode.ExpectException([0x31, 0xC0, 0xF7, 0xF0], ExceptionVector.DivideError, 0, "div"u8, offset: 2);

    [GuestTest]
    internal static void AnInstructionThatDoesNotExistIsReportedAtIt() =>
        UserCode.ExpectException([0x0F, 0x0B], ExceptionVector.InvalidOpcode, 0, "ud2"u8);

    [GuestTest]
    internal static void ALockPrefixWhereNoneIsAllowedIsReportedAtTheInstruction() =>
        UserCode.ExpectException([0xF0, 0x90], ExceptionVector.InvalidOpcode, 0, "lock nop"u8);

    [GuestTest]
    internal static void ATrapFlagIsReportedAfterTheNextInstruction() =>

        // pushf; or dword [sp], TF; popf; nop; nop
        UserCode.ExpectException(
            [0x9C, 0x81, 0x0C, 0x24, 0, 1, 0, 0, 0x9D, 0x90, 0x90], ExceptionVector.Debug, 0, "nop with the trap flag set"u8, offset: 10);

    [GuestTest]
    internal static void AnUnmaskedFloatingPointExceptionIsReportedAtTheNextWait() =>

        // push 0x037B; fldcw [sp]; fld1; fldz; fdivp; fwait
        UserCode.ExpectException(
            [0x68, 0x7B, 0x03, 0, 0, 0xD9, 0x2C, 0x24, 0xD9, 0xE8, 0xD9, 0xEE, 0xDE, 0xF9, 0x9B],
            ExceptionVector.FloatingPoint, 0, "fwait after a division by zero"u8, offset: 14);

#if ARCHITECTURE_IA32
    [GuestTest]
    internal static void AnIndexOutsideItsBoundsIsReportedAtTheBoundInstruction() =>

        // mov eax, 5; bound eax, [ecx] with both bounds 0
        UserCode.ExpectException([0xB8, 5, 0, 0, 0, 0x62, 0x01], ExceptionVector.BoundRange, 0, "bound"u8, offset: 5);
#else
    [GuestTest]
    internal static void AStackPointerThatIsNotCanonicalEndsTheThread()
    {
        // mov rax, 0x5A5A5A5A5A5A5A5A; mov rsp, rax; push rax
        int slot = UserCode.RunOnce([0x48, 0xB8, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x48, 0x89, 0xC4, 0x50]);
        ref Thread thread = ref ThreadTable.At(slot);
        Probe.ExpectException(slot, EmulatorDifferences.PushBeyondTheCanonical, 0, "push on a stack pointer that is not canonical"u8);
        Expect.Equal(UserCode.Address + 13, thread.Fault.InstructionPointer, "instruction"u8);
    }

    [GuestTest]
    internal static void Rf14ASystemCallWithAStackPointerThatIsNotCanonicalIsServed()
    {
        // push rbx; mov rbx, rsp; mov rax, 0x5A5A5A5A5A5A5A5A; mov rsp, rax; mov eax, Nothing; syscall; mov rsp, rbx; pop rbx; ret
        int slot = UserCode.RunOnce(
        [
            0x53, 0x48, 0x89, 0xE3, 0x48, 0xB8, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x48, 0x89, 0xC4,
            0xB8, (byte)Abi.SystemCall.Nothing, 0, 0, 0, 0x0F, 0x05, 0x48, 0x89, 0xDC, 0x5B, 0xC3,
        ]);
        Probe.ExpectDone(slot, 0, "a system call on a stack pointer that names no memory"u8);
    }
#endif

    [GuestTest]
    internal static void AJumpToNowhereIsReportedAtItsTarget()
    {
        // mov eax, 0x1000; jmp eax
        int slot = UserCode.RunOnce([0xB8, 0, 0x10, 0, 0, 0xFF, 0xE0]);
        Probe.ExpectPageFault(slot, 0x1000, PageFaultCode.FetchAbsent, "a jump to nowhere"u8);
        Expect.Equal(0x1000, ThreadTable.At(slot).Fault.InstructionPointer, "instruction pointer"u8);
    }

    [GuestTest]
    internal static void ASystemCallOnAStackThatIsGoneIsServedAndTheNextPushFaults()
    {
        // xor esp, esp (or rsp); mov eax, Nothing; the call; push eax
#if ARCHITECTURE_AMD64
        int slot = UserCode.RunOnce([0x31, 0xE4, 0xB8, (byte)Abi.SystemCall.Nothing, 0, 0, 0, 0x0F, 0x05, 0x50]);
#else
        int slot = UserCode.RunOnce([0x31, 0xE4, 0xB8, (byte)Abi.SystemCall.Nothing, 0, 0, 0, 0xCD, 0x80, 0x50]);
#endif
        Probe.ExpectPageFault(slot, unchecked((nuint)0 - (nuint)nuint.Size), PageFaultCode.WriteAbsent, "a push on no stack"u8);
        Expect.Equal(UserCode.Address + 9, ThreadTable.At(slot).Fault.InstructionPointer, "the push"u8);
    }
}
