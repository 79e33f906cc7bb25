// Every call that exists answers; every number that doesn't ends the caller, with exactly that number in the record.

using System;
using Ringfence.Abi;
using Ringfence.Domains;
using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static class NumberTests
{
    private const int CodePage = 15;
    private const int KnownCallCount = (int)SystemCall.TickFrequency + 1;

#if ARCHITECTURE_AMD64
    // mov rax, rdi; syscall; ret: the number as it is given, all 64 bits of it.
    private static ReadOnlySpan<byte> RawCall => [0x48, 0x89, 0xF8, 0x0F, 0x05, 0xC3];
#else
    // mov eax, ecx; int 0x80; ret.
    private static ReadOnlySpan<byte> RawCall => [0x89, 0xC8, 0xCD, 0x80, 0xC3];
#endif

    [GuestTest]
    internal static void UnknownNumbersEndTheCallerWithExactlyThatNumber()
    {
        ReadOnlySpan<nuint> numbers =
        [
            KnownCallCount, KnownCallCount + 1, KnownCallCount + 2, 31, 32, 63, 64, 127, 128, 255, 256, 0xFFFF, 0x10000, 1u << 31, int.MaxValue, uint.MaxValue,
            uint.MaxValue - 1,
        ];
        for (int index = 0; index < numbers.Length; index++)
        {
            ExpectRefused(numbers[index]);
        }

        ExpectRefused(nuint.MaxValue);
        ExpectRefused(nuint.MaxValue >> 1);
        ExpectRefused((nuint.MaxValue >> 1) + 1);
    }

    [GuestTest]
    internal static void AKnownNumberWithSomethingInTheUpperHalfIsUnknown()
    {
        if (nuint.Size == 4)
        {
            Expect.Skip("a register has no upper half on IA-32"u8);
            return;
        }

        for (int number = 0; number < KnownCallCount; number++)
        {
            ExpectRefused((nuint)(uint)number | ((nuint)1 << (nuint.Size == 8 ? 32 : 0)));
            ExpectRefused((nuint)(uint)number | ((nuint)1 << ((nuint.Size * 8) - 1)));
        }
    }

    [GuestTest]
    internal static void CallsThatOnlyAnswerAnswerWhatIsTrue()
    {
        Expect.Equal(0, (int)Call(SystemCall.Nothing), "Nothing"u8);
        Expect.Equal(0, (int)Call(SystemCall.Yield), "Yield"u8);
        Expect.Equal(0, (int)Call(SystemCall.Sleep, 0), "Sleep of no tick"u8);
        Expect.Equal(0, (int)Call(SystemCall.Sleep, 2), "Sleep"u8);
        Expect.Equal(ComponentTable.At(Probe.Component).RestartCount, (int)Call(SystemCall.RestartCount), "RestartCount"u8);
        Expect.Equal((int)ImageTable.Description.TickFrequencyHertz, (int)Call(SystemCall.TickFrequency), "TickFrequency"u8);
        ulong before = Clock.Ticks;
        ulong seen = (ulong)Call(SystemCall.Ticks);
        Expect.True(before <= seen && seen <= Clock.Ticks, "Ticks lies between two readings of the clock"u8);
    }

    [GuestTest]
    internal static void CurrentThreadAndArgumentAreThoseOfTheCaller()
    {
        int slot = Probe.Create(Probe.Component, 3, ProbeOperation.SystemCall, (nuint)SystemCall.CurrentThread);
        int handle = ThreadTable.HandleOf(slot).Value;
        Probe.Finish(slot);
        Expect.Equal(handle, (int)Probe.Request(3).Result, "the caller's own handle"u8);
        slot = Probe.Create(Probe.Component, 7, ProbeOperation.SystemCall, (nuint)SystemCall.Argument);
        Probe.Finish(slot);
        Expect.Equal(7, (int)Probe.Request(7).Result, "the argument it was created with"u8);
    }

    [GuestTest]
    internal static void ExitEndsTheCallerWithItsCode()
    {
        int slot = Probe.Run(ProbeOperation.SystemCall, (nuint)SystemCall.Exit, 77);
        Expect.True(!ThreadTable.At(slot).HasFaulted, "an exit is no fault"u8);
        Expect.Equal(77, ThreadTable.At(slot).ExitCode, "the exit code"u8);
        Expect.Equal(0, Probe.Request(0).IsDone, "nothing after the call is executed"u8);
    }

    [GuestTest]
    internal static void FailEndsTheCallerWithItsReasonWhateverTheStackPointer()
    {
        ReadOnlySpan<nuint> stackPointers = [0, 1, 4095, 4096, uint.MaxValue];
        for (int index = 0; index < stackPointers.Length; index++)
        {
            ExpectFailure(stackPointers[index]);
        }

        ExpectFailure(nuint.MaxValue);
        ExpectFailure(ImageTable.Description.KernelDataStart);
        ExpectFailure(ImageTable.Component(Probe.Component).StaticsEnd - 1);
    }

    private static void ExpectFailure(nuint stackPointer)
    {
        int slot = Probe.Run(ProbeOperation.SystemCall, (nuint)SystemCall.Fail, 12345, stackPointer);
        ref Thread thread = ref ThreadTable.At(slot);
        Expect.True(thread.HasFaulted && thread.Fault.Kind == FaultKind.FailedCheck, "Fail ends the caller"u8);
        Expect.Equal(12345, thread.Fault.ErrorCode, "the reason it gave"u8);
        Expect.Equal(stackPointer, thread.Fault.StackPointer, "the stack pointer it gave"u8);
    }

    private static long Call(SystemCall number, nuint argument = 0)
    {
        int slot = Probe.Run(ProbeOperation.SystemCall, (nuint)number, argument);
        Probe.ExpectDone(slot, 0, "a call that answers"u8);
        return Probe.Request(0).Result;
    }

    private static void ExpectRefused(nuint number)
    {
        RawCall.CopyTo(UserMemory.View(Probe.ScratchAddress(CodePage), (nuint)RawCall.Length));
        int domain = TestDomain.Create();
        TestDomain.AddPage(domain, CodePage, PartitionRights.ReadExecute);
        int slot = Probe.CreateIn(domain, Probe.Component, 0, ProbeOperation.Execute, Probe.ScratchAddress(CodePage), number);
        Probe.Finish(slot);
        ref Thread thread = ref ThreadTable.At(slot);
        if (Expect.True(thread.HasFaulted && thread.Fault.Kind == FaultKind.BadSystemCall, "an unknown number ends the caller"u8))
        {
            Expect.Equal(number, thread.Fault.ErrorCode, "the number in the record"u8);
        }

        Expect.Equal(0, Probe.Request(0).IsDone, "nothing after the call is executed"u8);
        TestDomain.Destroy(domain);
    }
}
