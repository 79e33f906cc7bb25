// What the C# compiler builds from an interpolated string that is given to Terminal.

using System;
using System.Runtime.CompilerServices;

namespace Ringfence.App;

/// <summary>Text under construction, on the stack of the caller. When the buffer is full it is written and filled anew: nothing is cut off.</summary>
[InterpolatedStringHandler]
public ref struct TerminalText
{
    /// <summary>Bytes that are written in one piece.</summary>
    public const int BufferByteCount = 120;

    private Buffer _buffer;
    private int _length;

    /// <summary>Starts empty. The compiler passes sizes that this handler doesn't need.</summary>
    /// <param name="literalLength">Characters of literal text.</param>
    /// <param name="formattedCount">Values between them.</param>
    public TerminalText(int literalLength, int formattedCount)
    {
        _ = literalLength;
        _ = formattedCount;
    }

    /// <summary>Adds literal text. Characters beyond ASCII become question marks; give them as UTF-8 literals.</summary>
    public void AppendLiteral(string value)
    {
        for (int index = 0; index < value.Length; index++)
        {
            char character = value[index];
            AppendByte(character < 0x80 ? (byte)character : (byte)'?');
        }
    }

    /// <summary>Adds UTF-8 text as it is.</summary>
    public void AppendFormatted(scoped ReadOnlySpan<byte> value)
    {
        for (int index = 0; index < value.Length; index++)
        {
            AppendByte(value[index]);
        }
    }

    /// <summary>Adds a number, formatted as .NET does: <c>{value:X8}</c>, <c>{value:D3}</c>.</summary>
    public void AppendFormatted(int value, ReadOnlySpan<char> format = default)
    {
        Span<byte> digits = stackalloc byte[32];
        if (value.TryFormat(digits, out int length, format))
        {
            AppendFormatted(digits[..length]);
        }
    }

    /// <inheritdoc cref="AppendFormatted(int, ReadOnlySpan{char})"/>
    public void AppendFormatted(uint value, ReadOnlySpan<char> format = default)
    {
        Span<byte> digits = stackalloc byte[32];
        if (value.TryFormat(digits, out int length, format))
        {
            AppendFormatted(digits[..length]);
        }
    }

    /// <inheritdoc cref="AppendFormatted(int, ReadOnlySpan{char})"/>
    public void AppendFormatted(long value, ReadOnlySpan<char> format = default)
    {
        Span<byte> digits = stackalloc byte[32];
        if (value.TryFormat(digits, out int length, format))
        {
            AppendFormatted(digits[..length]);
        }
    }

    /// <inheritdoc cref="AppendFormatted(int, ReadOnlySpan{char})"/>
    public void AppendFormatted(ulong value, ReadOnlySpan<char> format = default)
    {
        Span<byte> digits = stackalloc byte[32];
        if (value.TryFormat(digits, out int length, format))
        {
            AppendFormatted(digits[..length]);
        }
    }

    /// <summary>Adds <c>True</c> or <c>False</c>.</summary>
    public void AppendFormatted(bool value) => AppendFormatted(value ? "True"u8 : "False"u8);

    internal void AppendByte(byte value)
    {
        if (_length == BufferByteCount)
        {
            Flush();
        }

        _buffer[_length++] = value;
    }

    internal void Flush()
    {
        int length = _length;
        _length = 0;
        Terminal.Write(((ReadOnlySpan<byte>)_buffer)[..length]);
    }

    [InlineArray(BufferByteCount)]
    private struct Buffer
    {
        private byte _first;
    }
}
