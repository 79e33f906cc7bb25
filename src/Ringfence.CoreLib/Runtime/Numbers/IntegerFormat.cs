// The one integer formatter behind every TryFormat.
using Internal.Runtime;

namespace System;

/// <summary>Writes integers as UTF-8 digits into a span, with .NET's standard formats D, G, X and B.</summary>
internal static class IntegerFormat
{
    /// <param name="negative">Whether decimal text takes a minus sign.</param>
    /// <param name="magnitude">The absolute value, for decimal text.</param>
    /// <param name="bits">The two's complement of the type's own width, zero-extended, for hexadecimal and binary text.</param>
    /// <param name="destination">Where the text goes.</param>
    /// <param name="written">Bytes written: all of the text, or 0 if it doesn't fit.</param>
    /// <param name="format">Empty, or a letter with up to nine digits of precision (the least number of digits).</param>
    internal static bool TryFormat(
        bool negative, ulong magnitude, ulong bits, Span<byte> destination, out int written, ReadOnlySpan<char> format)
    {
        char kind = 'D';
        int precision = 0;
        if (format.Length != 0)
        {
            kind = format[0];
            for (int i = 1; i < format.Length; i++)
            {
                uint digit = (uint)(format[i] - '0');
                if (digit > 9 || i > 9)
                {
                    Failure.NotSupported();
                }

                precision = (precision * 10) + (int)digit;
            }
        }

        switch (kind)
        {
            case 'G' or 'g':
                // General with a precision rounds to an exponent, which nothing here needs.
                if (precision != 0)
                {
                    Failure.NotSupported();
                }

                return TryFormatDecimal(negative, magnitude, 0, destination, out written);
            case 'D' or 'd':
                return TryFormatDecimal(negative, magnitude, precision, destination, out written);
            case 'X':
                return TryFormatBits(bits, 4, 'A' - 10, precision, destination, out written);
            case 'x':
                return TryFormatBits(bits, 4, 'a' - 10, precision, destination, out written);
            case 'B' or 'b':
                return TryFormatBits(bits, 1, 0, precision, destination, out written);
            default:
                Failure.NotSupported();
                written = 0;
                return false;
        }
    }

    private static bool TryFormatDecimal(bool negative, ulong magnitude, int precision, Span<byte> destination, out int written)
    {
        // Two divisions of 64 bits at most; the rest is done on 32 bits, which IA-32 divides in one instruction.
        const uint Billion = 1_000_000_000;
        uint low = (uint)magnitude;
        uint middle = 0;
        uint high = 0;
        if (magnitude >= Billion)
        {
            ulong rest = magnitude / Billion;
            low = (uint)(magnitude - (rest * Billion));
            middle = (uint)rest;
            if (rest >= Billion)
            {
                high = (uint)(rest / Billion);
                middle = (uint)(rest - ((ulong)high * Billion));
            }
        }

        int digits = high != 0 ? 18 + CountDigits(high) : middle != 0 ? 9 + CountDigits(middle) : CountDigits(low);
        int width = digits > precision ? digits : precision;
        int length = negative ? width + 1 : width;
        if (length > destination.Length)
        {
            written = 0;
            return false;
        }

        int at = length;
        at = WriteDigits(destination, at, low, digits < 9 ? digits : 9);
        if (digits > 9)
        {
            at = WriteDigits(destination, at, middle, digits < 18 ? digits - 9 : 9);
        }

        if (digits > 18)
        {
            at = WriteDigits(destination, at, high, digits - 18);
        }

        for (int zeros = width - digits; zeros > 0; zeros--)
        {
            destination[--at] = (byte)'0';
        }

        if (negative)
        {
            destination[0] = (byte)'-';
        }

        written = length;
        return true;
    }

    /// <summary>Writes the lowest digits of a number so that they end before <paramref name="end"/>; returns where they start.</summary>
    private static int WriteDigits(Span<byte> destination, int end, uint value, int count)
    {
        for (; count > 0; count--)
        {
            uint quotient = value / 10;
            destination[--end] = (byte)('0' + (value - (quotient * 10)));
            value = quotient;
        }

        return end;
    }

    private static int CountDigits(uint value)
    {
        int digits = 1;
        for (; value >= 10; value /= 10)
        {
            digits++;
        }

        return digits;
    }

    private static bool TryFormatBits(
        ulong bits, int bitsPerDigit, int letterBase, int precision, Span<byte> destination, out int written)
    {
        // Halves, because a 64-bit shift by a variable is a call on IA-32.
        uint low = (uint)bits;
        uint high = (uint)(bits >> 32);
        int significant = high != 0 ? 64 - Numerics.BitOperations.LeadingZeroCount(high) : 32 - Numerics.BitOperations.LeadingZeroCount(low);
        int digits = bitsPerDigit == 4 ? (significant + 3) / 4 : significant;
        if (digits == 0)
        {
            digits = 1;
        }

        int length = digits > precision ? digits : precision;
        if (length > destination.Length)
        {
            written = 0;
            return false;
        }

        uint mask = (1u << bitsPerDigit) - 1;
        int digitsPerHalf = 32 / bitsPerDigit;
        for (int i = 0; i < length; i++)
        {
            uint half = i < digitsPerHalf ? low : high;
            uint digit = i < digits ? (half >> (i % digitsPerHalf * bitsPerDigit)) & mask : 0;
            destination[length - 1 - i] = (byte)(digit < 10 ? '0' + (int)digit : letterBase + (int)digit);
        }

        written = length;
        return true;
    }
}
