// What comes back from a system call: what the contract preserves, zeroes, and nothing of the kernel's.

using System;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static class RegisterTests
{
    [GuestTest]
    internal static void ACallThatDoesNothingReturnsNoRegisterOfTheKernels() => ExpectClean(Abi.SystemCall.Nothing);

    [GuestTest]
    internal static void ACallThatReadsTheClockReturnsNoRegisterOfTheKernels() => ExpectClean(Abi.SystemCall.Ticks);

    [GuestTest]
    internal static void ACallThatSwitchesThreadsReturnsNoRegisterOfTheKernelsOrTheOthers()
    {
        UserCode.Open();
        UserCode.Load(UserCodePiece.CallAndDump);
        int first = Prepare(0, Abi.SystemCall.Yield);
        int second = Prepare(1, Abi.SystemCall.Yield);
        ThreadLifecycle.Start(first);
        ThreadLifecycle.Start(second);
        ThreadLifecycle.Join(first);
        ThreadLifecycle.Join(second);
        ExpectClean(0, 0);
        ExpectClean(1, 0);
        UserCode.Close();
    }

    private static void ExpectClean(Abi.SystemCall call)
    {
        UserCode.Open();
        UserCode.Load(UserCodePiece.CallAndDump);
        ulong before = Clock.Ticks;
        Probe.ExpectDone(Probe.Finish(Prepare(0, call)), 0, "the caller"u8);
        ulong result = 0;
        if (call == Abi.SystemCall.Ticks)
        {
            result = UserBlock.Register(0, 0);
            Expect.True(result >= before && result <= Clock.Ticks, "the result is the time of the call"u8);
        }

        ExpectClean(0, result);
        UserCode.Close();
    }

    private static int Prepare(int block, Abi.SystemCall call)
    {
        UserBlock.Call(block) = (ulong)call;
        return UserCode.Create(block, UserBlock.AddressOf(block));
    }

    private static void ExpectClean(int block, ulong result)
    {
        Expect.Equal((nuint)result, (nuint)UserBlock.Register(block, 0), "the result"u8);
        ExpectRegister(block, 3, "rbx"u8);
        ExpectRegister(block, 5, "rbp"u8);
#if ARCHITECTURE_AMD64
        ExpectRegister(block, 12, "r12"u8);
        ExpectRegister(block, 13, "r13"u8);
        ExpectRegister(block, 14, "r14"u8);
        ExpectRegister(block, 15, "r15"u8);
        Expect.Equal((nuint)UserBlock.Scratch(block), (nuint)UserBlock.Register(block, 1), "rcx is the return address"u8);
        Expect.Equal(0, (nuint)UserBlock.Register(block, 2), "rdx"u8);
        Expect.Equal(0, (nuint)UserBlock.Register(block, 6), "rsi"u8);
        Expect.Equal(0, (nuint)UserBlock.Register(block, 7), "rdi"u8);
        Expect.Equal(0, (nuint)UserBlock.Register(block, 8), "r8"u8);
        Expect.Equal(0, (nuint)UserBlock.Register(block, 9), "r9"u8);
        Expect.Equal(0, (nuint)UserBlock.Register(block, 10), "r10"u8);

        // r11 is the caller's flags: interrupts on, nothing that only the kernel can have.
        Expect.Equal(0x202, (nuint)UserBlock.Register(block, 11) & ~(nuint)0x8D5, "r11"u8);
#else
        ExpectRegister(block, 6, "esi"u8);
        ExpectRegister(block, 7, "edi"u8);
        Expect.Equal(0, (nuint)UserBlock.Register(block, 1), "ecx"u8);
        Expect.Equal(0, (nuint)UserBlock.Register(block, 2), "edx, the upper half of the result"u8);
#endif
        for (int offset = 0; offset < UserBlock.VectorCount * 16; offset++)
        {
            if (!Expect.Equal(0, UserBlock.StateVectorByte(block, offset), "a byte of an xmm register"u8))
            {
                return;
            }
        }
    }

    private static void ExpectRegister(int block, int register, ReadOnlySpan<byte> what)
    {
        nuint pattern = (nuint)0x5EED << ((nuint.Size * 8) - 16);
        Expect.Equal(pattern + (nuint)(uint)register, (nuint)UserBlock.Register(block, register), what);
    }
}
