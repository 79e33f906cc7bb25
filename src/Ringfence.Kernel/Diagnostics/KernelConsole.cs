// The kernel's own voice: bytes to the first serial port, without buffers, usable in a panic.

using System;
using System.Runtime.CompilerServices;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Writes text and numbers to the console. A caller that wants a line in one piece has interrupts off.</summary>
public static class KernelConsole
{
    /// <summary>Sets the port up. Before it, output is lost.</summary>
    public static void Initialize() => SerialPort.First.Initialize();

    /// <summary>Writes bytes as they are, a line feed as carriage return and line feed.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        SerialPort port = SerialPort.First;
        for (int index = 0; index < text.Length; index++)
        {
            if (text[index] == (byte)'\n')
            {
                port.Send((byte)'\r');
            }

            port.Send(text[index]);
        }
    }

    /// <summary>Writes bytes and ends the line.</summary>
    public static void WriteLine(ReadOnlySpan<byte> text)
    {
        Write(text);
        Write("\n"u8);
    }

    /// <summary>Writes <c>0x</c> and all digits of a pointer-sized value.</summary>
    public static void WriteHexadecimal(nuint value)
    {
        Write("0x"u8);
        for (int shift = (nuint.Size * 8) - 4; shift >= 0; shift -= 4)
        {
            WriteDigit((int)(value >> shift) & 15);
        }
    }

    /// <summary>Writes <c>0x</c> and the digits of a value, without leading zeroes.</summary>
    public static void WriteShortHexadecimal(nuint value)
    {
        Write("0x"u8);
        bool started = false;
        for (int shift = (nuint.Size * 8) - 4; shift >= 0; shift -= 4)
        {
            int digit = (int)(value >> shift) & 15;
            started |= digit != 0 || shift == 0;
            if (started)
            {
                WriteDigit(digit);
            }
        }
    }

    /// <summary>Writes an unsigned number.</summary>
    public static void WriteDecimal(ulong value)
    {
        Digits storage = default;
        Span<byte> digits = storage;
        if (value.TryFormat(digits, out int length))
        {
            Write(digits[..length]);
        }
    }

    /// <summary>Writes a signed number.</summary>
    public static void WriteDecimal(int value)
    {
        Digits storage = default;
        Span<byte> digits = storage;
        if (value.TryFormat(digits, out int length))
        {
            Write(digits[..length]);
        }
    }

    /// <summary>Writes text, then spaces up to <paramref name="width"/> characters.</summary>
    public static void WritePadded(ReadOnlySpan<byte> text, int width)
    {
        Write(text);
        for (int column = text.Length; column < width; column++)
        {
            Write(" "u8);
        }
    }

    /// <summary>Writes an unsigned number, right-aligned in <paramref name="width"/> characters.</summary>
    public static void WriteDecimalPadded(ulong value, int width)
    {
        Digits storage = default;
        Span<byte> digits = storage;
        if (value.TryFormat(digits, out int length))
        {
            for (int column = length; column < width; column++)
            {
                Write(" "u8);
            }

            Write(digits[..length]);
        }
    }

    private static void WriteDigit(int digit) => SerialPort.First.Send((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));

    // As many as the largest number has.
    [InlineArray(20)]
    private struct Digits
    {
        private byte _first;
    }
}
