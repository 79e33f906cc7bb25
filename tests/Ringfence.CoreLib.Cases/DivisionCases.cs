// Division and remainder of 64-bit numbers, which IA-32 has no instruction for.
using System;

namespace Ringfence.CoreLib.Cases;

public static class DivisionCases
{
    private const int Rounds = 2000;

    /// <summary>The numbers at which carries, signs and widths change.</summary>
    private static ReadOnlySpan<ulong> Edges =>
    [
        1, 2, 3, 7, 9, 10, 0x7F, 0x80, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_0000_0000, 0x1_0000_0001,
        0x1_FFFF_FFFF, 0x7FFF_FFFF_0000_0000, 0x7FFF_FFFF_FFFF_FFFE, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0x8000_0000_0000_0001,
        0x8000_0000_FFFF_FFFF, 0xFFFF_FFFF_0000_0000, 0xFFFF_FFFF_0000_0001, 0xFFFF_FFFF_FFFF_FFFE, 0xFFFF_FFFF_FFFF_FFFF,
    ];

    public static bool Unsigned_quotient_and_remainder_rebuild_the_dividend_at_every_pair_of_edges()
    {
        foreach (ulong dividend in Edges)
        {
            foreach (ulong divisor in Edges)
            {
                if (!UnsignedLawHolds(dividend, divisor))
                {
                    return false;
                }
            }
        }

        return UnsignedLawHolds(0, 1) && UnsignedLawHolds(0, ulong.MaxValue);
    }

    public static bool Signed_quotient_and_remainder_rebuild_the_dividend_at_every_pair_of_edges()
    {
        foreach (ulong dividend in Edges)
        {
            foreach (ulong divisor in Edges)
            {
                // The one pair without a quotient fails by contract.
                bool overflows = dividend == 1UL << 63 && divisor == ulong.MaxValue;
                if (!overflows && !SignedLawHolds((long)dividend, (long)divisor))
                {
                    return false;
                }
            }
        }

        return true;
    }

    public static bool Unsigned_law_holds_for_random_pairs_of_every_width()
    {
        var sequence = new Sequence(0x9E37_79B9_7F4A_7C15);
        for (int i = 0; i < Rounds; i++)
        {
            ulong dividend = sequence.NextOfAnyWidth();
            ulong divisor = sequence.NextOfAnyWidth();
            if (divisor != 0 && !UnsignedLawHolds(dividend, divisor))
            {
                return false;
            }
        }

        return true;
    }

    public static bool Signed_law_holds_for_random_pairs_of_every_width()
    {
        var sequence = new Sequence(0xD1B5_4A32_D192_ED03);
        for (int i = 0; i < Rounds; i++)
        {
            long dividend = (long)sequence.Next() >> (int)(sequence.Next() & 63);
            long divisor = (long)sequence.Next() >> (int)(sequence.Next() & 63);
            bool overflows = dividend == long.MinValue && divisor == -1;
            if (divisor != 0 && !overflows && !SignedLawHolds(dividend, divisor))
            {
                return false;
            }
        }

        return true;
    }

    public static bool A_multiple_divides_exactly()
    {
        var sequence = new Sequence(0x1234_5678_9ABC_DEF1);
        for (int i = 0; i < Rounds; i++)
        {
            ulong quotient = (uint)sequence.NextOfAnyWidth();
            ulong divisor = (uint)sequence.NextOfAnyWidth() | 1u;
            ulong product = quotient * divisor;
            if (Opaque.Value(product) / Opaque.Value(divisor) != quotient || Opaque.Value(product) % Opaque.Value(divisor) != 0)
            {
                return false;
            }

            // One less has the next lower quotient and the largest remainder.
            if (quotient != 0 && divisor != 1
                && (Opaque.Value(product - 1) / Opaque.Value(divisor) != quotient - 1 || Opaque.Value(product - 1) % Opaque.Value(divisor) != divisor - 1))
            {
                return false;
            }
        }

        return true;
    }

    public static bool Division_rounds_toward_zero_and_the_remainder_takes_the_sign_of_the_dividend() =>
        Opaque.Value(-7L) / Opaque.Value(2L) == -3 && Opaque.Value(-7L) % Opaque.Value(2L) == -1
        && Opaque.Value(7L) / Opaque.Value(-2L) == -3 && Opaque.Value(7L) % Opaque.Value(-2L) == 1
        && Opaque.Value(-7L) / Opaque.Value(-2L) == 3 && Opaque.Value(-7L) % Opaque.Value(-2L) == -1;

    public static bool The_least_number_divides_by_one_and_by_itself() =>
        Opaque.Value(long.MinValue) / Opaque.Value(1L) == long.MinValue && Opaque.Value(long.MinValue) % Opaque.Value(1L) == 0
        && Opaque.Value(long.MinValue) / Opaque.Value(long.MinValue) == 1 && Opaque.Value(long.MinValue) / Opaque.Value(2L) == -0x4000_0000_0000_0000
        && Opaque.Value(long.MaxValue) / Opaque.Value(long.MinValue) == 0 && Opaque.Value(long.MaxValue) % Opaque.Value(long.MinValue) == long.MaxValue;

    public static bool Minus_one_negates_and_leaves_no_remainder() =>
        Opaque.Value(5L) / Opaque.Value(-1L) == -5 && Opaque.Value(5L) % Opaque.Value(-1L) == 0
        && Opaque.Value(long.MinValue + 1) / Opaque.Value(-1L) == long.MaxValue && Opaque.Value(5) / Opaque.Value(-1) == -5
        && Opaque.Value(5) % Opaque.Value(-1) == 0;

    public static bool The_least_32_bit_number_divides_like_the_others() =>
        Opaque.Value(int.MinValue) / Opaque.Value(2) == -0x4000_0000 && Opaque.Value(int.MinValue) / Opaque.Value(int.MinValue) == 1
        && Opaque.Value(int.MinValue) % Opaque.Value(3) == -2 && Opaque.Value(int.MaxValue) / Opaque.Value(int.MinValue) == 0
        && Opaque.Value(int.MinValue) / Opaque.Value(3) == -715827882;

    public static bool Unsigned_32_bit_division_uses_all_bits() =>
        Opaque.Value(uint.MaxValue) / Opaque.Value(2u) == 0x7FFF_FFFF && Opaque.Value(uint.MaxValue) % Opaque.Value(10u) == 5
        && Opaque.Value(0x8000_0000u) / Opaque.Value(uint.MaxValue) == 0 && Opaque.Value(uint.MaxValue) / Opaque.Value(uint.MaxValue) == 1;

    public static bool Known_quotients_are_exact() =>
        Opaque.Value(18446744073709551615UL) / Opaque.Value(10UL) == 1844674407370955161UL
        && Opaque.Value(18446744073709551615UL) % Opaque.Value(1000000007UL) == 582344007UL
        && Opaque.Value(0xFFFF_FFFF_FFFF_FFFEUL) / Opaque.Value(0xFFFF_FFFFUL) == 0x1_0000_0000UL
        && Opaque.Value(0x8000_0000_0000_0000UL) / Opaque.Value(0x8000_0000_0000_0001UL) == 0
        && Opaque.Value(1_000_000_000_000L) / Opaque.Value(3_579_545L) == 279365L;

    private static bool UnsignedLawHolds(ulong dividend, ulong divisor)
    {
        ulong quotient = Opaque.Value(dividend) / Opaque.Value(divisor);
        ulong remainder = Opaque.Value(dividend) % Opaque.Value(divisor);

        // The product is exact because it does not exceed the dividend; the third condition excludes a product that wrapped around.
        return remainder < divisor && (quotient * divisor) + remainder == dividend && quotient <= dividend;
    }

    private static bool SignedLawHolds(long dividend, long divisor)
    {
        long quotient = Opaque.Value(dividend) / Opaque.Value(divisor);
        long remainder = Opaque.Value(dividend) % Opaque.Value(divisor);
        ulong size = Magnitude(divisor);
        bool signOfRemainder = remainder == 0 || (remainder < 0) == (dividend < 0);
        bool signOfQuotient = quotient == 0 || (quotient < 0) == ((dividend < 0) != (divisor < 0));
        return Magnitude(remainder) < size && unchecked((quotient * divisor) + remainder) == dividend && signOfRemainder && signOfQuotient;
    }

    private static ulong Magnitude(long value) => value < 0 ? (ulong)-value : (ulong)value;
}
