// Text for people: bytes to the machine's console.

using System;
using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>
/// The console of the machine. Not <c>System.Console</c>: text is UTF-8, and an interpolated string is formatted into a buffer on the
/// stack, without a heap.
/// </summary>
public static unsafe class Terminal
{
    /// <summary>Writes bytes as they are.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        fixed (byte* start = text)
        {
            SystemCalls.WriteConsole((nint)start, text.Length);
        }
    }

    /// <summary>Writes a line in one piece: lines of several threads don't mix, unless they are longer than <see cref="TerminalText.BufferByteCount"/>.</summary>
    public static void WriteLine(ReadOnlySpan<byte> text)
    {
        TerminalText line = new(0, 0);
        line.AppendFormatted(text);
        WriteLine(ref line);
    }

    /// <summary>Writes an interpolated string: <c>Terminal.Write($"{done} of {all}")</c>.</summary>
    public static void Write(ref TerminalText text) => text.Flush();

    /// <summary>Writes an interpolated string and ends the line: <c>Terminal.WriteLine($"{done} of {all}")</c>.</summary>
    public static void WriteLine(ref TerminalText text)
    {
        text.AppendByte((byte)'\n');
        text.Flush();
    }
}
