// Turns the serial port's bytes into lines, whatever pieces they arrive in.

using System;
using System.Text;

namespace Ringfence.Emulation;

/// <summary>Splits a stream of bytes at line feeds; carriage returns before them are dropped and bytes that are no UTF-8 are replaced.</summary>
public sealed class GuestConsole
{
    private readonly Action<string> _onLine;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _partial = new();
    private readonly char[] _characters = new char[Encoding.UTF8.GetMaxCharCount(BlockBytes)];

    private const int BlockBytes = 4096;

    /// <summary>Creates a console that hands every line to <paramref name="onLine"/>, without its end.</summary>
    public GuestConsole(Action<string> onLine)
    {
        ArgumentNullException.ThrowIfNull(onLine);
        _onLine = onLine;
    }

    /// <summary>Number of bytes received.</summary>
    public long ByteCount { get; private set; }

    /// <summary>Takes bytes in; lines that they complete are delivered before this returns.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        ByteCount += bytes.Length;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> block = bytes[..Math.Min(bytes.Length, BlockBytes)];
            bytes = bytes[block.Length..];
            Append(_characters.AsSpan(0, _decoder.GetChars(block, _characters, flush: false)));
        }
    }

    /// <summary>Delivers a last line that had no line feed.</summary>
    public void Complete()
    {
        Append(_characters.AsSpan(0, _decoder.GetChars([], _characters, flush: true)));
        if (_partial.Length != 0)
        {
            Deliver();
        }
    }

    private void Append(ReadOnlySpan<char> characters)
    {
        while (true)
        {
            int end = characters.IndexOf('\n');
            if (end < 0)
            {
                _partial.Append(characters);
                return;
            }

            _partial.Append(characters[..end]);
            Deliver();
            characters = characters[(end + 1)..];
        }
    }

    private void Deliver()
    {
        if (_partial.Length != 0 && _partial[^1] == '\r')
        {
            _partial.Length--;
        }

        string line = _partial.ToString();
        _partial.Clear();
        _onLine(line);
    }
}
