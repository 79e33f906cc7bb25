// Atomic operations. RyuJIT emits the locked instructions in place of the bodies marked as intrinsic, which look recursive.
using System.Runtime;
using System.Runtime.CompilerServices;

namespace System.Threading;

/// <summary>Atomic read-modify-write operations. Each is a full memory barrier.</summary>
/// <remarks>
/// On IA-32 the 64-bit forms end in <c>RingfenceCompareExchange64</c>, an assembly routine that the image supplies (the instruction cmpxchg8b); the test of the
/// address size below is decided at compile time, so a 64-bit image never refers to it.
/// </remarks>
public static class Interlocked
{
    [RuntimeImport("*", "RingfenceCompareExchange64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern unsafe long RingfenceCompareExchange64(long* location, long value, long comparand);

    [Intrinsic]
    public static void MemoryBarrier() => MemoryBarrier();

    [Intrinsic]
    public static int CompareExchange(ref int location1, int value, int comparand) => CompareExchange(ref location1, value, comparand);

    [Intrinsic]
    public static unsafe long CompareExchange(ref long location1, long value, long comparand)
    {
        if (sizeof(void*) == 8)
        {
            return CompareExchange(ref location1, value, comparand);
        }

        return RingfenceCompareExchange64((long*)Unsafe.AsPointer(ref location1), value, comparand);
    }

    [Intrinsic]
    public static int Exchange(ref int location1, int value) => Exchange(ref location1, value);

    [Intrinsic]
    public static unsafe long Exchange(ref long location1, long value)
    {
        if (sizeof(void*) == 8)
        {
            return Exchange(ref location1, value);
        }

        long seen = location1;
        while (true)
        {
            long previous = CompareExchange(ref location1, value, seen);
            if (previous == seen)
            {
                return previous;
            }

            seen = previous;
        }
    }

    public static int Add(ref int location1, int value) => ExchangeAdd(ref location1, value) + value;

    public static long Add(ref long location1, long value) => ExchangeAdd(ref location1, value) + value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Add(ref uint location1, uint value) => (uint)Add(ref Unsafe.As<uint, int>(ref location1), (int)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ref ulong location1, ulong value) => (ulong)Add(ref Unsafe.As<ulong, long>(ref location1), (long)value);

    public static int Increment(ref int location) => Add(ref location, 1);

    public static uint Increment(ref uint location) => Add(ref location, 1);

    public static long Increment(ref long location) => Add(ref location, 1);

    public static ulong Increment(ref ulong location) => Add(ref location, 1);

    public static int Decrement(ref int location) => Add(ref location, -1);

    public static uint Decrement(ref uint location) => Add(ref location, uint.MaxValue);

    public static long Decrement(ref long location) => Add(ref location, -1);

    public static ulong Decrement(ref ulong location) => Add(ref location, ulong.MaxValue);

    /// <summary>Reads 64 bits at once.</summary>
    public static long Read(ref readonly long location) => CompareExchange(ref Unsafe.AsRef(in location), 0, 0);

    /// <summary>Reads 64 bits at once.</summary>
    public static ulong Read(ref readonly ulong location) => CompareExchange(ref Unsafe.AsRef(in location), 0, 0);

    /// <summary>Clears the bits that the value lacks; returns what was there before.</summary>
    [Intrinsic]
    public static int And(ref int location1, int value)
    {
        int seen = location1;
        while (true)
        {
            int previous = CompareExchange(ref location1, seen & value, seen);
            if (previous == seen)
            {
                return previous;
            }

            seen = previous;
        }
    }

    /// <summary>Clears the bits that the value lacks; returns what was there before.</summary>
    [Intrinsic]
    public static long And(ref long location1, long value)
    {
        long seen = location1;
        while (true)
        {
            long previous = CompareExchange(ref location1, seen & value, seen);
            if (previous == seen)
            {
                return previous;
            }

            seen = previous;
        }
    }

    /// <summary>Clears the bits that the value lacks; returns what was there before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint And(ref uint location1, uint value) => (uint)And(ref Unsafe.As<uint, int>(ref location1), (int)value);

    /// <summary>Clears the bits that the value lacks; returns what was there before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong And(ref ulong location1, ulong value) => (ulong)And(ref Unsafe.As<ulong, long>(ref location1), (long)value);

    /// <summary>Sets the bits of the value; returns what was there before.</summary>
    [Intrinsic]
    public static int Or(ref int location1, int value)
    {
        int seen = location1;
        while (true)
        {
            int previous = CompareExchange(ref location1, seen | value, seen);
            if (previous == seen)
            {
                return previous;
            }

            seen = previous;
        }
    }

    /// <summary>Sets the bits of the value; returns what was there before.</summary>
    [Intrinsic]
    public static long Or(ref long location1, long value)
    {
        long seen = location1;
        while (true)
        {
            long previous = CompareExchange(ref location1, seen | value, seen);
            if (previous == seen)
            {
                return previous;
            }

            seen = previous;
        }
    }

    /// <summary>Sets the bits of the value; returns what was there before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Or(ref uint location1, uint value) => (uint)Or(ref Unsafe.As<uint, int>(ref location1), (int)value);

    /// <summary>Sets the bits of the value; returns what was there before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Or(ref ulong location1, ulong value) => (ulong)Or(ref Unsafe.As<ulong, long>(ref location1), (long)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Exchange(ref uint location1, uint value) => (uint)Exchange(ref Unsafe.As<uint, int>(ref location1), (int)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CompareExchange(ref uint location1, uint value, uint comparand) =>
        (uint)CompareExchange(ref Unsafe.As<uint, int>(ref location1), (int)value, (int)comparand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Exchange(ref ulong location1, ulong value) => (ulong)Exchange(ref Unsafe.As<ulong, long>(ref location1), (long)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CompareExchange(ref ulong location1, ulong value, ulong comparand) =>
        (ulong)CompareExchange(ref Unsafe.As<ulong, long>(ref location1), (long)value, (long)comparand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe nint Exchange(ref nint location1, nint value) => sizeof(void*) == 8
        ? (nint)Exchange(ref Unsafe.As<nint, long>(ref location1), (long)value)
        : (nint)Exchange(ref Unsafe.As<nint, int>(ref location1), (int)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe nint CompareExchange(ref nint location1, nint value, nint comparand) => sizeof(void*) == 8
        ? (nint)CompareExchange(ref Unsafe.As<nint, long>(ref location1), (long)value, (long)comparand)
        : (nint)CompareExchange(ref Unsafe.As<nint, int>(ref location1), (int)value, (int)comparand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe nuint Exchange(ref nuint location1, nuint value) => sizeof(void*) == 8
        ? (nuint)Exchange(ref Unsafe.As<nuint, long>(ref location1), (long)value)
        : (nuint)Exchange(ref Unsafe.As<nuint, int>(ref location1), (int)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe nuint CompareExchange(ref nuint location1, nuint value, nuint comparand) => sizeof(void*) == 8
        ? (nuint)CompareExchange(ref Unsafe.As<nuint, long>(ref location1), (long)value, (long)comparand)
        : (nuint)CompareExchange(ref Unsafe.As<nuint, int>(ref location1), (int)value, (int)comparand);

    [Intrinsic]
    private static int ExchangeAdd(ref int location1, int value) => ExchangeAdd(ref location1, value);

    [Intrinsic]
    private static unsafe long ExchangeAdd(ref long location1, long value)
    {
        if (sizeof(void*) == 8)
        {
            return ExchangeAdd(ref location1, value);
        }

        long seen = location1;
        while (true)
        {
            long previous = CompareExchange(ref location1, seen + value, seen);
            if (previous == seen)
            {
                return previous;
            }

            seen = previous;
        }
    }
}
