// Segment registers are user mode's to play with. No selector opens the kernel, and the kernel never trusts what it finds in them.

using System;
using Ringfence.Guest.Contracts;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class SegmentTests
{
    private const ushort KernelCode = 0x08;
    private const ushort KernelData = 0x10;

    [GuestTest]
    internal static void DataSegmentRegistersCannotTakeKernelSelectors()
    {
        ExpectRefused(KernelCode);
        ExpectRefused(KernelData);
#if ARCHITECTURE_AMD64
        ExpectRefused(0x30); // the task segment
#else
        ExpectRefused(0x28); // the task segment
        ExpectRefused(0x30); // the double fault's
#endif
    }

    [GuestTest]
    internal static void SelectorsBeyondTheTableAreRefused() => ExpectRefused(0xFFF8);

    [GuestTest]
    internal static void SystemCallsWorkWithNullSelectorsInEveryDataSegmentRegister()
    {
#if ARCHITECTURE_AMD64
        // xor eax, eax; mov ds, eax; mov es, eax; mov fs, eax; mov gs, eax; mov eax, Nothing; syscall; ret
        ReadOnlySpan<byte> code =
        [
            0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xC0, 0x8E, 0xE0, 0x8E, 0xE8, 0xB8, (byte)Abi.SystemCall.Nothing, 0, 0, 0, 0x0F, 0x05, 0xC3,
        ];
#else
        // The same, with int 0x80: the stack stays usable, and after the call DS and ES are the user's again.
        ReadOnlySpan<byte> code =
        [
            0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xC0, 0x8E, 0xE0, 0x8E, 0xE8, 0xB8, (byte)Abi.SystemCall.Nothing, 0, 0, 0, 0xCD, 0x80, 0xC3,
        ];
#endif
        Probe.ExpectDone(UserCode.RunOnce(code), 0, "a system call with null selectors"u8);
    }

    [GuestTest]
    internal static void FaultsWithNullSelectorsAreServed()
    {
        // xor eax, eax; mov ds, eax; mov es, eax; ud2
        UserCode.ExpectException(
            [0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xC0, 0x0F, 0x0B], ExceptionVector.InvalidOpcode, 0, "ud2 with null selectors"u8, offset: 6);
        Probe.ExpectDone(Probe.Run(ProbeOperation.None), 0, "a thread afterwards"u8);
    }

    [GuestTest]
    internal static void InterruptsWithNullSelectorsAreServed()
    {
        // xor eax, eax; mov ds, eax; mov es, eax; mov ecx, 50000000; loop to itself; mov ax, 0x23; mov ds, eax; mov es, eax; ret
        ReadOnlySpan<byte> code =
        [
            0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xC0, 0xB9, 0x80, 0xF0, 0xFA, 0x02, 0xE2, 0xFE, 0xB8, 0x23, 0, 0, 0, 0x8E, 0xD8, 0x8E, 0xC0, 0xC3,
        ];
        ulong begin = Kernel.Clock.Ticks;
        Probe.ExpectDone(UserCode.RunOnce(code), 0, "a loop with null selectors"u8);
        Expect.True(Kernel.Clock.Ticks > begin + 2, "ticks came meanwhile"u8);
    }

    [GuestTest]
    internal static void TheStackSegmentTakesNoNullAndNoKernelSelector()
    {
        // mov eax, selector; mov ss, eax
        UserCode.ExpectException([0xB8, 0, 0, 0, 0, 0x8E, 0xD0], ExceptionVector.GeneralProtection, 0, "null in ss"u8, offset: 5);
        UserCode.ExpectException(
            [0xB8, (byte)KernelData, 0, 0, 0, 0x8E, 0xD0], ExceptionVector.GeneralProtection, KernelData, "kernel data in ss"u8, offset: 5);
    }

    [GuestTest]
    internal static void FarReturnsToKernelCodeFault()
    {
#if ARCHITECTURE_AMD64
        ExpectReturnRefused([0x6A, 0x08, 0x68, 0, 0, 0x10, 0, 0x48, 0xCB], 7); // push 8; push 0x100000; retfq
#else
        ExpectReturnRefused([0x6A, 0x08, 0x68, 0, 0, 0x10, 0, 0xCB], 7);
#endif
    }

    [GuestTest]
    internal static void InterruptReturnsToKernelCodeFault()
    {
#if ARCHITECTURE_AMD64
        // push 0x10; push rsp; pushfq; push 8; push 0x100000; iretq
        ExpectReturnRefused([0x6A, 0x10, 0x54, 0x9C, 0x6A, 0x08, 0x68, 0, 0, 0x10, 0, 0x48, 0xCF], 11);
#else
        ExpectReturnRefused([0x9C, 0x6A, 0x08, 0x68, 0, 0, 0x10, 0, 0xCF], 8); // pushfd; push 8; push 0x100000; iretd
#endif
    }

    private static void ExpectReturnRefused(ReadOnlySpan<byte> code, nuint offset)
    {
        int slot = UserCode.RunOnce(code);
        if (!EmulatorDifferences.ReturnReadStackAsSupervisor(slot))
        {
            Probe.ExpectException(slot, ExceptionVector.GeneralProtection, KernelCode, "a return to kernel code"u8);
        }

        Expect.Equal(UserCode.Address + offset, Kernel.ThreadTable.At(slot).Fault.InstructionPointer, "a return to kernel code"u8);
    }

#if ARCHITECTURE_IA32
    [GuestTest]
    internal static void FarJumpsAndCallsToTheKernelFault()
    {
        ExpectFarRefused(KernelCode);
        ExpectFarRefused(KernelData);
        ExpectFarRefused(0x28); // the task segment
        ExpectFarRefused(0x30); // the double fault's
    }

    private static void ExpectFarRefused(ushort selector)
    {
        Span<byte> code = [0xEA, 0, 0, 0x10, 0, (byte)selector, 0]; // jmp selector:0x100000
        UserCode.ExpectException(code, ExceptionVector.GeneralProtection, selector, "far jump to a kernel selector"u8);
        code[0] = 0x9A; // call selector:0x100000
        UserCode.ExpectException(code, ExceptionVector.GeneralProtection, selector, "far call to a kernel selector"u8);
    }
#else
    [GuestTest]
    internal static void FarCallsToTheKernelFault() =>

        // The operand is an offset of 32 bits and a selector. mov dword [rsp - 8], 0x100000;
        // mov word [rsp - 4], 8; call far [rsp - 8]
        UserCode.ExpectException(
            [0xC7, 0x44, 0x24, 0xF8, 0, 0, 0x10, 0, 0x66, 0xC7, 0x44, 0x24, 0xFC, 0x08, 0, 0xFF, 0x5C, 0x24, 0xF8],
            ExceptionVector.GeneralProtection, KernelCode, "far call to kernel code"u8, offset: 15);
#endif

    // The error code is the selector without its privilege bits.
    private static void ExpectRefused(ushort selector)
    {
        Span<byte> code = [0xB8, (byte)selector, (byte)(selector >> 8), 0, 0, 0x8E, 0xD8]; // mov eax, selector; mov ds, eax
        UserCode.ExpectException(code, ExceptionVector.GeneralProtection, selector, "a kernel selector in ds"u8, offset: 5);
        code[6] = 0xC0;
        UserCode.ExpectException(code, ExceptionVector.GeneralProtection, selector, "a kernel selector in es"u8, offset: 5);
        code[6] = 0xE0;
        UserCode.ExpectException(code, ExceptionVector.GeneralProtection, selector, "a kernel selector in fs"u8, offset: 5);
        code[6] = 0xE8;
        UserCode.ExpectException(code, ExceptionVector.GeneralProtection, selector, "a kernel selector in gs"u8, offset: 5);
    }
}
