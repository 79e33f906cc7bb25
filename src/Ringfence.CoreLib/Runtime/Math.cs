// Least, greatest, absolute and clamped values, division with remainder: .NET's integer mathematics.
using Internal.Runtime;

namespace System;

/// <summary>Integer mathematics. The arithmetic that compiled code needs and IA-32 lacks is in Math.Compiled.cs.</summary>
public static partial class Math
{
    /// <summary>Fails with <c>Overflow</c> for the least value.</summary>
    public static sbyte Abs(sbyte value)
    {
        if (value < 0)
        {
            value = (sbyte)-value;
            if (value < 0)
            {
                Failure.Overflow();
            }
        }

        return value;
    }

    /// <summary>Fails with <c>Overflow</c> for the least value.</summary>
    public static short Abs(short value)
    {
        if (value < 0)
        {
            value = (short)-value;
            if (value < 0)
            {
                Failure.Overflow();
            }
        }

        return value;
    }

    /// <summary>Fails with <c>Overflow</c> for the least value.</summary>
    public static int Abs(int value)
    {
        if (value < 0)
        {
            value = -value;
            if (value < 0)
            {
                Failure.Overflow();
            }
        }

        return value;
    }

    /// <summary>Fails with <c>Overflow</c> for the least value.</summary>
    public static long Abs(long value)
    {
        if (value < 0)
        {
            value = -value;
            if (value < 0)
            {
                Failure.Overflow();
            }
        }

        return value;
    }

    /// <summary>Fails with <c>Overflow</c> for the least value.</summary>
    public static nint Abs(nint value)
    {
        if (value < 0)
        {
            value = -value;
            if (value < 0)
            {
                Failure.Overflow();
            }
        }

        return value;
    }

    public static sbyte Max(sbyte val1, sbyte val2) => val1 >= val2 ? val1 : val2;

    public static byte Max(byte val1, byte val2) => val1 >= val2 ? val1 : val2;

    public static short Max(short val1, short val2) => val1 >= val2 ? val1 : val2;

    public static ushort Max(ushort val1, ushort val2) => val1 >= val2 ? val1 : val2;

    public static int Max(int val1, int val2) => val1 >= val2 ? val1 : val2;

    public static uint Max(uint val1, uint val2) => val1 >= val2 ? val1 : val2;

    public static long Max(long val1, long val2) => val1 >= val2 ? val1 : val2;

    public static ulong Max(ulong val1, ulong val2) => val1 >= val2 ? val1 : val2;

    public static nint Max(nint val1, nint val2) => val1 >= val2 ? val1 : val2;

    public static nuint Max(nuint val1, nuint val2) => val1 >= val2 ? val1 : val2;

    public static sbyte Min(sbyte val1, sbyte val2) => val1 <= val2 ? val1 : val2;

    public static byte Min(byte val1, byte val2) => val1 <= val2 ? val1 : val2;

    public static short Min(short val1, short val2) => val1 <= val2 ? val1 : val2;

    public static ushort Min(ushort val1, ushort val2) => val1 <= val2 ? val1 : val2;

    public static int Min(int val1, int val2) => val1 <= val2 ? val1 : val2;

    public static uint Min(uint val1, uint val2) => val1 <= val2 ? val1 : val2;

    public static long Min(long val1, long val2) => val1 <= val2 ? val1 : val2;

    public static ulong Min(ulong val1, ulong val2) => val1 <= val2 ? val1 : val2;

    public static nint Min(nint val1, nint val2) => val1 <= val2 ? val1 : val2;

    public static nuint Min(nuint val1, nuint val2) => val1 <= val2 ? val1 : val2;

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static sbyte Clamp(sbyte value, sbyte min, sbyte max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static byte Clamp(byte value, byte min, byte max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static short Clamp(short value, short min, short max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static ushort Clamp(ushort value, ushort min, ushort max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static int Clamp(int value, int min, int max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static uint Clamp(uint value, uint min, uint max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static long Clamp(long value, long min, long max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static ulong Clamp(ulong value, ulong min, ulong max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static nint Clamp(nint value, nint min, nint max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    /// <summary>Fails with <c>Argument</c> if the bounds are in the wrong order.</summary>
    public static nuint Clamp(nuint value, nuint min, nuint max)
    {
        if (min > max)
        {
            Failure.Argument();
        }

        return value < min ? min : value > max ? max : value;
    }

    public static int Sign(sbyte value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static int Sign(short value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static int Sign(int value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static int Sign(long value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static int Sign(nint value) => value < 0 ? -1 : value > 0 ? 1 : 0;

    public static (sbyte Quotient, sbyte Remainder) DivRem(sbyte left, sbyte right)
    {
        sbyte quotient = (sbyte)(left / right);
        return (quotient, (sbyte)(left - (quotient * right)));
    }

    public static (byte Quotient, byte Remainder) DivRem(byte left, byte right)
    {
        byte quotient = (byte)(left / right);
        return (quotient, (byte)(left - (quotient * right)));
    }

    public static (short Quotient, short Remainder) DivRem(short left, short right)
    {
        short quotient = (short)(left / right);
        return (quotient, (short)(left - (quotient * right)));
    }

    public static (ushort Quotient, ushort Remainder) DivRem(ushort left, ushort right)
    {
        ushort quotient = (ushort)(left / right);
        return (quotient, (ushort)(left - (quotient * right)));
    }

    public static (int Quotient, int Remainder) DivRem(int left, int right)
    {
        int quotient = left / right;
        return (quotient, left - (quotient * right));
    }

    public static (uint Quotient, uint Remainder) DivRem(uint left, uint right)
    {
        uint quotient = left / right;
        return (quotient, left - (quotient * right));
    }

    public static (long Quotient, long Remainder) DivRem(long left, long right)
    {
        long quotient = left / right;
        return (quotient, left - (quotient * right));
    }

    public static (ulong Quotient, ulong Remainder) DivRem(ulong left, ulong right)
    {
        ulong quotient = left / right;
        return (quotient, left - (quotient * right));
    }

    public static (nint Quotient, nint Remainder) DivRem(nint left, nint right)
    {
        nint quotient = left / right;
        return (quotient, left - (quotient * right));
    }

    public static (nuint Quotient, nuint Remainder) DivRem(nuint left, nuint right)
    {
        nuint quotient = left / right;
        return (quotient, left - (quotient * right));
    }

    public static int DivRem(int a, int b, out int result)
    {
        int quotient = a / b;
        result = a - (quotient * b);
        return quotient;
    }

    public static long DivRem(long a, long b, out long result)
    {
        long quotient = a / b;
        result = a - (quotient * b);
        return quotient;
    }

    /// <summary>The full product of two 32-bit numbers.</summary>
    public static long BigMul(int a, int b) => (long)a * b;

    /// <summary>The full product of two 32-bit numbers.</summary>
    public static ulong BigMul(uint a, uint b) => (ulong)a * b;

    /// <summary>The full product of two 64-bit numbers: the upper half is returned.</summary>
    public static ulong BigMul(ulong a, ulong b, out ulong low)
    {
        // Schoolbook multiplication in base 2^32: no partial sum here exceeds 64 bits.
        uint a0 = (uint)a;
        uint a1 = (uint)(a >> 32);
        uint b0 = (uint)b;
        uint b1 = (uint)(b >> 32);
        ulong bottom = (ulong)a0 * b0;
        ulong cross = ((ulong)a1 * b0) + (bottom >> 32);
        ulong middle = ((ulong)a0 * b1) + (uint)cross;
        low = (middle << 32) | (uint)bottom;
        return ((ulong)a1 * b1) + (cross >> 32) + (middle >> 32);
    }
}
