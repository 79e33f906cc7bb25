// The kernel's own voice: bytes to the first serial port. They wait in a buffer for the port's interrupt; before there are interrupts, when the buffer is full, and in a
// panic the port is polled.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>Writes text and numbers to the console. A caller that wants a line in one piece has interrupts off.</summary>
public static class KernelConsole
{
    /// <summary>Bytes that can wait; a power of two.</summary>
    public const int BufferByteCount = 1024;

    private static Buffer s_bytes;
    private static TransmitBuffer s_buffer;
    private static bool s_isBuffered;

    /// <summary>Sets the port up. Before it, output is lost.</summary>
    public static void Initialize() => SerialPort.First.Initialize();

    /// <summary>
    /// From now on what is written waits in a buffer for the port's interrupt, so that nobody has interrupts off for as long as the line takes. Called once,
    /// when interrupts can be served. A machine without the port stays without the buffer.
    /// </summary>
    public static void StartBuffering()
    {
        if (SerialPort.First.IsPresent)
        {
            s_buffer = new TransmitBuffer(SerialPort.First, KernelMemory.AddressOf(ref s_bytes), BufferByteCount);
            s_isBuffered = true;
            InterruptController.Unmask(SerialPort.FirstLine);
        }
    }

    /// <summary>Sends what waits, and from now on everything, by polling: the machine is about to end, by a panic perhaps.</summary>
    public static void StopBuffering()
    {
        bool enabled = Processor.DisableInterrupts();
        Flush();
        s_isBuffered = false;
        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>Bytes that wait.</summary>
    public static uint WaitingByteCount => s_isBuffered ? s_buffer.Count : 0;

    /// <summary>Sends what waits by polling; no interrupt of the port's comes after it until something is written.</summary>
    public static void Flush()
    {
        bool enabled = Processor.DisableInterrupts();
        if (s_isBuffered)
        {
            SerialPort.First.EnableInterrupts(received: false, transmitterEmpty: false);
            s_buffer.Stop();
            while (!s_buffer.IsEmpty)
            {
                s_buffer.SendOldest();
            }
        }

        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>
    /// Lets the current thread wait until so many bytes can be written without polling; at most <see cref="BufferByteCount"/>. A console that nobody takes the
    /// bytes from holds it up for a second and no longer.
    /// </summary>
    public static void WaitForRoom(uint byteCount)
    {
        ulong end = Clock.Ticks + ImageTable.Description.TickFrequencyHertz;
        while (s_isBuffered && s_buffer.RoomByteCount < byteCount && Clock.Ticks < end)
        {
            ThreadLifecycle.Sleep(1);
        }
    }

    /// <summary>Serves an interrupt; false if it is of another line.</summary>
    public static bool Serve(int line)
    {
        if (line != SerialPort.FirstLine || !s_isBuffered)
        {
            return false;
        }

        s_buffer.Transmit();
        SerialPort.First.AcknowledgeStatus();
        SerialPort.First.EnableInterrupts(received: false, s_buffer.IsTransmitting);
        return true;
    }

    /// <summary>Writes bytes as they are, a line feed as carriage return and line feed.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        bool enabled = Processor.DisableInterrupts();
        ReadOnlySpan<byte> rest = text;
        while (true)
        {
            int lineLength = FindLineFeed(rest);
            Put(rest[..lineLength]);
            if (lineLength == rest.Length)
            {
                break;
            }

            Put("\r\n"u8);
            rest = rest[(lineLength + 1)..];
        }

        if (s_isBuffered && !s_buffer.IsTransmitting && s_buffer.Transmit())
        {
            SerialPort.First.EnableInterrupts(received: false, transmitterEmpty: true);
        }

        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>Writes bytes and ends the line.</summary>
    public static void WriteLine(ReadOnlySpan<byte> text)
    {
        Write(text);
        Write("\n"u8);
    }

    /// <summary>Writes <c>0x</c> and all digits of a pointer-sized value.</summary>
    public static void WriteHexadecimal(nuint value) => WriteHexadecimal(value, leadingZeroes: true);

    /// <summary>Writes <c>0x</c> and the digits of a value, without leading zeroes.</summary>
    public static void WriteShortHexadecimal(nuint value) => WriteHexadecimal(value, leadingZeroes: false);

    /// <summary>Writes an unsigned number.</summary>
    public static void WriteDecimal(ulong value) => WriteDecimalPadded(value, 0);

    /// <summary>Writes a signed number.</summary>
    public static void WriteDecimal(int value)
    {
        if (value < 0)
        {
            Write("-"u8);
        }

        WriteDecimal((ulong)(value < 0 ? 0u - (uint)value : (uint)value));
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
        int start = digits.Length;
        do
        {
            digits[--start] = (byte)('0' + DivideByTen(ref value));
        }
        while (value != 0);

        for (int column = digits.Length - start; column < width; column++)
        {
            Write(" "u8);
        }

        Write(digits[start..]);
    }

    // In three steps of 32 bits, so that a kernel for IA-32, which has no other use for it, needs no division of 64 bits. Returns the remainder.
    private static uint DivideByTen(ref ulong value)
    {
        uint small = (uint)value;
        if (value == small)
        {
            value = small / 10;
            return small - ((uint)value * 10);
        }

        uint high = (uint)(value >> 32) / 10;
        uint rest = (uint)(value >> 32) - (high * 10);
        uint upper = (rest << 16) | ((uint)value >> 16);
        uint middle = upper / 10;
        uint lower = ((upper - (middle * 10)) << 16) | ((uint)value & ushort.MaxValue);
        uint low = lower / 10;
        value = ((ulong)high << 32) | (middle << 16) | low;
        return lower - (low * 10);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteHexadecimal(nuint value, bool leadingZeroes)
    {
        Write("0x"u8);
        for (int shift = (nuint.Size * 8) - 4; shift >= 0; shift -= 4)
        {
            int digit = (int)(value >> shift) & 15;
            leadingZeroes |= digit != 0 || shift == 0;
            if (leadingZeroes)
            {
                byte character = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
                Write(new ReadOnlySpan<byte>(ref character));
            }
        }
    }

    // The index of the first line feed, or the length if there is none. Four bytes at a time: where one is a line feed, a byte of the difference is 0, and taking 1 from each sets a top bit. Other bytes beyond ASCII may set one, too; from
    // there on it goes byte by byte.
    private static int FindLineFeed(ReadOnlySpan<byte> text)
    {
        ref byte first = ref MemoryMarshal.GetReference(text);
        int index = 0;
        for (int end = text.Length & ~(sizeof(uint) - 1); index != end; index += sizeof(uint))
        {
            if ((((Unsafe.ReadUnaligned<uint>(in Unsafe.Add(ref first, index)) ^ 0x0A0A0A0A) - 0x01010101) & 0x80808080) != 0)
            {
                break;
            }
        }

        while (index != text.Length && text[index] != (byte)'\n')
        {
            index++;
        }

        return index;
    }

    private static void Put(ReadOnlySpan<byte> piece)
    {
        if (!s_isBuffered)
        {
            SerialPort.First.Send(piece);
            return;
        }

        while (!piece.IsEmpty)
        {
            if (s_buffer.RoomByteCount == 0)
            {
                s_buffer.SendOldest();
            }

            Span<byte> room = s_buffer.Room;
            int count = room.Length < piece.Length ? room.Length : piece.Length;
            piece[..count].CopyTo(room);
            s_buffer.Append((uint)count);
            piece = piece[count..];
        }
    }

    // As many as the largest number has.
    [InlineArray(20)]
    private struct Digits
    {
        private byte _first;
    }

    [InlineArray(BufferByteCount)]
    private struct Buffer
    {
        private byte _first;
    }
}
