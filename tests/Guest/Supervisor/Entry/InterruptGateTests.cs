// Which gates user mode may go through by an instruction: none on x86-64, the system call's on IA-32.

using System;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class InterruptGateTests
{
    private const int GateCount = 256;
    private const int SystemCallGate = 0x80;

    // A gate's index, and the bit that says it is one (Intel SDM vol. 3A, 6.13).
    private static nuint GateCode(int vector) => ((nuint)(uint)vector * 8) + 2;

    [GuestTest]
    internal static void SoftwareInterruptsFaultAtEveryGateButTheSystemCalls()
    {
        UserCode.Open();
        Span<byte> code = stackalloc byte[2];
        code[0] = 0xCD;
        for (int vector = 0; vector < GateCount; vector++)
        {
            if (nuint.Size == 4 && vector == SystemCallGate)
            {
                continue;
            }

            code[1] = (byte)vector;
            UserCode.Load(code);
            int slot = UserCode.Run();
            Probe.ExpectException(slot, ExceptionVector.GeneralProtection, GateCode(vector), "int n"u8);
            Expect.Equal(UserCode.Address, ThreadTable.At(slot).Fault.InstructionPointer, "int n"u8);
        }

        UserCode.Close();
    }

    [GuestTest]
    internal static void TheBreakpointInstructionFaultsAtItsGate() =>
        UserCode.ExpectException([0xCC], ExceptionVector.GeneralProtection, GateCode(3), "int3"u8);

#if ARCHITECTURE_IA32
    [GuestTest]
    internal static void TheOverflowInstructionFaultsAtItsGate() =>

        // mov al, 0x7F; inc al; into
        UserCode.ExpectException([0xB0, 0x7F, 0xFE, 0xC0, 0xCE], ExceptionVector.GeneralProtection, GateCode(4), "into"u8, offset: 4);

    [GuestTest]
    internal static void TheSystemCallsGateIsOpen()
    {
        // mov eax, Nothing; int 0x80; ret
        int slot = UserCode.RunOnce([0xB8, (byte)Abi.SystemCall.Nothing, 0, 0, 0, 0xCD, SystemCallGate, 0xC3]);
        Probe.ExpectDone(slot, 0, "int 0x80"u8);
        Expect.Equal(0, (int)Probe.Request(0).Result, "result of the call"u8);
    }

    [GuestTest]
    internal static void SyscallIsNoInstructionOfThisFormat() =>
        UserCode.ExpectException([0x0F, 0x05], ExceptionVector.InvalidOpcode, 0, "syscall"u8);
#endif

    [GuestTest]
    internal static void SysenterHasNoTarget() => UserCode.ExpectPrivileged([0x0F, 0x34], "sysenter"u8);

    [GuestTest]
    internal static void FaultsAtGatesLeaveTheKernelServing()
    {
        UserCode.RunOnce([0xCD, 0x0E]);
        UserCode.RunOnce([0xCD, 0x08]);
        UserCode.RunOnce([0xCD, 0x02]);
        Probe.ExpectDone(Probe.Run(ProbeOperation.SystemCall, (nuint)Abi.SystemCall.Nothing), 0, "a system call afterwards"u8);
    }
}
