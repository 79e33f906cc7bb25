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
            ExpectGateFault(UserCode.Run(), vector, 0, "int n"u8);
        }

        UserCode.Close();
    }

    [GuestTest]
    internal static void TheTableOfGatesEndsBehindTheLastVectorThatCanArrive()
    {
        nuint gateCount = nuint.Size == 8 ? (nuint)(InterruptController.FirstVector + InterruptController.LineCount) : SystemCallGate + 1;
        Expect.Equal((gateCount * 2 * (nuint)nuint.Size) - 1, UserCode.InterruptTableLimit, "limit of the interrupt descriptor table"u8);
    }

    [GuestTest]
    internal static void TheBreakpointInstructionFaultsAtItsGate() =>
        ExpectGateFault(UserCode.RunOnce([0xCC]), 3, 0, "int3"u8);

#if ARCHITECTURE_IA32
    [GuestTest]
    internal static void TheOverflowInstructionFaultsAtItsGate() =>

        // mov al, 0x7F; inc al; into
        ExpectGateFault(UserCode.RunOnce([0xB0, 0x7F, 0xFE, 0xC0, 0xCE]), 4, 4, "into"u8);

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
    internal static void FaultsAtGatesLeaveTheKernelServing()
    {
        UserCode.RunOnce([0xCD, 0x0E]);
        UserCode.RunOnce([0xCD, 0x08]);
        UserCode.RunOnce([0xCD, 0x02]);
        Probe.ExpectDone(Probe.Run(ProbeOperation.SystemCall, (nuint)Abi.SystemCall.Nothing), 0, "a system call afterwards"u8);
    }

    private static void ExpectGateFault(int slot, int vector, nuint offset, ReadOnlySpan<byte> what)
    {
        Probe.ExpectException(slot, ExceptionVector.GeneralProtection, EmulatorDifferences.RefusedGate(vector), what);
        Expect.Equal(UserCode.Address + offset, ThreadTable.At(slot).Fault.InstructionPointer, what);
    }
}
