// A thread finds the state of the x87 and SSE units as it left it, whoever ran meanwhile, and a kernel thread finds nothing of user mode's in it.

using System.Runtime.CompilerServices;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class ProcessorStateTests
{
    private const int ThreadCount = 3;
    private const int Iterations = 2000;
    private const int DurationTicks = 60;

    private static Counts s_rounds;
    private static Counts s_failures;

    [GuestTest]
    internal static void FloatingPointStateOfKernelThreadsSurvivesPreemption()
    {
        uint switches = Scheduler.SwitchCount;
        int slots = 0;
        for (int index = 0; index < ThreadCount; index++)
        {
            s_rounds[index] = 0;
            s_failures[index] = 0;
            slots = KernelThreads.Start(&IterateForAWhile, index, 9);
        }

        KernelThreads.WaitFor(slots, ThreadState.Ended);
        ThreadLifecycle.Sleep(2 * Scheduler.SliceTicks * ThreadCount);
        for (int index = 0; index < ThreadCount; index++)
        {
            Expect.True(s_rounds[index] > 1, "every thread computed several times"u8);
            Expect.Equal(0, s_failures[index], "results that differ from the first, made without preemption"u8);
        }

        Expect.True(Scheduler.SwitchCount - switches > DurationTicks / Scheduler.SliceTicks, "they were preempted again and again"u8);
    }

    [GuestTest]
    internal static void AKernelThreadComputesTheSameWhateverRoundingUserThreadsHaveSet()
    {
        ulong expected = Iterate(1);
        UserCode.Open();
        PreemptionTests.StartLoops();
        for (int round = 0; round < 20; round++)
        {
            ThreadLifecycle.Sleep(1); // and wakes in the middle of one of them
            Expect.True(Iterate(1) == expected, "the result is that of the rounding that every thread begins with"u8);
        }

        PreemptionTests.EndLoops();
        UserCode.Close();
    }

    [GuestTest]
    internal static void ControlWordsAndX87RegistersAreAThreadsOwnAcrossACallThatSwitchesThreads()
    {
        UserCode.Open();
        UserCode.Load(UserCodePiece.StateAcrossCall);
        int first = Prepare(0);
        int second = Prepare(1);
        ThreadLifecycle.Start(first);
        ThreadLifecycle.Start(second);
        ThreadLifecycle.Join(first);
        ThreadLifecycle.Join(second);
        ExpectOwnState(first, 0);
        ExpectOwnState(second, 1);
        UserCode.Close();
    }

    private static int Prepare(int block)
    {
        UserBlock.FillPatterns(block, (uint)block + 1);
        UserBlock.Call(block) = (ulong)Abi.SystemCall.Yield;
        return UserCode.Create(block, UserBlock.AddressOf(block));
    }

    private static void ExpectOwnState(int slot, int block)
    {
        Probe.ExpectDone(slot, block, "the caller"u8);
        Expect.Equal(UserBlock.ControlWord(block), UserBlock.StateControlWord(block), "x87 control word"u8);
        Expect.Equal((nuint)UserBlock.MediaControlWord(block), (nuint)UserBlock.StateMediaControlWord(block), "MXCSR"u8);
        Expect.Equal(0x80, UserBlock.StateTags(block), "one x87 register is in use"u8);

        // Eight bytes of an 80-bit number: the integer bit, which a double leaves out, and the fraction.
        ulong significand = (1UL << 63) | (UserBlock.Number(block) << 12 >> 1);
        for (int offset = 0; offset < sizeof(ulong); offset++)
        {
            Expect.Equal((byte)(significand >> (offset * 8)), UserBlock.StateFloatingPointByte(block, offset), "a byte of st0"u8);
        }
    }

    private static void IterateForAWhile(nint index)
    {
        bool enabled = Machine.Processor.DisableInterrupts();
        ulong expected = Iterate((int)index + 1);
        Machine.Processor.RestoreInterrupts(enabled);
        ulong end = Clock.Ticks + DurationTicks;
        while (Clock.Ticks < end)
        {
            s_failures[(int)index] += Iterate((int)index + 1) == expected ? 0 : 1;
            s_rounds[(int)index]++;
        }
    }

    // The logistic map is chaotic: a single wrong bit anywhere changes the result. Four of them keep four registers busy.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Iterate(int seed)
    {
        double first = 0.1 * seed;
        double second = 0.07 * seed;
        double third = 0.05 * seed;
        double fourth = 0.03 * seed;
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            first = 3.99 * first * (1 - first);
            second = 3.98 * second * (1 - second);
            third = 3.97 * third * (1 - third);
            fourth = 3.96 * fourth * (1 - fourth);
        }

        return Unsafe.BitCast<double, ulong>(first) ^ (Unsafe.BitCast<double, ulong>(second) << 1)
            ^ (Unsafe.BitCast<double, ulong>(third) << 2) ^ (Unsafe.BitCast<double, ulong>(fourth) << 3);
    }

    [InlineArray(ThreadCount)]
    private struct Counts
    {
        private int _count;
    }
}
