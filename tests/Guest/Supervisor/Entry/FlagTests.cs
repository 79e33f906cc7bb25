// The flags register belongs to the caller: what it may set it keeps, what it may not set it doesn't get, and none of it reaches the kernel.

using System;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class FlagTests
{
    private const ulong Fixed = 1 << 1;
    private const ulong Arithmetic = 0x8D5; // CF, PF, AF, ZF, SF, OF
    private const ulong Trap = 1 << 8;
    private const ulong Interrupts = 1 << 9;
    private const ulong Direction = 1 << 10;
    private const ulong InputOutputPrivilege = 3 << 12;
    private const ulong NestedTask = 1 << 14;
    private const ulong Resume = 1 << 16;
    private const ulong AlignmentCheck = 1 << 18;
    private const ulong Identification = 1 << 21;

    [GuestTest]
    internal static void Rf14EveryFlagThatACallerMaySetIsAsItWasAfterACall()
    {
        ExpectKept(0);
        ExpectKept(Arithmetic);
        ExpectKept(Direction);
        ExpectKept(NestedTask);
        ExpectKept(AlignmentCheck);
        ExpectKept(Identification);
        ExpectKept(Arithmetic | Direction | NestedTask | AlignmentCheck | Identification);
        for (int bit = 0; bit < 12; bit++)
        {
            if ((Arithmetic & (1UL << bit)) != 0)
            {
                ExpectKept(1UL << bit);
            }
        }
    }

    [GuestTest]
    internal static void FlagsAreAsTheyWereAlsoAfterOtherThreadsRanMeanwhile()
    {
        UserCode.Open();
        UserCode.Load(UserCodePiece.FlagsAcrossCall);
        int first = Prepare(0, Abi.SystemCall.Yield, Arithmetic | Direction | NestedTask);
        int second = Prepare(1, Abi.SystemCall.Yield, AlignmentCheck | Identification);
        ThreadLifecycle.Start(first);
        ThreadLifecycle.Start(second);
        ThreadLifecycle.Join(first);
        ThreadLifecycle.Join(second);
        Expect.Equal((nuint)(Fixed | Interrupts | Arithmetic | Direction | NestedTask), (nuint)UserBlock.Flags(0), "flags of the first thread"u8);
        Expect.Equal((nuint)(Fixed | Interrupts | AlignmentCheck | Identification), (nuint)UserBlock.Flags(1), "flags of the second thread"u8);
        UserCode.Close();
    }

    [GuestTest]
    internal static void InterruptFlagAndPortPrivilegeCannotBeChangedByPopf()
    {
        int slot = Run(UserCodePiece.FlagsAcrossCall, Abi.SystemCall.Nothing, InputOutputPrivilege | Resume);
        Probe.ExpectDone(slot, 0, "popf with IOPL 3 and IF 0"u8);
        Expect.Equal((nuint)(Fixed | Interrupts), (nuint)UserBlock.FlagsBefore(0), "flags that were really set"u8);
        Expect.Equal((nuint)(Fixed | Interrupts), (nuint)UserBlock.Flags(0), "flags after the call"u8);
        UserCode.Close();
    }

    [GuestTest]
    internal static void InterruptFlagAndPortPrivilegeCannotBeChangedByIret()
    {
        int slot = Run(UserCodePiece.FlagsByReturn, Abi.SystemCall.Nothing, InputOutputPrivilege | Arithmetic);
        if (!EmulatorDifferences.ReturnReadStackAsSupervisor(slot))
        {
            Probe.ExpectDone(slot, 0, "iret with IOPL 3 and IF 0"u8);
            Expect.Equal((nuint)(Fixed | Interrupts | Arithmetic), (nuint)UserBlock.Flags(0), "flags after the return"u8);
        }

        UserCode.Close();
    }

    [GuestTest]
    internal static void AnInterruptReturnOutOfANestedTaskFaults()
    {
        // or dword [sp], NT after pushf; popf; then a return to a task that isn't there
#if ARCHITECTURE_AMD64
        UserCode.ExpectException(
            [0x9C, 0x81, 0x0C, 0x24, 0, 0x40, 0, 0, 0x9D, 0x48, 0xCF], ExceptionVector.GeneralProtection, 0, "iretq with NT set"u8, offset: 9);
#else
        UserCode.ExpectException(
            [0x9C, 0x81, 0x0C, 0x24, 0, 0x40, 0, 0, 0x9D, 0xCF], ExceptionVector.InvalidTask, 0, "iretd with NT set"u8, offset: 9);
#endif
    }

    [GuestTest]
    internal static void TheDirectionFlagDoesNotReachTheKernel()
    {
        // Creating a thread clears its record and its stack: with the direction flag set that would destroy what lies below them.
        UserCode.Open();
        UserCode.Load(UserCodePiece.FlagsAcrossCall);
        int slot = Prepare(0, Abi.SystemCall.CreateThread, Direction);
        UserBlock.Register(0, 2) = Probe.Priority;
        Probe.Finish(slot);
        Probe.ExpectDone(slot, 0, "creating a thread with the direction flag set"u8);
        Expect.True((long)UserBlock.Register(0, 0) > 0, "a handle came back"u8);
        Probe.Reset();
        UserCode.Close();
    }

    [GuestTest]
    internal static void Rf14ATrapFlagSetAtACallEndsTheCallerWithADebugExceptionInItsOwnCode()
    {
        int slot = Run(UserCodePiece.TrapAtCall, Abi.SystemCall.Nothing, Trap | Interrupts);
        Probe.ExpectException(slot, ExceptionVector.Debug, 0, "a system call with the trap flag set"u8);
        nuint pointer = ThreadTable.At(slot).Fault.InstructionPointer;
        Expect.True(pointer > UserCode.Address && pointer < UserCode.Address + 64, "the exception was raised in the caller's code"u8);
        Probe.ExpectDone(Probe.Run(ProbeOperation.SystemCall, (nuint)Abi.SystemCall.Nothing), 0, "a system call afterwards"u8);
        UserCode.Close();
    }

    [GuestTest]
    internal static void AlignmentIsNotCheckedAndACallWithTheFlagSetIsServed()
    {
        const nuint AlignmentMask = 1 << 18;
        Expect.Equal(0, Processor.ReadControl0() & AlignmentMask, "CR0.AM"u8);

        // pushf; or dword [sp], AC; popf; mov eax, [argument + 1]; pushf; and dword [sp], not AC; popf; ret
#if ARCHITECTURE_AMD64
        ReadOnlySpan<byte> code = [0x9C, 0x81, 0x0C, 0x24, 0, 0, 4, 0, 0x9D, 0x8B, 0x47, 0x01, 0x9C, 0x81, 0x24, 0x24, 0xFF, 0xFF, 0xFB, 0xFF, 0x9D, 0xC3];
#else
        ReadOnlySpan<byte> code = [0x9C, 0x81, 0x0C, 0x24, 0, 0, 4, 0, 0x9D, 0x8B, 0x41, 0x01, 0x9C, 0x81, 0x24, 0x24, 0xFF, 0xFF, 0xFB, 0xFF, 0x9D, 0xC3];
#endif
        Probe.ExpectDone(UserCode.RunOnce(code), 0, "an unaligned read with AC set"u8);
    }

#if ARCHITECTURE_AMD64
    [GuestTest]
    internal static void TheSystemCallMasksEveryFlagThatACallerCanSet()
    {
        const uint FlagMaskRegister = 0xC0000084;
        const ulong MustBeMasked = Arithmetic | Trap | Interrupts | Direction | InputOutputPrivilege | NestedTask | Resume | AlignmentCheck | Identification;
        Expect.Equal((nuint)MustBeMasked, (nuint)(Processor.ReadModelRegister(FlagMaskRegister) & MustBeMasked), "FMASK"u8);
    }
#endif

    private static void ExpectKept(ulong flags)
    {
        int slot = Run(UserCodePiece.FlagsAcrossCall, Abi.SystemCall.Ticks, flags);
        Probe.ExpectDone(slot, 0, "a system call with flags set"u8);
        Expect.Equal((nuint)(Fixed | Interrupts | flags), (nuint)UserBlock.FlagsBefore(0), "flags before the call"u8);
        Expect.Equal((nuint)(Fixed | Interrupts | flags), (nuint)UserBlock.Flags(0), "flags after the call"u8);
        UserCode.Close();
    }

    // Leaves the domain open: the block is still to be read.
    private static int Run(UserCodePiece piece, Abi.SystemCall call, ulong flags)
    {
        UserCode.Open();
        UserCode.Load(piece);
        return Probe.Finish(Prepare(0, call, flags));
    }

    private static int Prepare(int block, Abi.SystemCall call, ulong flags)
    {
        UserBlock.Call(block) = (ulong)call;
        UserBlock.Flags(block) = flags;
        return UserCode.Create(block, UserBlock.AddressOf(block));
    }
}
