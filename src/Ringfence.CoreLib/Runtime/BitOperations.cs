// Counting and rotating bits. RyuJIT replaces the counts of leading and trailing zeros by bsr and bsf, the rotations by rol and ror.
using System.Runtime.CompilerServices;

namespace System.Numerics;

/// <summary>Bit-level operations on integers.</summary>
public static class BitOperations
{
    public static bool IsPow2(int value) => (value & (value - 1)) == 0 && value > 0;

    public static bool IsPow2(uint value) => (value & (value - 1)) == 0 && value != 0;

    public static bool IsPow2(long value) => (value & (value - 1)) == 0 && value > 0;

    public static bool IsPow2(ulong value) => (value & (value - 1)) == 0 && value != 0;

    public static bool IsPow2(nint value) => (value & (value - 1)) == 0 && value > 0;

    public static bool IsPow2(nuint value) => (value & (value - 1)) == 0 && value != 0;

    /// <summary>The least power of two that is not less; 0 for 0, and 0 if it doesn't fit.</summary>
    public static uint RoundUpToPowerOf2(uint value)
    {
        --value;
        value |= value >> 1;
        value |= value >> 2;
        value |= value >> 4;
        value |= value >> 8;
        value |= value >> 16;
        return value + 1;
    }

    /// <summary>The least power of two that is not less; 0 for 0, and 0 if it doesn't fit.</summary>
    public static ulong RoundUpToPowerOf2(ulong value)
    {
        --value;
        value |= value >> 1;
        value |= value >> 2;
        value |= value >> 4;
        value |= value >> 8;
        value |= value >> 16;
        value |= value >> 32;
        return value + 1;
    }

    /// <summary>The least power of two that is not less; 0 for 0, and 0 if it doesn't fit.</summary>
    public static nuint RoundUpToPowerOf2(nuint value) =>
        nuint.Size == 8 ? (nuint)RoundUpToPowerOf2((ulong)value) : RoundUpToPowerOf2((uint)value);

    /// <summary>32 for zero.</summary>
    [Intrinsic]
    public static int LeadingZeroCount(uint value)
    {
        if (value == 0)
        {
            return 32;
        }

        int count = 0;
        if (value < 1u << 16)
        {
            count += 16;
            value <<= 16;
        }

        if (value < 1u << 24)
        {
            count += 8;
            value <<= 8;
        }

        if (value < 1u << 28)
        {
            count += 4;
            value <<= 4;
        }

        if (value < 1u << 30)
        {
            count += 2;
            value <<= 2;
        }

        return value < 1u << 31 ? count + 1 : count;
    }

    /// <summary>64 for zero.</summary>
    [Intrinsic]
    public static int LeadingZeroCount(ulong value)
    {
        uint high = (uint)(value >> 32);
        return high == 0 ? 32 + LeadingZeroCount((uint)value) : LeadingZeroCount(high);
    }

    /// <summary>The width of an address for zero.</summary>
    [Intrinsic]
    public static int LeadingZeroCount(nuint value) =>
        nuint.Size == 8 ? LeadingZeroCount((ulong)value) : LeadingZeroCount((uint)value);

    /// <summary>32 for zero.</summary>
    [Intrinsic]
    public static int TrailingZeroCount(uint value) =>
        value == 0 ? 32 : 31 - LeadingZeroCount(value & (~value + 1));

    [Intrinsic]
    public static int TrailingZeroCount(int value) => TrailingZeroCount((uint)value);

    /// <summary>64 for zero.</summary>
    [Intrinsic]
    public static int TrailingZeroCount(ulong value)
    {
        uint low = (uint)value;
        return low == 0 ? 32 + TrailingZeroCount((uint)(value >> 32)) : TrailingZeroCount(low);
    }

    [Intrinsic]
    public static int TrailingZeroCount(long value) => TrailingZeroCount((ulong)value);

    /// <summary>The width of an address for zero.</summary>
    [Intrinsic]
    public static int TrailingZeroCount(nuint value) =>
        nuint.Size == 8 ? TrailingZeroCount((ulong)value) : TrailingZeroCount((uint)value);

    [Intrinsic]
    public static int TrailingZeroCount(nint value) => TrailingZeroCount((nuint)value);

    /// <summary>The number of the highest set bit; 0 for zero.</summary>
    [Intrinsic]
    public static int Log2(uint value) => 31 ^ LeadingZeroCount(value | 1);

    /// <summary>The number of the highest set bit; 0 for zero.</summary>
    [Intrinsic]
    public static int Log2(ulong value) => 63 ^ LeadingZeroCount(value | 1);

    /// <summary>The number of the highest set bit; 0 for zero.</summary>
    [Intrinsic]
    public static int Log2(nuint value) => nuint.Size == 8 ? Log2((ulong)value) : Log2((uint)value);

    [Intrinsic]
    public static int PopCount(uint value)
    {
        // Sums of neighbouring bits, pairs and nibbles; the multiplication adds the four bytes into the top one.
        value -= (value >> 1) & 0x55555555u;
        value = (value & 0x33333333u) + ((value >> 2) & 0x33333333u);
        return (int)((((value + (value >> 4)) & 0x0F0F0F0Fu) * 0x01010101u) >> 24);
    }

    [Intrinsic]
    public static int PopCount(ulong value) => PopCount((uint)value) + PopCount((uint)(value >> 32));

    [Intrinsic]
    public static int PopCount(nuint value) => nuint.Size == 8 ? PopCount((ulong)value) : PopCount((uint)value);

    [Intrinsic]
    public static uint RotateLeft(uint value, int offset) => (value << offset) | (value >> (32 - offset));

    [Intrinsic]
    public static ulong RotateLeft(ulong value, int offset) => (value << offset) | (value >> (64 - offset));

    [Intrinsic]
    public static uint RotateRight(uint value, int offset) => (value >> offset) | (value << (32 - offset));

    [Intrinsic]
    public static ulong RotateRight(ulong value, int offset) => (value >> offset) | (value << (64 - offset));
}
