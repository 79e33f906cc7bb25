// A kernel thread's fault outside locks and interrupts ends that thread and nothing else.

using System.Threading;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class KernelFaultTests
{
    // Error codes of page faults raised by the kernel itself: bit 2, user, is clear.
    private const nuint SupervisorReadAbsent = 0;
    private const nuint SupervisorWriteDenied = 3;

    private static int s_result;

    [GuestTest]
    internal static void ANullReferenceEndsTheKernelThread()
    {
        int slot = RunFaulty(&ReadNull);
        ExpectFault(slot, ExceptionVector.PageFault, SupervisorReadAbsent, "a null reference"u8);
        Expect.Equal(0, ThreadTable.At(slot).Fault.Address, "the address of a null reference"u8);
    }

    [GuestTest]
    internal static void ADivisionByZeroEndsTheKernelThread()
    {
        int slot = RunFaulty(&DivideByZero);
        ExpectFault(slot, ExceptionVector.DivideError, 0, "a division by zero"u8);
    }

    [GuestTest]
    internal static void AnInvalidInstructionEndsTheKernelThread()
    {
        nuint address = FindInvalidInstruction();
        if (Expect.True(address != 0, "kernel text holds an UD2"u8))
        {
            int slot = KernelThreads.Run(&Call, (nint)address, 5);
            ExpectFault(slot, ExceptionVector.InvalidOpcode, 0, "an invalid instruction"u8);
            Expect.Equal(address, ThreadTable.At(slot).Fault.InstructionPointer, "where it happened"u8);
        }
    }

    [GuestTest]
    internal static void Sp5AWriteToKernelTextEndsTheKernelThreadAndChangesNothing()
    {
        byte before = KernelMemory.At<byte>(ImageTable.Description.KernelTextStart);
        int slot = RunFaulty(&WriteText);
        ExpectFault(slot, ExceptionVector.PageFault, SupervisorWriteDenied, "a write to kernel text"u8);
        Expect.Equal(ImageTable.Description.KernelTextStart, ThreadTable.At(slot).Fault.Address, "the address written to"u8);
        Expect.Equal(before, KernelMemory.At<byte>(ImageTable.Description.KernelTextStart), "the byte of kernel text"u8);
    }

    [GuestTest]
    internal static void Sp4AWriteToKernelReadOnlyDataEndsTheKernelThread()
    {
        int slot = RunFaulty(&WriteReadOnlyData);
        ExpectFault(slot, ExceptionVector.PageFault, SupervisorWriteDenied, "a write to read-only data"u8);
        Expect.Equal(ImageTable.Description.KernelReadOnlyStart, ThreadTable.At(slot).Fault.Address, "the address written to"u8);
    }

    [GuestTest]
    internal static void OtherThreadsAndTheClockGoOnAfterAKernelThreadFaulted()
    {
        Trace.Clear();
        ulong before = Clock.Ticks;
        int bystander = KernelThreads.Start(&SleepAndNote, 1, 4);
        for (int round = 0; round < 3; round++)
        {
            Expect.True(ThreadTable.At(RunFaulty(&ReadNull)).HasFaulted, "each of them faulted"u8);
        }

        ThreadLifecycle.Join(bystander);
        Trace.Expect([1], "a thread that slept meanwhile goes on"u8);
        Expect.True(Clock.Ticks > before, "the clock goes on"u8);
    }

    private static int RunFaulty(delegate*<nint, void> body)
    {
        s_result = 0;
        int slot = KernelThreads.Run(body, 0, 5);
        Expect.Equal(0, s_result, "nothing after the fault is executed"u8);
        Expect.Equal(-1, ThreadTable.At(slot).ExitCode, "the exit code of a thread that a fault ended"u8);
        return slot;
    }

    private static void ExpectFault(int slot, ExceptionVector vector, nuint errorCode, System.ReadOnlySpan<byte> what)
    {
        Probe.ExpectException(slot, vector, errorCode, what);
        Expect.Equal((int)ThreadState.Ended, (int)ThreadTable.At(slot).State, what);
    }

    // Two bytes, 0F 0B, wherever they lie: the start of an instruction or the middle of another. Bit 1 of a function pointer has a meaning to the compiler.
    private static nuint FindInvalidInstruction()
    {
        for (nuint address = ImageTable.Description.KernelTextStart; address < ImageTable.Description.KernelTextEnd - 1; address++)
        {
            if (KernelMemory.At<byte>(address) == 0x0F && KernelMemory.At<byte>(address + 1) == 0x0B && (address & 2) == 0)
            {
                return address;
            }
        }

        return 0;
    }

    private static void Call(nint address) => ((delegate*<void>)address)();

    private static void ReadNull(nint address) => s_result = 1 | Volatile.Read(ref KernelMemory.At<int>((nuint)address));

    private static void DivideByZero(nint divisor) => s_result = 1 | (100 / (int)divisor);

    private static void WriteText(nint unused)
    {
        Volatile.Write(ref KernelMemory.At<byte>(ImageTable.Description.KernelTextStart), 0xCC);
        s_result = 1;
    }

    private static void WriteReadOnlyData(nint unused)
    {
        Volatile.Write(ref KernelMemory.At<byte>(ImageTable.Description.KernelReadOnlyStart), 0xCC);
        s_result = 1;
    }

    private static void SleepAndNote(nint note)
    {
        ThreadLifecycle.Sleep(4);
        Trace.Add((int)note);
    }
}
