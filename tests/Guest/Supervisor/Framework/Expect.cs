// Assertions of guest tests. A failed one is reported at once and the test goes on: there are no exceptions here.

using System;
using Ringfence.Kernel;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class Expect
{
    private static byte* s_skipReason;
    private static int s_skipReasonLength;

    public static bool HasFailed { get; private set; }

    /// <summary>Why the test doesn't apply to this machine or format; empty if it does.</summary>
    public static ReadOnlySpan<byte> SkipReason => new(s_skipReason, s_skipReasonLength);

    public static void Reset()
    {
        HasFailed = false;
        s_skipReasonLength = 0;
    }

    /// <summary>The test has nothing to check here. The reason is a literal: it is kept by address.</summary>
    public static void Skip(ReadOnlySpan<byte> reason)
    {
        fixed (byte* text = reason)
        {
            s_skipReason = text;
            s_skipReasonLength = reason.Length;
        }
    }

    public static bool True(bool condition, ReadOnlySpan<byte> what)
    {
        if (!condition)
        {
            Fail(what);
            KernelConsole.Write("\n"u8);
        }

        return condition;
    }

    public static bool Equal(nuint expected, nuint actual, ReadOnlySpan<byte> what)
    {
        if (expected != actual)
        {
            Fail(what);
            KernelConsole.Write(": expected "u8);
            KernelConsole.WriteShortHexadecimal(expected);
            KernelConsole.Write(", found "u8);
            KernelConsole.WriteShortHexadecimal(actual);
            KernelConsole.Write("\n"u8);
        }

        return expected == actual;
    }

    public static bool Equal(int expected, int actual, ReadOnlySpan<byte> what)
    {
        if (expected != actual)
        {
            Fail(what);
            KernelConsole.Write(": expected "u8);
            KernelConsole.WriteDecimal(expected);
            KernelConsole.Write(", found "u8);
            KernelConsole.WriteDecimal(actual);
            KernelConsole.Write("\n"u8);
        }

        return expected == actual;
    }

    private static void Fail(ReadOnlySpan<byte> what)
    {
        HasFailed = true;
        KernelConsole.Write("@detail "u8);
        KernelConsole.Write(what);
    }
}
