// Compiled by the tests against the reference assemblies and then by ILC: the exports that the native start-up code calls.
using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.CoreLib.Cases;

namespace System.Runtime
{
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class RuntimeExportAttribute(string entryPoint) : Attribute
    {
        public string EntryPoint { get; } = entryPoint;
    }
}

public static unsafe class Driver
{
    private static int s_zero;
    private static int s_two = 2;

    /// <summary>How many cases there are.</summary>
    [RuntimeExport("DriverCount")]
    public static int Count() => CoreLibCases.Count;

    /// <summary>Runs a case: 1 if its law holds.</summary>
    [RuntimeExport("DriverRun")]
    public static int Run(int index) => CoreLibCases.Run(index) ? 1 : 0;

    /// <summary>Copies a case's name; returns its length.</summary>
    [RuntimeExport("DriverName")]
    public static int Name(int index, byte* destination)
    {
        ReadOnlySpan<byte> name = CoreLibCases.Name(index);
        name.CopyTo(new Span<byte>(destination, 200));
        return name.Length;
    }

    /// <summary>Breaks a rule; returns only if the core library let it pass.</summary>
    [RuntimeExport("DriverFail")]
    public static int Fail(int which)
    {
        Span<byte> span = stackalloc byte[4];
        int zero = s_zero;
        int two = s_two;
        int? none = two == 2 ? null : 1;
        switch (which)
        {
            case 0: return span[two + 2];
            case 1: return "ab"[two];
            case 2: return Table[two + 1];
            case 3: return two / zero;
            case 4: return (int)(two % (long)zero);
            case 5: return (int)((ulong)two / (ulong)zero);
            case 6: return checked(int.MaxValue + two);
            case 7: return (int)checked(long.MaxValue * two);
            case 8: return (int)checked(ulong.MaxValue * (ulong)two);
            case 9: return (int)((long.MinValue + zero) / (zero - 1L));
            case 10: return (int)((long.MinValue + zero) % (zero - 1L));
            case 11: return checked((int)(two * 1e300));
            case 12: return (int)checked((uint)(zero - two));
            case 13: return span.Slice(two + 3).Length;
            case 14: return span.Slice(two, two + 1).Length;
            case 15: return span[two..(two - 1)].Length;
            case 16: span.CopyTo(span.Slice(two)); return 0;
            case 17: return none!.Value;
            case 18: two.TryFormat(span, out zero, "N"); return 0;
            case 19: return Math.Abs(int.MinValue + zero);
            case 20: return Math.Clamp(two, two, zero);
            case 21: return new Index(zero - 1).Value;
            case 22: return (int)System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(span);
            case 23: return (int.MinValue + zero) / (zero - 1);
            case 24: return (int)checked((long)(two * 1e300));
            case 25: return (int)checked((ulong)(zero - 1.5));
            case 26: return (int)checked((uint)(zero / (double)zero));
            default: return 0;
        }
    }

    private static ReadOnlySpan<int> Table => [1, 2, 3];
}
