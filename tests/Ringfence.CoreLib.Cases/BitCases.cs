// Counting and rotating bits.
using System;
using System.Numerics;

namespace Ringfence.CoreLib.Cases;

public static class BitCases
{
    public static bool Leading_zeros_are_counted_for_every_highest_bit()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            ulong value = (1UL << bit) | 1;
            if (BitOperations.LeadingZeroCount(Opaque.Value(value)) != 63 - bit || (bit < 32 && BitOperations.LeadingZeroCount(Opaque.Value((uint)value)) != 31 - bit))
            {
                return false;
            }
        }

        return BitOperations.LeadingZeroCount(Opaque.Value(0u)) == 32 && BitOperations.LeadingZeroCount(Opaque.Value(0UL)) == 64
            && BitOperations.LeadingZeroCount(Opaque.Value((nuint)0)) == nuint.Size * 8;
    }

    public static bool Trailing_zeros_are_counted_for_every_lowest_bit()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            ulong value = (1UL << bit) | (1UL << 63);
            if (BitOperations.TrailingZeroCount(Opaque.Value(value)) != bit
                || (bit < 32 && BitOperations.TrailingZeroCount(Opaque.Value((uint)value | 0x8000_0000u)) != bit))
            {
                return false;
            }
        }

        return BitOperations.TrailingZeroCount(Opaque.Value(0u)) == 32 && BitOperations.TrailingZeroCount(Opaque.Value(0UL)) == 64
            && BitOperations.TrailingZeroCount(Opaque.Value(-8)) == 3 && BitOperations.TrailingZeroCount(Opaque.Value(-16L)) == 4
            && BitOperations.TrailingZeroCount(Opaque.Value((nuint)0)) == nuint.Size * 8;
    }

    public static bool Log2_is_the_number_of_the_highest_bit()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            ulong value = (1UL << bit) | 1;
            if (BitOperations.Log2(Opaque.Value(value)) != bit || (bit < 32 && BitOperations.Log2(Opaque.Value((uint)value)) != bit))
            {
                return false;
            }
        }

        return BitOperations.Log2(Opaque.Value(0u)) == 0 && BitOperations.Log2(Opaque.Value(0UL)) == 0 && BitOperations.Log2(Opaque.Value((nuint)4096)) == 12;
    }

    public static bool PopCount_adds_one_for_each_set_bit()
    {
        ulong value = 0;
        for (int bit = 0; bit < 64; bit++)
        {
            value |= 1UL << ((bit * 29) & 63);
            if (BitOperations.PopCount(Opaque.Value(value)) != bit + 1
                || BitOperations.PopCount(Opaque.Value((uint)value)) + BitOperations.PopCount(Opaque.Value((uint)(value >> 32))) != bit + 1)
            {
                return false;
            }
        }

        return BitOperations.PopCount(Opaque.Value(0u)) == 0 && BitOperations.PopCount(Opaque.Value(nuint.MaxValue)) == nuint.Size * 8;
    }

    public static bool Powers_of_two_have_one_bit() =>
        BitOperations.IsPow2(Opaque.Value(1)) && BitOperations.IsPow2(Opaque.Value(1UL << 63)) && !BitOperations.IsPow2(Opaque.Value(0)) && !BitOperations.IsPow2(Opaque.Value(int.MinValue))
        && !BitOperations.IsPow2(Opaque.Value(6u)) && BitOperations.IsPow2(Opaque.Value((nuint)4096)) && !BitOperations.IsPow2(Opaque.Value(0UL)) && !BitOperations.IsPow2(Opaque.Value(-8L));

    public static bool Rounding_up_reaches_the_next_power_of_two_or_wraps_to_zero() =>
        BitOperations.RoundUpToPowerOf2(Opaque.Value(0u)) == 0 && BitOperations.RoundUpToPowerOf2(Opaque.Value(1u)) == 1 && BitOperations.RoundUpToPowerOf2(Opaque.Value(5u)) == 8
        && BitOperations.RoundUpToPowerOf2(Opaque.Value(0x8000_0001u)) == 0 && BitOperations.RoundUpToPowerOf2(Opaque.Value(0x1_0000_0001UL)) == 0x2_0000_0000
        && BitOperations.RoundUpToPowerOf2(Opaque.Value((1UL << 63) + 1)) == 0 && BitOperations.RoundUpToPowerOf2(Opaque.Value((nuint)4097)) == 8192;

    public static bool Rotations_lose_no_bit_and_undo_each_other()
    {
        for (int count = 0; count < 64; count++)
        {
            ulong value = 0x8000_0000_0000_0001;
            ulong rotated = BitOperations.RotateLeft(Opaque.Value(value), count);
            uint half = BitOperations.RotateRight(Opaque.Value(0x8000_0001u), count);
            if (BitOperations.PopCount(rotated) != 2 || BitOperations.RotateRight(rotated, count) != value || BitOperations.RotateLeft(half, count) != 0x8000_0001u)
            {
                return false;
            }
        }

        return BitOperations.RotateLeft(Opaque.Value(0x8000_0001u), 1) == 3 && BitOperations.RotateRight(Opaque.Value(1UL), 1) == 1UL << 63;
    }
}
