// Reads and writes that the compiler neither removes nor reorders.
using System.Runtime.CompilerServices;

namespace System.Threading;

/// <summary>Reads with acquire and writes with release semantics: plain moves on x86, but kept in place by the compiler.</summary>
public static class Volatile
{
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read(ref readonly bool location) => Unsafe.As<bool, VolatileBool>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref bool location, bool value) => Unsafe.As<bool, VolatileBool>(ref location).Value = value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static sbyte Read(ref readonly sbyte location) => Unsafe.As<sbyte, VolatileSbyte>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref sbyte location, sbyte value) => Unsafe.As<sbyte, VolatileSbyte>(ref location).Value = value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Read(ref readonly byte location) => Unsafe.As<byte, VolatileByte>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref byte location, byte value) => Unsafe.As<byte, VolatileByte>(ref location).Value = value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Read(ref readonly short location) => Unsafe.As<short, VolatileShort>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref short location, short value) => Unsafe.As<short, VolatileShort>(ref location).Value = value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Read(ref readonly ushort location) => Unsafe.As<ushort, VolatileUshort>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref ushort location, ushort value) => Unsafe.As<ushort, VolatileUshort>(ref location).Value = value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ref readonly int location) => Unsafe.As<int, VolatileInt>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref int location, int value) => Unsafe.As<int, VolatileInt>(ref location).Value = value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ref readonly uint location) => Unsafe.As<uint, VolatileUint>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref uint location, uint value) => Unsafe.As<uint, VolatileUint>(ref location).Value = value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Read(ref readonly nint location) => Unsafe.As<nint, VolatileNint>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref nint location, nint value) => Unsafe.As<nint, VolatileNint>(ref location).Value = value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Read(ref readonly nuint location) => Unsafe.As<nuint, VolatileNuint>(ref Unsafe.AsRef(in location)).Value;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref nuint location, nuint value) => Unsafe.As<nuint, VolatileNuint>(ref location).Value = value;

    /// <summary>Reads 64 bits at once; on IA-32 by a locked instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe long Read(ref readonly long location) => sizeof(void*) == 8
        ? (long)Read(ref Unsafe.As<long, nint>(ref Unsafe.AsRef(in location)))
        : Interlocked.Read(in location);

    /// <summary>Writes 64 bits at once; on IA-32 by a locked instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Write(ref long location, long value)
    {
        if (sizeof(void*) == 8)
        {
            Write(ref Unsafe.As<long, nint>(ref location), (nint)value);
        }
        else
        {
            Interlocked.Exchange(ref location, value);
        }
    }

    /// <summary>Reads 64 bits at once; on IA-32 by a locked instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ulong Read(ref readonly ulong location) => sizeof(void*) == 8
        ? (ulong)Read(ref Unsafe.As<ulong, nint>(ref Unsafe.AsRef(in location)))
        : Interlocked.Read(in location);

    /// <summary>Writes 64 bits at once; on IA-32 by a locked instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Write(ref ulong location, ulong value)
    {
        if (sizeof(void*) == 8)
        {
            Write(ref Unsafe.As<ulong, nint>(ref location), (nint)value);
        }
        else
        {
            Interlocked.Exchange(ref location, value);
        }
    }

    /// <summary>No earlier read moves past this point.</summary>
    public static void ReadBarrier() => Interlocked.MemoryBarrier();

    /// <summary>No later write moves before this point.</summary>
    public static void WriteBarrier() => Interlocked.MemoryBarrier();

    private struct VolatileBool
    {
        public volatile bool Value;
    }

    private struct VolatileSbyte
    {
        public volatile sbyte Value;
    }

    private struct VolatileByte
    {
        public volatile byte Value;
    }

    private struct VolatileShort
    {
        public volatile short Value;
    }

    private struct VolatileUshort
    {
        public volatile ushort Value;
    }

    private struct VolatileInt
    {
        public volatile int Value;
    }

    private struct VolatileUint
    {
        public volatile uint Value;
    }

    private struct VolatileNint
    {
        public volatile nint Value;
    }

    private struct VolatileNuint
    {
        public volatile nuint Value;
    }
}
