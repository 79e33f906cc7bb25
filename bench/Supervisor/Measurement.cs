// One operation being measured, and the line that tells the host:
// @bench NAME PARAMETERS OPERATIONS INSTRUCTIONS [ENTRY-WRITES INVLPG CR3-WRITES INTERRUPTS-OFF]
// All are totals over the operations, but for the longest run with interrupts off. The last four come from images built to count.

using System;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Bench.Supervisor;

/// <summary>Measures code of the kernel: what lies between <see cref="Begin"/> and <see cref="End"/>, as often as they are called.</summary>
internal static class Measurement
{
    private static ulong s_begin;
    private static ulong s_instructionCount;

    /// <summary>The operation begins.</summary>
    public static void Begin()
    {
#if COUNT
        EventCounter.Begin();
#endif
        s_begin = Processor.ReadTimeStamp();
    }

    /// <summary>It has ended.</summary>
    public static void End()
    {
        s_instructionCount += Processor.ReadTimeStamp() - s_begin;
#if COUNT
        EventCounter.End();
#endif
    }

    /// <summary>Reports what was measured since the last report.</summary>
    public static void Report(ReadOnlySpan<byte> name, Parameters parameters, int operationCount)
    {
        Report(name, parameters, operationCount, s_instructionCount);
        s_instructionCount = 0;
    }

    /// <summary>Reports what a user thread measured: it marks begin and end by system calls.</summary>
    public static void Report(ReadOnlySpan<byte> name, Parameters parameters, int operationCount, ulong instructionCount)
    {
        KernelConsole.Write("@bench "u8);
        KernelConsole.Write(name);
        parameters.Write();
        Write((uint)operationCount);
        Write(instructionCount);
#if COUNT
        Write(EventCounter.EntryWrites);
        Write(EventCounter.InvalidatedPages);
        Write(EventCounter.Control3Writes);
        Write(EventCounter.LongestInterruptsOff);
        EventCounter.Reset();
#endif
        KernelConsole.Write("\n"u8);

        // An interrupt of the console's would be counted with what is measured next.
        KernelConsole.Flush();
    }

    private static void Write(ulong count)
    {
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(count);
    }
}
