// Block moves and fills: called by compiled code for large struct copies, and by spans.
using System.Runtime.CompilerServices;

namespace System;

/// <summary>The three block operations that ILC 10.0 resolves in the core library.</summary>
internal static unsafe class SpanHelpers
{
    /// <summary>Sixteen bytes that the compiler copies through one register. Never larger: copies of 128 bytes and more call Memmove.</summary>
    private struct Block16
    {
        public ulong Low;
        public ulong High;
    }

    /// <summary>What is cleared with one zeroed register, stored eight times: the compiler does no more of it in line.</summary>
    private struct Block128
    {
        public Block16 First;
        public Block16 Second;
        public Block16 Third;
        public Block16 Fourth;
        public Block16 Fifth;
        public Block16 Sixth;
        public Block16 Seventh;
        public Block16 Eighth;
    }

    internal static void Memmove(ref byte destination, ref byte source, nuint byteCount)
    {
        // One unsigned comparison covers both directions: a destination inside [source, source + count) must be filled from its end.
        nuint distance = (nuint)Unsafe.ByteOffset(ref source, ref destination);
        if (distance >= byteCount)
        {
            nuint at = 0;
            for (nuint end = byteCount & ~(nuint)15; at != end; at += 16)
            {
                Unsafe.WriteUnaligned(
                    ref Unsafe.AddByteOffset(ref destination, at),
                    Unsafe.ReadUnaligned<Block16>(ref Unsafe.AddByteOffset(ref source, at)));
            }

            for (nuint end = byteCount & ~(nuint)3; at != end; at += 4)
            {
                Unsafe.WriteUnaligned(
                    ref Unsafe.AddByteOffset(ref destination, at),
                    Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref source, at)));
            }

            for (; at != byteCount; at++)
            {
                Unsafe.AddByteOffset(ref destination, at) = Unsafe.AddByteOffset(ref source, at);
            }
        }
        else if (distance != 0)
        {
            nuint left = byteCount;
            for (; left >= 16; left -= 16)
            {
                Unsafe.WriteUnaligned(
                    ref Unsafe.AddByteOffset(ref destination, left - 16),
                    Unsafe.ReadUnaligned<Block16>(ref Unsafe.AddByteOffset(ref source, left - 16)));
            }

            for (; left >= 4; left -= 4)
            {
                Unsafe.WriteUnaligned(
                    ref Unsafe.AddByteOffset(ref destination, left - 4),
                    Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref source, left - 4)));
            }

            for (; left != 0; left--)
            {
                Unsafe.AddByteOffset(ref destination, left - 1) = Unsafe.AddByteOffset(ref source, left - 1);
            }
        }
    }

    internal static void ClearWithoutReferences(ref byte destination, nuint byteCount)
    {
        // A page is less than a hundred instructions more than it has stores: every new thread's stack is cleared.
        nuint at = 0;
        for (nuint end = byteCount & ~(nuint)255; at != end; at += 256)
        {
            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref destination, at), default(Block128));
            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref destination, at + 128), default(Block128));
        }

        if ((byteCount & 128) != 0)
        {
            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref destination, at), default(Block128));
            at += 128;
        }

        for (nuint end = byteCount & ~(nuint)15; at != end; at += 16)
        {
            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref destination, at), default(Block16));
        }

        for (nuint end = byteCount & ~(nuint)3; at != end; at += 4)
        {
            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref destination, at), 0);
        }

        for (; at != byteCount; at++)
        {
            Unsafe.AddByteOffset(ref destination, at) = 0;
        }
    }

    internal static void Fill(ref byte destination, byte value, nuint byteCount)
    {
        ulong eight = ((ulong)(value * 0x01010101u) << 32) | (value * 0x01010101u);
        Block16 block;
        block.Low = eight;
        block.High = eight;

        nuint at = 0;
        for (; byteCount - at >= 16; at += 16)
        {
            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref destination, at), block);
        }

        for (; at < byteCount; at++)
        {
            Unsafe.AddByteOffset(ref destination, at) = value;
        }
    }
}

/// <summary>Holds the block move that ILC 10.0 roots for memory with references.</summary>
internal static class Buffer
{
    // Nothing here collects garbage, so a reference moves like any other bytes.
    internal static void BulkMoveWithWriteBarrier(ref byte destination, ref byte source, nuint byteCount) =>
        SpanHelpers.Memmove(ref destination, ref source, byteCount);
}
