// Multiplication, shifts and checked arithmetic, on 64 bits above all: IA-32 does them in several steps.
using System;

namespace Ringfence.CoreLib.Cases;

public static class ArithmeticCases
{
    private const int Rounds = 500;

    public static bool A_64_bit_product_keeps_its_low_half() =>
        Opaque.Value(0x1234_5678_9ABC_DEF0UL) * Opaque.Value(0xFEDC_BA98_7654_3210UL) == 0x236D_88FE_5618_CF00UL
        && Opaque.Value(-3L) * Opaque.Value(5L) == -15 && Opaque.Value(0x1_0000_0001L) * Opaque.Value(0x1_0000_0001L) == 0x2_0000_0001L
        && Opaque.Value(long.MinValue) * Opaque.Value(-1L) == long.MinValue;

    public static bool Multiplication_distributes_over_addition()
    {
        var sequence = new Sequence(77);
        for (int i = 0; i < Rounds; i++)
        {
            ulong a = sequence.NextOfAnyWidth();
            ulong b = sequence.NextOfAnyWidth();
            ulong c = sequence.NextOfAnyWidth();
            if (Opaque.Value(a) * Opaque.Value(b + c) != (Opaque.Value(a) * Opaque.Value(b)) + (Opaque.Value(a) * Opaque.Value(c)))
            {
                return false;
            }
        }

        return true;
    }

    public static bool A_left_shift_is_repeated_doubling_for_every_count()
    {
        ulong value = 0x8000_0001_8000_0003;
        ulong doubled = value;
        for (int count = 0; count < 64; count++)
        {
            if (Opaque.Value(value) << Opaque.Value(count) != doubled || Opaque.Value((long)value) << Opaque.Value(count) != (long)doubled)
            {
                return false;
            }

            doubled += doubled;
        }

        return true;
    }

    public static bool A_logical_right_shift_is_division_by_a_power_of_two()
    {
        ulong value = 0xFEDC_BA98_7654_3210;
        ulong power = 1;
        for (int count = 0; count < 63; count++, power += power)
        {
            if (Opaque.Value(value) >> Opaque.Value(count) != value / power)
            {
                return false;
            }
        }

        return Opaque.Value(value) >> Opaque.Value(63) == 1;
    }

    public static bool An_arithmetic_right_shift_rounds_down()
    {
        for (int count = 0; count < 64; count++)
        {
            if (Opaque.Value(-1L) >> Opaque.Value(count) != -1 || Opaque.Value(long.MinValue) >> Opaque.Value(count) != -1L << (63 - count))
            {
                return false;
            }
        }

        return Opaque.Value(-5L) >> Opaque.Value(1) == -3 && Opaque.Value(-0x1_0000_0001L) >> Opaque.Value(32) == -2;
    }

    public static bool Only_the_low_bits_of_a_shift_count_matter() =>
        Opaque.Value(1UL) << Opaque.Value(64) == 1 && Opaque.Value(1UL) << Opaque.Value(65) == 2 && Opaque.Value(2UL) >> Opaque.Value(65) == 1
        && Opaque.Value(1u) << Opaque.Value(33) == 2 && Opaque.Value(-4L) >> Opaque.Value(65) == -2 && Opaque.Value(1UL) << Opaque.Value(-1) == 1UL << 63;

    public static bool Carries_and_borrows_cross_the_middle() =>
        Opaque.Value(0xFFFF_FFFFUL) + Opaque.Value(1UL) == 0x1_0000_0000 && Opaque.Value(0x1_0000_0000UL) - Opaque.Value(1UL) == 0xFFFF_FFFF
        && Opaque.Value(0UL) - Opaque.Value(1UL) == ulong.MaxValue && -Opaque.Value(0x1_0000_0000L) == -4294967296L;

    public static bool Comparisons_respect_sign_and_both_halves() =>
        Opaque.Value(-1L) < Opaque.Value(0L) && Opaque.Value(ulong.MaxValue) > Opaque.Value(0UL) && Opaque.Value(0x1_0000_0000L) > Opaque.Value(0xFFFF_FFFFL)
        && Opaque.Value(long.MinValue) < Opaque.Value(long.MaxValue) && Opaque.Value(0x2_0000_0000UL) > Opaque.Value(0x1_FFFF_FFFFUL);

    public static bool Checked_arithmetic_that_fits_equals_unchecked() =>
        checked(Opaque.Value(int.MaxValue - 1) + Opaque.Value(1)) == int.MaxValue && checked(Opaque.Value(46340) * Opaque.Value(46340)) == 2147395600
        && checked(Opaque.Value(long.MaxValue - 5) + Opaque.Value(5L)) == long.MaxValue && checked(Opaque.Value(5UL) - Opaque.Value(5UL)) == 0;

    public static bool Checked_64_bit_products_reach_both_ends_of_the_range() =>
        checked(Opaque.Value(long.MinValue / 2) * Opaque.Value(2L)) == long.MinValue && checked(Opaque.Value(-1L) * Opaque.Value(long.MaxValue)) == -long.MaxValue
        && checked(Opaque.Value(long.MinValue) * Opaque.Value(1L)) == long.MinValue && checked(Opaque.Value(0xFFFF_FFFFUL) * Opaque.Value(0x1_0000_0001UL)) == ulong.MaxValue
        && checked(Opaque.Value(0x1_0000_0001UL) * Opaque.Value(0xFFFF_FFFFUL)) == ulong.MaxValue && checked(Opaque.Value(3037000499L) * Opaque.Value(3037000499L)) == 9223372030926249001L
        && checked(Opaque.Value(0x1_0000_0000UL) * Opaque.Value(0UL)) == 0 && checked(Opaque.Value(-4294967296L) * Opaque.Value(2147483648L)) == long.MinValue;

    public static bool Checked_conversions_that_fit_keep_the_value() =>
        checked((int)Opaque.Value(0x7FFF_FFFFL)) == int.MaxValue && checked((uint)Opaque.Value(0xFFFF_FFFFL)) == uint.MaxValue
        && checked((byte)Opaque.Value(255)) == 255 && checked((ulong)Opaque.Value(long.MaxValue)) == long.MaxValue && checked((sbyte)Opaque.Value(-128)) == sbyte.MinValue;

    public static bool Narrowing_keeps_the_low_bits() =>
        unchecked((int)Opaque.Value(0x1_8000_0001L)) == int.MinValue + 1 && unchecked((byte)Opaque.Value(0x1FF)) == 0xFF
        && unchecked((short)Opaque.Value(0x18000)) == short.MinValue && (long)Opaque.Value(-1) == -1 && unchecked((uint)Opaque.Value(-1)) == uint.MaxValue;

    public static bool Native_integers_have_the_width_of_an_address() =>
        (nint.Size == 4 || nint.Size == 8) && nuint.MaxValue == unchecked((nuint)(nint)(-1)) && nint.MaxValue == (nint)(nuint.MaxValue >> 1)
        && nint.MinValue == -nint.MaxValue - 1 && nuint.MinValue == 0 && nint.Zero == 0;
}
