// Integers in a stated byte order.
using System;
using System.Buffers.Binary;

namespace Ringfence.CoreLib.Cases;

public static class EndiannessCases
{
    public static bool Little_endian_writes_the_low_byte_first()
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], 0x0807_0605_0403_0201);
        return bytes.SequenceEqual((ReadOnlySpan<byte>)[0, 1, 2, 3, 4, 5, 6, 7, 8]) && BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]) == 0x0807_0605_0403_0201
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]) == 0x0403_0201 && BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]) == 0x0201
            && BinaryPrimitives.ReadInt16LittleEndian(bytes[7..]) == 0x0807;
    }

    public static bool Big_endian_writes_the_high_byte_first()
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, 0x0102_0304_0506_0708);
        return bytes.SequenceEqual((ReadOnlySpan<byte>)[1, 2, 3, 4, 5, 6, 7, 8]) && BinaryPrimitives.ReadInt64BigEndian(bytes) == 0x0102_0304_0506_0708
            && BinaryPrimitives.ReadInt32BigEndian(bytes[4..]) == 0x0506_0708 && BinaryPrimitives.ReadUInt16BigEndian(bytes) == 0x0102;
    }

    public static bool Every_width_survives_a_round_trip_in_both_orders()
    {
        Span<byte> b = stackalloc byte[8];
        BinaryPrimitives.WriteInt16BigEndian(b, -2);
        bool ok = BinaryPrimitives.ReadInt16BigEndian(b) == -2 && b[0] == 0xFF;
        BinaryPrimitives.WriteInt16LittleEndian(b, -2);
        ok = ok && BinaryPrimitives.ReadInt16LittleEndian(b) == -2 && b[0] == 0xFE;
        BinaryPrimitives.WriteUInt16BigEndian(b, 0x1234);
        ok = ok && BinaryPrimitives.ReadUInt16LittleEndian(b) == 0x3412;
        BinaryPrimitives.WriteInt32LittleEndian(b, int.MinValue + 1);
        ok = ok && BinaryPrimitives.ReadInt32LittleEndian(b) == int.MinValue + 1 && BinaryPrimitives.ReadUInt32BigEndian(b) == 0x0100_0080;
        BinaryPrimitives.WriteInt64LittleEndian(b, -3);
        ok = ok && BinaryPrimitives.ReadInt64LittleEndian(b) == -3 && BinaryPrimitives.ReadUInt64BigEndian(b) == 0xFDFF_FFFF_FFFF_FFFF;
        BinaryPrimitives.WriteUInt32BigEndian(b, 0x8000_0001);
        return ok && BinaryPrimitives.ReadUInt32BigEndian(b) == 0x8000_0001;
    }

    public static bool A_short_span_is_refused()
    {
        Span<byte> bytes = stackalloc byte[3];
        bytes.Fill(9);
        return !BinaryPrimitives.TryReadUInt32LittleEndian(bytes, out uint value) && value == 0 && !BinaryPrimitives.TryWriteInt32BigEndian(bytes, 1) && bytes[0] == 9
            && BinaryPrimitives.TryReadUInt16BigEndian(bytes, out ushort small) && small == 0x0909 && BinaryPrimitives.TryWriteUInt16BigEndian(bytes, 0x0102) && bytes[1] == 2
            && !BinaryPrimitives.TryReadInt64BigEndian(bytes, out long wide) && wide == 0;
    }

    public static bool Reversing_twice_changes_nothing() =>
        BinaryPrimitives.ReverseEndianness(Opaque.Value((ushort)0x1234)) == 0x3412 && BinaryPrimitives.ReverseEndianness(Opaque.Value(0x1234_5678u)) == 0x7856_3412
        && BinaryPrimitives.ReverseEndianness(Opaque.Value(0x0102_0304_0506_0708UL)) == 0x0807_0605_0403_0201
        && BinaryPrimitives.ReverseEndianness(BinaryPrimitives.ReverseEndianness(Opaque.Value(-123456789012L))) == -123456789012L
        && BinaryPrimitives.ReverseEndianness(Opaque.Value((short)-2)) == unchecked((short)0xFEFF) && BinaryPrimitives.ReverseEndianness(Opaque.Value(1)) == 0x0100_0000;
}
