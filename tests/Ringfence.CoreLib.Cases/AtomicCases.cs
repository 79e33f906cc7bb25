// Atomic and volatile access: what each operation returns and what it leaves behind.
using System;
using System.Threading;

namespace Ringfence.CoreLib.Cases;

public static class AtomicCases
{
    public static bool Exchange_returns_what_was_there()
    {
        int a = 1;
        uint b = 2;
        long c = 3;
        ulong d = ulong.MaxValue;
        nint e = 5;
        nuint f = 6;
        return Interlocked.Exchange(ref a, 10) == 1 && a == 10 && Interlocked.Exchange(ref b, 20u) == 2 && b == 20
            && Interlocked.Exchange(ref c, -30L) == 3 && c == -30 && Interlocked.Exchange(ref d, 40UL) == ulong.MaxValue && d == 40
            && Interlocked.Exchange(ref e, (nint)(-1)) == 5 && e == -1 && Interlocked.Exchange(ref f, nuint.MaxValue) == 6 && f == nuint.MaxValue;
    }

    public static bool CompareExchange_stores_only_over_the_expected_value()
    {
        int a = 1;
        long b = 0x1_0000_0002;
        ulong c = 7;
        nuint d = 9;
        uint e = 11;
        nint f = 13;
        return Interlocked.CompareExchange(ref a, 5, 2) == 1 && a == 1 && Interlocked.CompareExchange(ref a, 5, 1) == 1 && a == 5
            && Interlocked.CompareExchange(ref b, 9, 2) == 0x1_0000_0002 && b == 0x1_0000_0002
            && Interlocked.CompareExchange(ref b, -9, 0x1_0000_0002) == 0x1_0000_0002 && b == -9
            && Interlocked.CompareExchange(ref c, 8, 7) == 7 && c == 8 && Interlocked.CompareExchange(ref d, 1, 0) == 9 && d == 9
            && Interlocked.CompareExchange(ref e, 12, 11) == 11 && e == 12 && Interlocked.CompareExchange(ref f, -13, 13) == 13 && f == -13;
    }

    public static bool Addition_returns_the_sum_and_wraps()
    {
        int a = int.MaxValue;
        long b = 0xFFFF_FFFF;
        uint c = 1;
        ulong d = 0;
        return Interlocked.Add(ref a, 1) == int.MinValue && Interlocked.Add(ref b, 1) == 0x1_0000_0000 && b == 0x1_0000_0000 && Interlocked.Decrement(ref c) == 0
            && Interlocked.Decrement(ref d) == ulong.MaxValue && Interlocked.Increment(ref d) == 0 && Interlocked.Increment(ref a) == int.MinValue + 1
            && Interlocked.Increment(ref c) == 1 && Interlocked.Decrement(ref b) == 0xFFFF_FFFF && Interlocked.Increment(ref b) == 0x1_0000_0000
            && Interlocked.Decrement(ref a) == int.MinValue && Interlocked.Add(ref c, uint.MaxValue) == 0 && Interlocked.Add(ref d, 5UL) == 5;
    }

    public static bool Or_and_And_return_the_former_value()
    {
        int a = 0b0011;
        uint b = 0xF0;
        long c = 0xFF00_0000_00FF;
        ulong d = 1;
        bool first = Interlocked.Or(ref a, 0b0110) == 0b0011 && a == 0b0111 && Interlocked.And(ref b, 0x3Cu) == 0xF0 && b == 0x30
            && Interlocked.And(ref c, 0x0F00_0000_000F) == 0xFF00_0000_00FF && c == 0x0F00_0000_000F && Interlocked.Or(ref d, 1UL << 63) == 1 && d == (1UL << 63) + 1;

        // Without a use of the result the compiler emits another instruction.
        Interlocked.Or(ref a, 8);
        Interlocked.And(ref a, ~1);
        Interlocked.Or(ref d, 2);
        Interlocked.And(ref d, ~1UL);
        return first && a == 0b1110 && d == (1UL << 63) + 2;
    }

    public static bool Reads_of_64_bits_see_both_halves()
    {
        long a = -0x1_0000_0001;
        ulong b = 0xFEDC_BA98_7654_3210;
        return Interlocked.Read(ref a) == -0x1_0000_0001 && Interlocked.Read(ref b) == 0xFEDC_BA98_7654_3210 && Volatile.Read(ref a) == -0x1_0000_0001
            && Volatile.Read(ref b) == 0xFEDC_BA98_7654_3210;
    }

    public static bool Volatile_writes_are_seen_by_volatile_reads()
    {
        bool a = false;
        byte b = 0;
        short c = 0;
        int d = 0;
        uint e = 0;
        long f = 0;
        ulong g = 0;
        nint h = 0;
        nuint i = 0;
        Volatile.Write(ref a, true);
        Volatile.Write(ref b, 200);
        Volatile.Write(ref c, -3);
        Volatile.Write(ref d, -4);
        Volatile.Write(ref e, 5);
        Volatile.Write(ref f, long.MinValue);
        Volatile.Write(ref g, ulong.MaxValue);
        Volatile.Write(ref h, -8);
        Volatile.Write(ref i, 9);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref a) && Volatile.Read(ref b) == 200 && Volatile.Read(ref c) == -3 && Volatile.Read(ref d) == -4 && Volatile.Read(ref e) == 5
            && Volatile.Read(ref f) == long.MinValue && Volatile.Read(ref g) == ulong.MaxValue && Volatile.Read(ref h) == -8 && Volatile.Read(ref i) == 9;
    }
}
