// Instructions that only the kernel may execute end the thread that tries. Each is tried, for one left open opens the machine.

using System;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class PrivilegedInstructionTests
{
    [GuestTest]
    internal static void InterruptFlagAndHaltInstructionsFault()
    {
        UserCode.ExpectPrivileged([0xFA], "cli"u8);
        UserCode.ExpectPrivileged([0xFB], "sti"u8);
        UserCode.ExpectPrivileged([0xF4], "hlt"u8);
    }

    [GuestTest]
    internal static void EveryKindOfPortAccessFaults()
    {
        UserCode.ExpectPrivileged([0xE4, 0x60], "in al, 0x60"u8);
        UserCode.ExpectPrivileged([0xE5, 0x60], "in eax, 0x60"u8);
        UserCode.ExpectPrivileged([0xE6, 0x80], "out 0x80, al"u8);
        UserCode.ExpectPrivileged([0xE7, 0x80], "out 0x80, eax"u8);
        UserCode.ExpectPrivileged([0x6C], "insb"u8);
        UserCode.ExpectPrivileged([0x6E], "outsb"u8);
    }

    [GuestTest]
    internal static void PortsFromTheFirstToTheLastAreClosed()
    {
        ExpectPortClosed(0x0000);
        ExpectPortClosed(0x0020); // interrupt controller
        ExpectPortClosed(0x0040); // timer
        ExpectPortClosed(0x00F4); // debug exit
        ExpectPortClosed(0x03F8); // console
        ExpectPortClosed(0x0CF8); // PCI configuration
        ExpectPortClosed(0xFFFF);
    }

    [GuestTest]
    internal static void DescriptorTableRegistersCannotBeLoaded()
    {
        UserCode.ExpectPrivileged([0x0F, 0x01, 0x10], "lgdt"u8);
        UserCode.ExpectPrivileged([0x0F, 0x01, 0x18], "lidt"u8);
        UserCode.ExpectPrivileged([0x0F, 0x00, 0xD0], "lldt ax"u8);
        UserCode.ExpectPrivileged([0x0F, 0x00, 0xD8], "ltr ax"u8);
        UserCode.ExpectPrivileged([0x0F, 0x01, 0xF0], "lmsw ax"u8);
    }

    [GuestTest]
    internal static void ControlRegistersCanBeNeitherReadNorWritten()
    {
        ExpectControlRegisterClosed(0);
        ExpectControlRegisterClosed(2);
        ExpectControlRegisterClosed(3);
        ExpectControlRegisterClosed(4);
#if ARCHITECTURE_AMD64
        UserCode.ExpectPrivileged([0x44, 0x0F, 0x20, 0xC0], "mov rax, cr8"u8);
        UserCode.ExpectPrivileged([0x44, 0x0F, 0x22, 0xC0], "mov cr8, rax"u8);
#endif
        UserCode.ExpectPrivileged([0x0F, 0x06], "clts"u8);
    }

    [GuestTest]
    internal static void DebugRegistersCanBeNeitherReadNorWritten()
    {
        Span<byte> code = stackalloc byte[3];
        code[0] = 0x0F;
        for (int register = 0; register < 8; register++)
        {
            code[2] = (byte)(0xC0 | (register << 3));
            code[1] = 0x21;
            UserCode.ExpectPrivileged(code, "read of a debug register"u8);
            code[1] = 0x23;
            UserCode.ExpectPrivileged(code, "write of a debug register"u8);
        }
    }

    [GuestTest]
    internal static void ModelSpecificRegistersCanBeNeitherReadNorWritten()
    {
        UserCode.ExpectPrivileged([0x0F, 0x32], "rdmsr"u8);
        UserCode.ExpectPrivileged([0x0F, 0x30], "wrmsr"u8);
#if ARCHITECTURE_AMD64
        UserCode.ExpectPrivileged([0x0F, 0x01, 0xF8], "swapgs"u8);
#endif
    }

    [GuestTest]
    internal static void CachesCannotBeTouched()
    {
        UserCode.ExpectPrivileged([0x0F, 0x01, 0x38], "invlpg"u8);
        UserCode.ExpectPrivileged([0x0F, 0x08], "invd"u8);
        UserCode.ExpectPrivileged([0x0F, 0x09], "wbinvd"u8);
    }

    [GuestTest]
    internal static void TheOtherFastSystemCallIsClosedInBothDirections()
    {
        // With no code segment set up for it SYSENTER faults; SYSEXIT is the kernel's. AMD's processors have neither in long mode.
        const uint EbxOfAuthenticAmd = 0x68747541;
        bool isAbsent = nuint.Size == 8 && Processor.Identify(0, 0).Ebx == EbxOfAuthenticAmd;
        ExceptionVector vector = isAbsent ? ExceptionVector.InvalidOpcode : ExceptionVector.GeneralProtection;
        UserCode.ExpectException([0x0F, 0x34], vector, 0, "sysenter"u8);
        UserCode.ExpectException([0x0F, 0x35], vector, 0, "sysexit"u8);
    }

#if ARCHITECTURE_AMD64
    [GuestTest]
    internal static void TheReturnOfTheSystemCallIsTheKernels() => UserCode.ExpectPrivileged([0x48, 0x0F, 0x07], "sysret"u8);
#endif

    [GuestTest]
    internal static void InstructionsThatTellWhereTheKernelLiesFaultWhereTheProcessorCanPreventThem()
    {
        ExpectPrevented([0x0F, 0x00, 0xC0], "sldt"u8);
        ExpectPrevented([0x0F, 0x00, 0xC8], "str"u8);
        ExpectPrevented([0x0F, 0x01, 0xE0], "smsw"u8);
#if ARCHITECTURE_AMD64
        ExpectPrevented([0x0F, 0x01, 0x07], "sgdt [rdi]"u8);
        ExpectPrevented([0x0F, 0x01, 0x0F], "sidt [rdi]"u8);
#else
        ExpectPrevented([0x0F, 0x01, 0x01], "sgdt [ecx]"u8);
        ExpectPrevented([0x0F, 0x01, 0x09], "sidt [ecx]"u8);
#endif
    }

    private static void ExpectPrevented(ReadOnlySpan<byte> instruction, ReadOnlySpan<byte> what)
    {
        const nuint UserInstructionPrevention = 1 << 11;
        Span<byte> code = stackalloc byte[4];
        instruction.CopyTo(code);
        code[3] = 0xC3; // RET
        if ((Processor.ReadControl4() & UserInstructionPrevention) != 0)
        {
            UserCode.ExpectPrivileged(code, what);
        }
        else
        {
            Probe.ExpectDone(UserCode.RunOnce(code), 0, what);
        }
    }

    private static void ExpectPortClosed(ushort port)
    {
        Span<byte> code = [0x66, 0xBA, (byte)port, (byte)(port >> 8), 0xEC]; // mov dx, port; in al, dx
        UserCode.ExpectException(code, ExceptionVector.GeneralProtection, 0, "in al, dx"u8, offset: 4);
        code[4] = 0xEE; // out dx, al
        UserCode.ExpectException(code, ExceptionVector.GeneralProtection, 0, "out dx, al"u8, offset: 4);
    }

    private static void ExpectControlRegisterClosed(int register)
    {
        Span<byte> code = [0x0F, 0x20, (byte)(0xC0 | (register << 3))];
        UserCode.ExpectPrivileged(code, "read of a control register"u8);
        code[1] = 0x22;
        UserCode.ExpectPrivileged(code, "write of a control register"u8);
    }
}
