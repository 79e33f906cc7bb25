// A kernel thread that is preempted finds its registers, those of SSE included, as it left them.

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
