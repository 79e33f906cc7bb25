// The stream cipher ChaCha20, written from RFC 8439. It hides what a message says; it doesn't show whether somebody changed it, for which the
// RFC adds Poly1305.

using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SharedMemory.Encryptor;

/// <summary>Encrypts and decrypts.</summary>
internal static class ChaCha20
{
    private const int BlockByteCount = 64;
    private const int BlockWordCount = BlockByteCount / 4;
    private const int DoubleRoundCount = 10;
    private const int CounterWord = 12;

    // The example in section 2.3.2 of the RFC: a key, a nonce, and the second block of their key stream.
    private static ReadOnlySpan<byte> ExampleKey =>
    [
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F,
        0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F,
    ];

    private static ReadOnlySpan<byte> ExampleNonce => [0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x4A, 0x00, 0x00, 0x00, 0x00];

    private static ReadOnlySpan<byte> ExampleStream =>
    [
        0x10, 0xF1, 0xE7, 0xE4, 0xD1, 0x3B, 0x59, 0x15, 0x50, 0x0F, 0xDD, 0x1F, 0xA3, 0x20, 0x71, 0xC4,
        0xC7, 0xD1, 0xF4, 0xC7, 0x33, 0xC0, 0x68, 0x03, 0x04, 0x22, 0xAA, 0x9A, 0xC3, 0xD4, 0x6C, 0x4E,
        0xD2, 0x82, 0x64, 0x46, 0x07, 0x9F, 0xAA, 0x09, 0x14, 0xC2, 0xD7, 0x05, 0xD9, 0x8B, 0x02, 0xA2,
        0xB5, 0x12, 0x9C, 0xD1, 0xDE, 0x16, 0x4E, 0xB9, 0xCB, 0xD0, 0x83, 0xE8, 0xA2, 0x50, 0x3C, 0x4E,
    ];

    /// <summary>Adds the key stream to the input, which encrypts plain text and decrypts cipher text.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="nonce">12 bytes that no other message under this key has.</param>
    /// <param name="firstBlock">The block of the key stream to begin with.</param>
    /// <param name="input">Any number of bytes.</param>
    /// <param name="output">As many bytes or more; apart from the input, or the same memory.</param>
    public static void Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, uint firstBlock, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<uint> state = stackalloc uint[BlockWordCount];
        Prepare(state, key, nonce, firstBlock);
        Span<uint> block = stackalloc uint[BlockWordCount];
        for (int start = 0; start < input.Length; start += BlockByteCount)
        {
            NextBlock(state, block);
            ReadOnlySpan<byte> stream = MemoryMarshal.AsBytes(block);
            int count = Math.Min(BlockByteCount, input.Length - start);
            for (int index = 0; index < count; index++)
            {
                output[start + index] = (byte)(input[start + index] ^ stream[index]);
            }
        }
    }

    /// <summary>Whether this code, as it was compiled for this machine, computes the example of the RFC.</summary>
    public static bool PassesSelfTest()
    {
        Span<byte> stream = stackalloc byte[BlockByteCount];
        stream.Clear();
        Apply(ExampleKey, ExampleNonce, 1, stream, stream);
        return stream.SequenceEqual(ExampleStream);
    }

    // "expand 32-byte k", the key, the number of the block, the nonce; words are little-endian, as this machine's are.
    private static void Prepare(Span<uint> state, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, uint firstBlock)
    {
        ReadWords("expand 32-byte k"u8, state[..4]);
        ReadWords(key, state[4..CounterWord]);
        state[CounterWord] = firstBlock;
        ReadWords(nonce, state[(CounterWord + 1)..]);
    }

    private static void ReadWords(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        for (int index = 0; index < words.Length; index++)
        {
            words[index] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(index * 4)..]);
        }
    }

    private static void NextBlock(Span<uint> state, Span<uint> block)
    {
        state.CopyTo(block);
        for (int round = 0; round < DoubleRoundCount; round++)
        {
            // Columns, then diagonals.
            for (int column = 0; column < 4; column++)
            {
                QuarterRound(ref block[column], ref block[4 + column], ref block[8 + column], ref block[12 + column]);
            }

            for (int column = 0; column < 4; column++)
            {
                QuarterRound(ref block[column], ref block[4 + ((column + 1) % 4)], ref block[8 + ((column + 2) % 4)], ref block[12 + ((column + 3) % 4)]);
            }
        }

        for (int index = 0; index < BlockWordCount; index++)
        {
            block[index] += state[index];
        }

        state[CounterWord]++;
    }

    private static void QuarterRound(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 16);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 12);
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 8);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 7);
    }
}
