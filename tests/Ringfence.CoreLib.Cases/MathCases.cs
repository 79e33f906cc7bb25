// Math on integers, and checked conversion of floating-point numbers.
using System;

namespace Ringfence.CoreLib.Cases;

public static class MathCases
{
    public static bool Min_and_Max_pick_an_argument_by_order() =>
        Math.Min(Opaque.Value(-1), 1) == -1 && Math.Max(Opaque.Value(-1), 1) == 1 && Math.Min(Opaque.Value(1u), uint.MaxValue) == 1
        && Math.Max(Opaque.Value(long.MinValue), -1L) == -1 && Math.Min(Opaque.Value(ulong.MaxValue), 1UL) == 1 && Math.Max(Opaque.Value((nuint)3), (nuint)2) == 3
        && Math.Min(Opaque.Value((byte)200), (byte)100) == 100 && Math.Max(Opaque.Value((short)-5), (short)-6) == -5 && Math.Min(Opaque.Value((nint)(-1)), (nint)0) == -1;

    public static bool Abs_is_the_distance_from_zero() =>
        Math.Abs(Opaque.Value(-5)) == 5 && Math.Abs(Opaque.Value(5L)) == 5 && Math.Abs(Opaque.Value(long.MinValue + 1)) == long.MaxValue
        && Math.Abs(Opaque.Value((sbyte)-127)) == 127 && Math.Abs(Opaque.Value((short)-1)) == 1 && Math.Abs(Opaque.Value((nint)(-9))) == 9;

    public static bool Clamp_keeps_what_lies_between() =>
        Math.Clamp(Opaque.Value(5), 0, 10) == 5 && Math.Clamp(Opaque.Value(-5), 0, 10) == 0 && Math.Clamp(Opaque.Value(50), 0, 10) == 10
        && Math.Clamp(Opaque.Value(7UL), 7UL, 7UL) == 7 && Math.Clamp(Opaque.Value(-9L), -8L, -8L) == -8;

    public static bool Sign_has_three_values() =>
        Math.Sign(Opaque.Value(-9L)) == -1 && Math.Sign(Opaque.Value(0)) == 0 && Math.Sign(Opaque.Value((short)9)) == 1;

    public static bool DivRem_gives_quotient_and_remainder()
    {
        (int q32, int r32) = Math.DivRem(Opaque.Value(-17), Opaque.Value(5));
        (ulong q64, ulong r64) = Math.DivRem(Opaque.Value(ulong.MaxValue), Opaque.Value(1_000_000_007UL));
        (byte q8, byte r8) = Math.DivRem(Opaque.Value((byte)250), Opaque.Value((byte)60));
        int quotient = Math.DivRem(Opaque.Value(100), Opaque.Value(7), out int remainder);
        return q32 == -3 && r32 == -2 && q64 == 18446743944UL && r64 == 582344007UL && q8 == 4 && r8 == 10 && quotient == 14 && remainder == 2;
    }

    public static bool BigMul_gives_all_bits_of_the_product()
    {
        ulong high = Math.BigMul(Opaque.Value(ulong.MaxValue), Opaque.Value(ulong.MaxValue), out ulong low);
        ulong high2 = Math.BigMul(Opaque.Value(0x1234_5678_9ABC_DEF0UL), Opaque.Value(0xFEDC_BA98_7654_3210UL), out ulong low2);
        return high == ulong.MaxValue - 1 && low == 1 && high2 == 0x121F_A00A_D77D_7422UL && low2 == 0x236D_88FE_5618_CF00UL
            && Math.BigMul(Opaque.Value(int.MinValue), Opaque.Value(int.MinValue)) == 0x4000_0000_0000_0000
            && Math.BigMul(Opaque.Value(uint.MaxValue), Opaque.Value(uint.MaxValue)) == 0xFFFF_FFFE_0000_0001;
    }

    public static bool Checked_conversion_of_doubles_cuts_the_fraction_over_the_whole_range() =>
        checked((int)Opaque.Value(-2147483648.9)) == int.MinValue && checked((int)Opaque.Value(2147483647.9)) == int.MaxValue && checked((int)Opaque.Value(-0.9)) == 0
        && checked((uint)Opaque.Value(4294967295.9)) == uint.MaxValue && checked((uint)Opaque.Value(-0.5)) == 0 && checked((uint)Opaque.Value(2147483648.5)) == 0x8000_0000
        && checked((long)Opaque.Value(-9223372036854775808.0)) == long.MinValue && checked((long)Opaque.Value(9223372036854774784.0)) == 9223372036854774784L
        && checked((long)Opaque.Value(-4294967297.5)) == -4294967297L && checked((long)Opaque.Value(4294967295.5)) == 4294967295L
        && checked((ulong)Opaque.Value(18446744073709549568.0)) == 18446744073709549568UL && checked((ulong)Opaque.Value(0.99)) == 0
        && checked((ulong)Opaque.Value(9223372036854775808.0)) == 1UL << 63;
}
