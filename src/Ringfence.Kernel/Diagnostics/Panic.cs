// The end of the machine, with what is needed to find the cause.

using System;
using System.Runtime;
using Ringfence.Abi;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Stops the machine after a line that says why.</summary>
public static class Panic
{
    /// <summary>Exit status of a machine that panicked.</summary>
    public const int ExitStatus = 2;

    private static bool s_running;

    /// <summary>Stops for a reason that needs no value.</summary>
    [EndsMachine]
    public static void Stop(ReadOnlySpan<byte> reason)
    {
        Begin(reason);
        End();
    }

    /// <summary>Stops for a reason and the value to blame.</summary>
    [EndsMachine]
    public static void Stop(ReadOnlySpan<byte> reason, nuint value)
    {
        Begin(reason);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteHexadecimal(value);
        End();
    }

    /// <summary>Stops for a reason, the value to blame and a code.</summary>
    [EndsMachine]
    public static void Stop(ReadOnlySpan<byte> reason, nuint value, int code)
    {
        Begin(reason);
        KernelConsole.Write(" "u8);
        KernelConsole.WriteHexadecimal(value);
        KernelConsole.Write(", code "u8);
        KernelConsole.WriteDecimal(code);
        End();
    }

    /// <summary>Stops for a fault of the kernel itself.</summary>
    [EndsMachine]
    public static void Stop(in InterruptFrame frame, nuint faultAddress)
    {
        Begin("a fault in the kernel: "u8);
        FaultReport.WriteException((int)frame.Vector, frame.ErrorCode);
        KernelConsole.Write("\npanic   address "u8);
        KernelConsole.WriteHexadecimal(faultAddress);
        KernelConsole.Write(", stack pointer "u8);
        KernelConsole.WriteHexadecimal(frame.StackPointer);
        KernelConsole.Write(", flags "u8);
        KernelConsole.WriteHexadecimal(frame.Flags);
        int guard = AddressLayout.FindGuard(faultAddress);
        if (guard >= 0)
        {
            KernelConsole.Write("\npanic   the address lies in a stack guard of thread slot "u8);
            KernelConsole.WriteDecimal(guard);
        }

        KernelConsole.Write("\npanic   at "u8);
        KernelConsole.WriteHexadecimal(frame.InstructionPointer);
        FaultReport.WriteKernelCallers("panic   "u8, frame.StackPointer);
        End();
    }

    // What compiled code calls when one of its checks fails, in the kernel: an index, a null reference, a division, a stack cookie.
    [EndsMachine]
    [RuntimeExport("RingfenceFail")]
    private static void Fail(int reason)
    {
        Begin("a check failed in the kernel: "u8);
        FaultReport.WriteFailureReason(reason);
        FaultReport.WriteKernelCallers("panic   "u8, KernelMemory.AddressOf(ref reason));
        End();
    }

    [EndsMachine]
    private static void Begin(ReadOnlySpan<byte> reason)
    {
        _ = Processor.DisableInterrupts();
        if (s_running)
        {
            // The panic itself went wrong: say nothing more that could go wrong again.
            DebugExit.Exit(ExitStatus);
        }

        s_running = true;
        KernelConsole.StopBuffering();
        KernelConsole.Write("\npanic: "u8);
        KernelConsole.Write(reason);
    }

    [EndsMachine]
    private static void End()
    {
        KernelConsole.Write("\npanic   thread "u8);
        KernelConsole.WriteDecimal(Scheduler.IsStarted ? Scheduler.Current : ThreadTable.Idle);
        KernelConsole.Write(", tick "u8);
        KernelConsole.WriteDecimal(Clock.Ticks);
        KernelConsole.Write("\n"u8);
        DebugExit.Exit(ExitStatus);
    }
}
