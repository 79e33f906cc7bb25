// One line a figure, for the host: @bench NAME PARAMETER INSTRUCTIONS-TIMES-100

using System;
using Ringfence.Kernel;

namespace Ringfence.Bench.Supervisor;

internal static class Report
{
    /// <summary>Writes the instructions of one operation, in hundredths, from the total of many.</summary>
    public static void Write(ReadOnlySpan<byte> name, int parameter, ulong instructionCount, int operationCount)
    {
        KernelConsole.Write("@bench "u8);
        KernelConsole.Write(name);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(parameter);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteDecimal(instructionCount * 100 / (ulong)operationCount);
        KernelConsole.Write("\n"u8);
    }
}
