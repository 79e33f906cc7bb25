// The arithmetic that RyuJIT calls by name instead of emitting it: 64-bit division on IA-32, and checked conversions and products.
using System.Numerics;
using System.Runtime.CompilerServices;
using Internal.Runtime;

namespace System;

public static partial class Math
{
    internal static long DivInt64(long dividend, long divisor)
    {
        if (divisor == 0)
        {
            Failure.DivideByZero();
        }

        if (divisor == -1 && dividend == long.MinValue)
        {
            Failure.Overflow();
        }

        ulong quotient = DivideUnsigned(Magnitude(dividend), Magnitude(divisor));
        return (dividend ^ divisor) < 0 ? -(long)quotient : (long)quotient;
    }

    internal static ulong DivUInt64(ulong dividend, ulong divisor)
    {
        if (divisor == 0)
        {
            Failure.DivideByZero();
        }

        return DivideUnsigned(dividend, divisor);
    }

    internal static long ModInt64(long dividend, long divisor)
    {
        if (divisor == 0)
        {
            Failure.DivideByZero();
        }

        if (divisor == -1)
        {
            // .NET's rule, which follows the processor's: the quotient does not fit, so the remainder fails too.
            if (dividend == long.MinValue)
            {
                Failure.Overflow();
            }

            return 0;
        }

        ulong remainder = RemainderUnsigned(Magnitude(dividend), Magnitude(divisor));
        return dividend < 0 ? -(long)remainder : (long)remainder;
    }

    internal static ulong ModUInt64(ulong dividend, ulong divisor)
    {
        if (divisor == 0)
        {
            Failure.DivideByZero();
        }

        return RemainderUnsigned(dividend, divisor);
    }

    internal static long MultiplyChecked(long left, long right)
    {
        ulong magnitude = MultiplyMagnitudes(Magnitude(left), Magnitude(right), out bool overflowed);
        bool negative = (left ^ right) < 0;
        if (overflowed || magnitude > (negative ? 1UL << 63 : long.MaxValue))
        {
            Failure.Overflow();
        }

        return negative ? -(long)magnitude : (long)magnitude;
    }

    internal static ulong MultiplyChecked(ulong left, ulong right)
    {
        ulong product = MultiplyMagnitudes(left, right, out bool overflowed);
        if (overflowed)
        {
            Failure.Overflow();
        }

        return product;
    }

    internal static int ConvertToInt32Checked(double value)
    {
        // Written so that NaN fails both comparisons and is refused.
        if (!(value > int.MinValue - 1.0 && value < int.MaxValue + 1.0))
        {
            Failure.Overflow();
        }

        return (int)value;
    }

    internal static uint ConvertToUInt32Checked(double value)
    {
        if (!(value > -1.0 && value < uint.MaxValue + 1.0))
        {
            Failure.Overflow();
        }

        return ToUInt32(value);
    }

    internal static long ConvertToInt64Checked(double value)
    {
        // -2^63 is a double, its predecessor lies 2^11 below.
        if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0))
        {
            Failure.Overflow();
        }

        return value < 0 ? -(long)ToUInt64(-value) : (long)ToUInt64(value);
    }

    internal static ulong ConvertToUInt64Checked(double value)
    {
        if (!(value > -1.0 && value < 18446744073709551616.0))
        {
            Failure.Overflow();
        }

        return ToUInt64(value);
    }

    /// <summary>Cuts the fraction off, by conversions to 32 signed bits alone: wider ones are calls on IA-32. The value fits.</summary>
    private static uint ToUInt32(double value) =>
        value >= 2147483648.0 ? (uint)(int)(value - 2147483648.0) + 0x8000_0000u : (uint)(int)value;

    private static ulong ToUInt64(double value)
    {
        // Scaling by a power of two and removing the upper half are both exact.
        uint high = ToUInt32(value * (1.0 / 4294967296.0));
        double upper = (int)(high ^ 0x8000_0000u) + 2147483648.0;
        return ((ulong)high << 32) | ToUInt32(value - (upper * 4294967296.0));
    }

    private static ulong Magnitude(long value) => value < 0 ? (ulong)-value : (ulong)value;

    private static ulong MultiplyMagnitudes(ulong left, ulong right, out bool overflowed)
    {
        uint leftHigh = (uint)(left >> 32);
        uint rightHigh = (uint)(right >> 32);
        if ((leftHigh | rightHigh) == 0)
        {
            overflowed = false;
            return (ulong)(uint)left * (uint)right;
        }

        // One upper half is zero or the product has more than 64 bits; the other one's cross product must fit 32 bits.
        ulong cross = leftHigh != 0 ? (ulong)leftHigh * (uint)right : (ulong)(uint)left * rightHigh;
        ulong bottom = (ulong)(uint)left * (uint)right;
        ulong top = (bottom >> 32) + (uint)cross;
        overflowed = (leftHigh != 0 && rightHigh != 0) || cross > uint.MaxValue || top > uint.MaxValue;
        return (top << 32) | (uint)bottom;
    }

    private static ulong RemainderUnsigned(ulong dividend, ulong divisor)
    {
        ulong quotient = DivideUnsigned(dividend, divisor);

        // The product of the low halves and the two cross products, without a call for the 64-bit multiplication.
        ulong product = ((ulong)(uint)quotient * (uint)divisor)
            + ((ulong)(((uint)(quotient >> 32) * (uint)divisor) + ((uint)quotient * (uint)(divisor >> 32))) << 32);
        return dividend - product;
    }

    /// <summary>Divides with 32-bit instructions only; the divisor is not zero.</summary>
    private static ulong DivideUnsigned(ulong dividend, ulong divisor)
    {
        uint dividendHigh = (uint)(dividend >> 32);
        uint divisorHigh = (uint)(divisor >> 32);
        uint divisorLow = (uint)divisor;

        if (divisorHigh == 0)
        {
            if (dividendHigh == 0)
            {
                return (uint)dividend / divisorLow;
            }

            // Long division with two digits of 32 bits: each step divides 64 bits by 32 with a quotient of 32 bits.
            uint quotientHigh = dividendHigh / divisorLow;
            uint remainder = dividendHigh - (quotientHigh * divisorLow);
            return ((ulong)quotientHigh << 32) | DivideWide(remainder, (uint)dividend, divisorLow);
        }

        if (divisor > dividend)
        {
            return 0;
        }

        // The quotient fits 32 bits. Estimate it from the divisor's upper 32 significant bits (Hacker's Delight, 2nd edition, 9-5): halve the dividend
        // so that the wide division can't overflow, undo the scaling, and correct an estimate that is at most one too large.
        int shift = BitOperations.LeadingZeroCount(divisorHigh);
        uint top = shift == 0 ? divisorHigh : (divisorHigh << shift) | (divisorLow >> (32 - shift));
        ulong half = dividend >> 1;
        uint scaled = DivideWide((uint)(half >> 32), (uint)half, top);
        uint estimate = shift == 31 ? scaled : scaled >> (31 - shift);
        if (estimate != 0)
        {
            estimate--;
        }

        ulong product = ((ulong)estimate * divisorLow) + ((ulong)(estimate * divisorHigh) << 32);
        return dividend - product >= divisor ? estimate + 1UL : estimate;
    }

    /// <summary>Divides 64 bits by 32 where the quotient fits 32 bits: <paramref name="high"/> is less than <paramref name="divisor"/>.</summary>
    private static uint DivideWide(uint high, uint low, uint divisor)
    {
        (uint quotient, _) = Runtime.Intrinsics.X86.X86Base.DivRem(low, high, divisor);
        return quotient;
    }
}
